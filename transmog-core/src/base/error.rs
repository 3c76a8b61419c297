//! Defines the error type of this crate: what is wrong with the data or the settings, and where.

use std::{borrow::Cow, fmt};

use super::{count::counted, location::Location};

/// A failure while turning records into rows. One word wide, so that `Result` stays small.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    at: Location,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not JSON.
    #[error("invalid JSON: {message}")]
    Syntax {
        /// The parser's own words.
        message: String,
    },
    /// The bytes are not UTF-8, or an escape names half of a character.
    #[error("invalid text: {message}")]
    Text {
        /// What exactly is wrong.
        message: String,
    },
    /// A record must be an object.
    #[error("expected an object, found {found}")]
    NotAnObject {
        /// What stands there instead.
        found: Cow<'static, str>,
    },
    /// `NaN`, `Infinity` or `-Infinity`, which JSON cannot hold.
    #[error("{token} is not a JSON number")]
    NotFinite {
        /// The token as written.
        token: String,
    },
    /// A row of a CSV input has more cells than there are columns.
    #[error("{}, but only {}{advice}", counted(*found, "cell"), counted(*columns, "column"))]
    TooManyCells {
        /// Cells in the row.
        found: usize,
        /// Columns of the input.
        columns: usize,
        /// What was assumed and may be wrong.
        advice: String,
    },
    /// A row of a CSV input has fewer cells than there are columns, and the settings make that an
    /// error.
    #[error("only {found} of {columns} cells")]
    TooFewCells {
        /// Cells in the row.
        found: usize,
        /// Columns of the input.
        columns: usize,
    },
    /// A quote in a CSV input opens and never closes.
    #[error("a quote is opened and never closed{advice}")]
    OpenQuote {
        /// What may be meant.
        advice: &'static str,
    },
    /// A cell of a CSV input goes on after its closing quote.
    #[error("text after a closing quote: {found:?}{advice}")]
    TextAfterQuote {
        /// How the text begins.
        found: String,
        /// What may be meant.
        advice: &'static str,
    },
    /// Compressed data is cut off or corrupt, so that the text that comes out of it ends too early.
    #[error("{message}")]
    Compressed {
        /// What is wrong with it.
        message: String,
    },
    /// A value that a column of its type cannot hold.
    #[error(
        "column {column} is {expected} {given}, found {found}{}",
        advice(expected)
    )]
    Misfit {
        /// The column's keys in its row.
        column: String,
        /// The word for the column's type.
        expected: String,
        /// What gives the column its type.
        given: &'static str,
        /// What the value is.
        found: String,
    },
    /// A column that the given schema does not have.
    #[error("column {column} is not in the schema")]
    UnknownColumn {
        /// The column's keys in its row.
        column: String,
    },
    /// A table that the given schema does not have.
    #[error("table {table} is not in the schema")]
    UnknownTable {
        /// The keys of its array.
        table: String,
    },
    /// The records path names nothing, or something that holds no records.
    #[error("no records at {pointer:?}: {reason}")]
    NoRecords {
        /// The JSON pointer asked for.
        pointer: String,
        /// What is there instead.
        reason: String,
    },
    /// A value of the caller's cannot be made JSON.
    #[error("cannot serialise the value: {message}")]
    NotSerialisable {
        /// The serialiser's own words.
        message: String,
    },
    /// Something is wrong with a record whose first rows have been written before it was read to
    /// its end.
    #[error(
        "{reason}; rows of this record have been written already, so it cannot be left out: mend the input"
    )]
    PartlyWritten {
        /// What is wrong.
        reason: Box<ErrorKind>,
    },
    /// One record (or one chunk) is larger than can be held.
    #[error("a record of {} is too large (limit {limit})", counted(*bytes, "byte"))]
    RecordTooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The largest size in bytes.
        limit: u64,
    },
    /// A record is larger than the settings allow.
    #[error(
        "a record of {}, and `max_record_bytes` is {limit}; if nothing is wrong with it, raise `max_record_bytes`",
        counted(*bytes, "byte")
    )]
    RecordOverLimit {
        /// Its size in bytes.
        bytes: u64,
        /// The largest size in bytes.
        limit: u64,
    },
    /// There are more tables than the settings allow.
    #[error(
        "table {table} would be one more than `max_tables` allows, which is {limit}; raise it if the data needs more tables, or keep \
         what stands there in the row as JSON text (`json_path`)"
    )]
    TooManyTables {
        /// The keys of its array.
        table: String,
        /// Most tables.
        limit: usize,
    },
    /// The names of tables and columns take more memory than is sensible.
    #[error(
        "with table {table}, the names of tables and columns have more than {limit} bytes, as long keys in many levels give \
         them; take less of the input, or keep what is deep in the row as JSON text"
    )]
    TooLongNames {
        /// A table whose name or columns are the last of them.
        table: String,
        /// Most bytes of names.
        limit: usize,
    },
    /// More records are bad than the settings allow.
    #[error(
        "{bad} of {} {} bad, and `max_rejects` is {limit}; nothing is written. The first of them:\n  {}",
        counted(*records, "record"),
        if *bad == 1 { "is" } else { "are" },
        first.join("\n  ")
    )]
    TooManyRejects {
        /// Records that were left out or kept in part so far.
        bad: u64,
        /// Records so far.
        records: u64,
        /// What the settings allow.
        limit: String,
        /// The first of these problems, with their places.
        first: Vec<String>,
    },
    /// A line of a rejects file that is none.
    #[error(
        "this is no entry of a rejects file: {reason}; mend the line, or read the file in another input format"
    )]
    NotAReject {
        /// What is missing or wrong.
        reason: String,
    },
    /// What stands in a rejects file is not the record itself, so that it cannot be read again.
    #[error("this reject cannot be read again: {reason}")]
    RawUnread {
        /// What stands there, and what to do.
        reason: String,
    },
    /// A setting that makes no sense.
    #[error("setting {name}: {reason}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// Rules that applied to nothing, where the settings take that for an error.
    #[error("rules met nothing, so nothing is written:\n  {}", rules.join("\n  "))]
    RulesMetNothing {
        /// A sentence about each.
        rules: Vec<String>,
    },
    /// Rules that would have to have something to be judged by, where the settings take them
    /// seriously.
    #[error(
        "no records: rules are not checked, and with `strict_rules` that is an error, so nothing is written"
    )]
    RulesNotChecked,
    /// Rules whose paths are names of columns or tables, and that applied to nothing.
    #[error("{}; nothing is written", rules.join(";\n  "))]
    RulesNameColumns {
        /// A sentence about each.
        rules: Vec<String>,
    },
    /// Nothing that is selected is a column.
    #[error("what is selected leaves no column, so nothing is written:\n  {}", rules.join("\n  "))]
    NothingSelected {
        /// A sentence about each rule that selects.
        rules: Vec<String>,
    },
    /// No row has what ids are to be made of.
    #[error(
        "no row has a column {column:?}, which ids are to be made of{}; name a column as the tables call it (customer_id), \
         or by its path in the row (customer.id)",
        suggestion.as_ref().map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
    )]
    NoIdColumn {
        /// What was asked for.
        column: String,
        /// The name or path of a column that may have been meant.
        suggestion: Option<String>,
    },
    /// Rows that were made apart do not go into one table.
    #[error("table {table:?}: {reason}")]
    Union {
        /// Name of the table.
        table: String,
        /// What does not fit, and what would.
        reason: String,
    },
    /// Tables do not go together into records.
    #[error("table {table:?} cannot be put back into records: {reason}")]
    Rebuild {
        /// Name of the table.
        table: String,
        /// What does not fit, and what would.
        reason: String,
    },
    /// Two paths would have the same name, and the settings do not allow that.
    #[error(
        "{first} and {second} would both be called {name:?}; rename one of them, or use `naming=suffix`"
    )]
    SameName {
        /// The name.
        name: String,
        /// What has it.
        first: String,
        /// What came later.
        second: String,
    },
    /// The ledger does not add up: a fault of this program, not of the data.
    #[error(
        "the ledger does not add up at table {table:?}, column {column:?}: {read} values read, {written} cells \
         written; please report this"
    )]
    Ledger {
        /// Name of the table.
        table: String,
        /// Name of the column.
        column: String,
        /// Values that the shredder took.
        read: u64,
        /// Cells that were handed to the writer.
        written: u64,
    },
    /// An assumption of this program broke.
    #[error("internal error: {message}; please report this")]
    Internal {
        /// Which one.
        message: String,
    },
}

