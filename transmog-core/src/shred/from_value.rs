//! Puts values in memory into columns, by the same rules: the exact path. What both paths share of
//! arrays is here too.

use arrow_schema::DataType;

use super::{Item, Place, Shredder};
use crate::{
    base::{ErrorKind, Result},
    config::{ArrayMode, Cast, EmptyText, Nulls, TooDeep, Treatment},
    plan::Room,
    types::Kinds,
    value::{Scalar, Value},
};

impl Shredder {
    /// Takes a record.
    pub(super) fn walk_record(&mut self, record: &Value) -> Result<()> {
        if let Some(found) = record.found() {
            return Err(ErrorKind::NotAnObject {
                found: found.into(),
            }
            .into());
        }
        let place = self.main_place();
        let mut fields = record;
        while let Value::Faulty(faulty) = fields {
            self.shape.mark_row(place.node, place.row, &faulty.message);
            fields = &faulty.rest;
        }
        self.walk_fields(place, fields);
        self.make_main_id_of_taken(fields);
        self.put_kept(0);
        self.violations.check()
    }

    fn walk_fields(&mut self, place: Place, object: &Value) {
        let Value::Object(fields) = object else {
            return;
        };
        if fields.is_empty() {
            self.note_empty_object(place);
        }
        let stamp = self.next_stamp();
        let mut next = 0;
        for (key, value) in fields {
            // A map has no key twice.
            if let Some(node) = self.shape.field(place.node, key, &mut next, stamp) {
                self.walk(Place { node, ..place }, value);
            }
        }
    }

