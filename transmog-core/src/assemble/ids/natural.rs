//! Makes the id column of a table with natural ids, and what its child rows point at.

use arrow_array::{StringArray, builder::StringBuilder};
use arrow_schema::DataType;

use super::random::RandomIds;
use crate::{
    arrow::{Cells, check_total_bytes},
    base::Result,
    catalog::{Choice, Repeats},
    column::{Column, SealedColumn},
    shred::ShreddedTable,
    types::Detection,
    value::Scalar,
};

/// Random ids for the rows that have no natural one, null for the others; and what child rows point
/// at, natural or not.
pub(crate) fn columns(
    table: &ShreddedTable,
    choice: &Choice,
    random: &mut RandomIds,
    detection: Detection,
    repeats: &mut Repeats,
) -> Result<(StringArray, SealedColumn)> {
    count_repeats(table, choice, repeats)?;
    let first = choice.0.first().copied().unwrap_or(Choice::NONE);
    if first != Choice::NONE && choice.0.iter().all(|choice| *choice == first) {
        let natural = &table.columns[first as usize].values;
        if !matches!(natural.data_type(), DataType::List(_)) {
            return Ok((StringArray::new_null(table.rows), natural.clone()));
        }
    }
    let columns = table.columns.iter().map(|column| &column.values);
    let columns: Vec<(&SealedColumn, Cells<'_>)> = columns
        .map(|values| Ok((values, values.cells()?)))
        .collect::<Result<_>>()?;
    let mut own = StringBuilder::new();
    let mut link = Column::default();
    let mut spelled = String::new();
    for (row, choice) in choice.0.iter().enumerate() {
        let chosen = columns.get(*choice as usize);
        let chosen = chosen.and_then(|(values, cells)| Some((cells, values.place(row)?)));
        let scalar = if let Some((cells, place)) = chosen {
            own.append_null();
            cells.scalar(place, &mut spelled)
        } else {
            spelled = random.next_text();
            own.append_value(&spelled);
            Scalar::Text(&spelled)
        };
        // Its journal is for records that are taken back, and this row is final.
        drop(link.push(row, scalar));
    }
    Ok((own.finish(), link.seal(table.rows, detection)?))
}

/// Takes the natural ids of rows. They are compared as text, because those of several types meet in
/// a column of text; 2 and 2.0 are one id, because integers and floats meet in a column of floats.
fn count_repeats(table: &ShreddedTable, choice: &Choice, repeats: &mut Repeats) -> Result<()> {
    let mut text = Vec::new();
    let mut of_column: Option<(u32, &SealedColumn, Cells<'_>)> = None;
    for (row, chosen) in choice.0.iter().enumerate() {
        let Some(column) = table.columns.get(*chosen as usize) else {
            continue;
        };
        let (values, cells) = match &of_column {
            Some((position, values, cells)) if position == chosen => (*values, cells),
            _ => {
                let (_, values, cells) =
                    of_column.insert((*chosen, &column.values, column.values.cells()?));
                (&**values, &*cells)
            }
        };
        if let Some(place) = values.place(row) {
            text.clear();
            cells.write_text(place, &mut text);
            let is_float = *values.data_type() == DataType::Float64;
            let whole = text.strip_suffix(b".0").filter(|_| is_float);
            repeats.take(whole.unwrap_or(&text));
        }
    }
    Ok(())
}

/// For each child row what it points at.
pub(crate) fn links(link: &SealedColumn, parent_rows: &[u32]) -> Result<SealedColumn> {
    let places = parent_rows.iter().map(|row| link.place(*row as usize));
    let places: Vec<Option<usize>> = places.collect();
    check_total_bytes(link.text_bytes(places.iter().flatten()))?; // Before anything is copied.
    let cells = link.cells()?;
    let mut links = Column::default();
    let mut spelled = String::new();
    for (row, place) in places.into_iter().enumerate() {
        let scalar = place.map_or(Scalar::Null, |place| cells.scalar(place, &mut spelled));
        drop(links.push(row, scalar));
    }
    // What was detected is spelled on its way.
    links.seal(parent_rows.len(), Detection::of(link.kinds))
}