/// What a type takes whose name does not say so, and what to do about other values.
fn advice(expected: &str) -> &'static str {
    match expected {
        "decimal" => {
            "; decimal takes integers of up to 38 digits, text keeps all digits of any number"
        }
        _ => "",
    }
}

impl ErrorKind {
    /// One word for it, for counts and for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "syntax",
            Self::Text { .. } => "text",
            Self::NotAnObject { .. } => "not_an_object",
            Self::NotFinite { .. } => "not_finite",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::TooFewCells { .. } => "too_few_cells",
            Self::OpenQuote { .. } => "open_quote",
            Self::TextAfterQuote { .. } => "text_after_quote",
            Self::Compressed { .. } => "compressed",
            Self::Misfit { .. } => "misfit",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnknownTable { .. } => "unknown_table",
            Self::NoRecords { .. } => "no_records",
            Self::NotSerialisable { .. } => "not_serialisable",
            Self::PartlyWritten { reason } => reason.word(),
            Self::RecordTooLarge { .. } | Self::RecordOverLimit { .. } => "too_large",
            Self::TooManyTables { .. } => "too_many_tables",
            Self::TooLongNames { .. } => "too_long_names",
            Self::TooManyRejects { .. } => "too_many_rejects",
            Self::NotAReject { .. } => "not_a_reject",
            Self::RawUnread { .. } => "raw_unread",
            Self::Union { .. } => "union",
            Self::Rebuild { .. } => "rebuild",
            Self::Setting { .. } => "setting",
            Self::RulesMetNothing { .. } => "rules_met_nothing",
            Self::RulesNotChecked => "rules_not_checked",
            Self::RulesNameColumns { .. } => "rules_name_columns",
            Self::NothingSelected { .. } => "nothing_selected",
            Self::NoIdColumn { .. } => "no_id_column",
            Self::SameName { .. } => "same_name",
            Self::Ledger { .. } => "ledger",
            Self::Internal { .. } => "internal",
        }
    }
}