    /// The scalar, or null if it is not finite and the settings take that for null. Only values in
    /// memory can be so.
    pub(super) fn finite<'v>(&self, scalar: Scalar<'v>) -> Scalar<'v> {
        match scalar {
            Scalar::Float(value) if self.plan.settings.nan_is_null && !value.is_finite() => {
                Scalar::Null
            }
            other => other,
        }
    }

    pub(super) fn walk(&mut self, place: Place, value: &Value) {
        let treatment = self.shape.treatment(place.node);
        if treatment == Treatment::PLAIN {
            return self.walk_plain(place, value);
        }
        if treatment.counted {
            self.count_value(place.node, value.readable().is_object());
        }
        if treatment.takes_all() {
            self.walk_plain(place, value);
        } else {
            self.walk_treated(place, value);
        }
    }

    pub(super) fn walk_plain(&mut self, place: Place, value: &Value) {
        if let Some(scalar) = value.scalar() {
            let scalar = self.finite(scalar);
            return self.put(place, scalar);
        }
        match value {
            Value::Faulty(faulty) => {
                self.shape.mark_row(place.node, place.row, &faulty.message);
                self.lose(&faulty.rest);
                self.walk_plain(place, &faulty.rest);
            }
            Value::Object(_) if !place.too_deep_for_object() => {
                let Place { depth, level, .. } = place;
                self.walk_fields(
                    Place {
                        depth: depth + 1,
                        level: level + 1,
                        ..place
                    },
                    value,
                );
            }
            Value::Array(_) => self.walk_array(place, value),
            _ => self.put_too_deep(place, value),
        }
    }

    /// Takes an array by the array mode.
    pub(super) fn walk_array(&mut self, place: Place, array: &Value) {
        self.walk_array_as(self.plan.settings.array_mode, place, array);
    }

    pub(super) fn walk_array_as(&mut self, mode: ArrayMode, place: Place, array: &Value) {
        let Value::Array(items) = array else { return };
        if items.is_empty() {
            return self.note_empty_array(place);
        }
        if self.array_too_deep(place) {
            return self.put_too_deep(place, array);
        }
        match mode {
            ArrayMode::Separate => self.walk_items(place, items),
            ArrayMode::Keep => {
                if let Some(json) = self.json(place, array) {
                    self.kept.push((place, json));
                }
                self.walk_items(place, items);
            }
            ArrayMode::Inline => self.put_json(place, array),
            ArrayMode::Skip => {
                self.count_below(place, array);
                self.exclude(array.leaves());
            }
            ArrayMode::Smart if items.iter().any(Value::is_object) => {
                self.walk_items(place, items);
            }
            ArrayMode::Smart => self.put_list(place, array, items),
        }
    }

    /// Notes what is wrong within a value that becomes one cell.
    pub(super) fn mark_faults(&mut self, place: Place, value: &Value) {
        let shape = &mut self.shape;
        value.each_fault(&mut |message| shape.mark_row(place.node, place.row, message));
    }

    /// Puts an array without objects into its cell: a list if its items are scalars, else JSON
    /// text.
    fn put_list(&mut self, place: Place, array: &Value, items: &[Value]) {
        if self.shape.treatment(place.node).way {
            return self.put_json(place, array);
        }
        let mut nearest = 0;
        let scalars = items.iter().map(|item| {
            let exact = self.finite(item.readable().scalar()?);
            let scalar = self.nearest(place, Kinds::LIST, exact);
            let is_nearest = matches!((exact, scalar), (Scalar::Number(_), Scalar::Float(_)));
            nearest += usize::from(is_nearest);
            Some(scalar)
        });
        let Some(scalars) = scalars.collect::<Option<Vec<_>>>() else {
            return self.put_json(place, array);
        };
        self.mark_faults(place, array);
        if self.plan.settings.cast == Cast::Off {
            self.note_json(place);
            let kinds = scalars.iter().map(Scalar::kind);
            let kinds = kinds.fold(Kinds::NONE, Kinds::join);
            if Kinds::LIST.data_type(kinds) == DataType::Utf8 {
                // It is JSON text whatever the column holds, so that its numbers can stay as
                // written.
                let written = items.iter().map(|item| self.finite(item.written()));
                return self.push_list(place, &written.collect::<Vec<_>>());
            }
            self.count_nearest(place, nearest);
            return self.push_list(place, &scalars);
        }
        self.count_nearest(place, nearest);
        self.note_literal(place, array);
        let spelled: Vec<Value> = scalars.iter().map(|scalar| self.spelled(*scalar)).collect();
        let scalars: Vec<Scalar<'_>> = spelled.iter().filter_map(Value::scalar).collect();
        self.push_list(place, &scalars);
    }

    fn spelled(&self, scalar: Scalar<'_>) -> Value {
        if let Scalar::Null = scalar {
            return Value::Null;
        }
        let mut cell = Vec::new();
        self.spell(scalar, &mut cell);
        Value::Text(String::from_utf8(cell).unwrap_or_default()) // Only text was written.
    }

    fn walk_items(&mut self, place: Place, items: &[Value]) {
        if let Some(breach) = self.shape.refused(place.node)
            && items.iter().any(|item| self.makes_row(item))
        {
            return self.unknown_table(place, breach, items);
        }
        let mut item = self.first_item(place);
        for value in items {
            self.walk_item(item, value);
            item.index += 1;
        }
    }

    pub(super) fn walk_item(&mut self, item: Item, value: &Value) {
        if let Value::Faulty(faulty) = value {
            return self.walk_faulty_item(item, &faulty.message, &faulty.rest);
        }
        if let Some(scalar) = value.scalar() {
            let scalar = self.finite(scalar);
            return self.put_item(item, scalar);
        }
        match value {
            Value::Array(_) => self.put_inner_array(item, value),
            Value::Object(_) if item.level < item.limit => {
                if !self.skips(item, value) {
                    let (place, kept) = (self.item_place(item), self.kept.len());
                    self.walk_fields(place, value);
                    self.put_kept(kept);
                }
            }
            _ => self.put_item_too_deep(item, value),
        }
    }

    /// True, and counted, if an item is `{}` or `[]` and such are left out.
    pub(super) fn skips(&mut self, item: Item, value: &Value) -> bool {
        let skips = value.is_empty_container() && self.plan.settings.skip_empty_items;
        self.exclude(u64::from(skips));
        if skips {
            self.note_no_row(item, value);
        }
        skips
    }

    /// Makes a row of what could be read of an item; if that is nothing, a row of the table of
    /// errors.
    fn walk_faulty_item(&mut self, item: Item, message: &str, rest: &Value) {
        let is_nothing = matches!(rest, Value::Null) || rest.is_empty_container();
        let item = if is_nothing {
            let table = self.shape.errors_table(item.table);
            Item { table, ..item }
        } else {
            item
        };
        let place = self.item_place(item);
        self.shape.mark_row(place.node, place.row, message);
        self.lose(rest);
        match rest {
            _ if is_nothing => {}
            Value::Object(_) if item.level < item.limit => {
                let kept = self.kept.len();
                self.walk_fields(place, rest);
                self.put_kept(kept);
            }
            _ => match rest.scalar() {
                Some(_) if item.way => self.exclude(rest.leaves()),
                Some(scalar) => self.put(place, scalar),
                None => self.put_json(place, rest),
            },
        }
    }

    /// Makes a row of a scalar item, in the column of the item itself.
    pub(super) fn put_item(&mut self, item: Item, value: Scalar<'_>) {
        match value {
            Scalar::Null if self.plan.settings.nulls == Nulls::Drop => {
                self.note_no_row(item, &Value::Null);
            }
            _ if item.way => {
                self.item_place(item);
                self.exclude(u64::from(!matches!(value, Scalar::Null)));
            }
            Scalar::Null => {
                // An item that is null keeps its row, whatever nulls of fields become.
                let place = self.item_place(item);
                if self.notes.is_some() {
                    self.note_scalar(place, Scalar::Null);
                }
                // The row says by its number that there was an item, so a schema need not have a
                // column for it.
                if !matches!(self.shape.room(place.node), Room::Unknown(_)) {
                    self.push(place, Scalar::Null);
                }
            }
            Scalar::Text("") if self.plan.settings.empty_text == EmptyText::Drop => {
                self.exclude(1);
                self.note_no_row(item, &Value::Text(String::new()));
            }
            _ => {
                let place = self.item_place(item);
                self.put(place, value);
            }
        }
    }

    /// Makes a row of an array in an array: it is not opened, its JSON text is the value.
    pub(super) fn put_inner_array(&mut self, item: Item, value: &Value) {
        if self.skips(item, value) {
            return;
        }
        let place = self.item_place(item);
        self.put_json(place, value);
    }

    /// Takes an object or array that lies deeper than the settings allow for columns and tables.
    pub(super) fn put_too_deep(&mut self, place: Place, value: &Value) {
        if value.is_empty_container() {
            return self.note_empty(place, value);
        }
        match self.plan.settings.too_deep {
            TooDeep::Json => self.put_json(place, value),
            TooDeep::Drop | TooDeep::DropPerItem => {
                self.count_below(place, value);
                self.exclude(value.leaves());
            }
        }
    }

    /// Makes a row of an item that is an object and too deep.
    pub(super) fn put_item_too_deep(&mut self, item: Item, value: &Value) {
        if self.skips(item, value) {
            return;
        }
        let place = self.item_place(item);
        self.put_too_deep(place, value);
    }
}