/// Result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error at a place.
    pub fn new(kind: ErrorKind, at: Location) -> Self {
        Self(Box::new(Inner { kind, at }))
    }

    /// An assumption of this program broke.
    pub fn internal(message: impl Into<String>) -> Self {
        ErrorKind::Internal {
            message: message.into(),
        }
        .into()
    }

    /// Tables that do not go together into records.
    pub fn rebuild(table: &str, reason: impl Into<String>) -> Self {
        ErrorKind::Rebuild {
            table: table.to_owned(),
            reason: reason.into(),
        }
        .into()
    }

    /// A setting that makes no sense.
    pub fn setting(name: &'static str, reason: impl Into<String>) -> Self {
        ErrorKind::Setting {
            name,
            reason: reason.into(),
        }
        .into()
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where it went wrong.
    pub fn location(&self) -> &Location {
        &self.0.at
    }

    /// Fills in what is known about the place further out.
    #[must_use]
    pub fn at(mut self, fill: impl FnOnce(&mut Location)) -> Self {
        fill(&mut self.0.at);
        self
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, Location::default())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.at.is_empty() {
            self.0.kind.fmt(f)
        } else {
            write!(f, "{}: {}", self.0.at, self.0.kind)
        }
    }
}

impl std::error::Error for Error {}
