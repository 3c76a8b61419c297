//! What a run gives in memory: its tables, by name, and ways to write them. Decides nothing about
//! data.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::{Chain, Once, once},
    path::{Path, PathBuf},
    slice,
};

use transmog_core::{Error as DataError, ErrorKind, Words};
use transmog_io::{
    CancelToken, Collector, Error, Memory, Report, Table, TableSummary, TableWriter, write_tables,
};

use crate::{
    output::{OutputFormat, OutputSpec},
    processor::Processor,
};

/// The tables of a run in memory: the main table, and a child table for each array.
///
/// ```
/// use transmog::Processor;
///
/// let records = r#"[{"id": 1, "items": [{"sku": "A"}]}, {"id": 2.5}]"#;
/// let result = Processor::new().process(records, "orders")?;
/// assert_eq!(result.table_names(), ["orders_items"]);
/// let mut rows = result.main_table().rows();
/// let first = rows.next().map(|row| row.to_json());
/// assert!(first.is_some_and(|json| json.starts_with(r#"{"id":1,"#)));
/// # #[cfg(feature = "csv")]
/// assert!(result.to_bytes("csv")?["orders_items"].starts_with(b"sku,"));
/// # Ok::<(), transmog::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProcessingResult {
    main: Table,
    children: Vec<Table>,
    report: Report,
    rejects: Vec<u8>,
    /// Whose words text formats use.
    words: Words,
}

impl ProcessingResult {
    /// A result of a run's tables, the main table first.
    pub(crate) fn new(
        tables: Vec<Table>,
        report: Report,
        rejects: Vec<u8>,
        words: Words,
    ) -> Result<Self, Error> {
        let mut tables = tables.into_iter();
        let missing = || DataError::internal("a run without a main table");
        Ok(Self {
            main: tables.next().ok_or_else(missing)?,
            children: tables.collect(),
            report,
            rejects,
            words,
        })
    }

    /// The records that something was wrong with, one JSON object on a line for each, as the file
    /// of a streaming run has them; empty if there were none.
    pub fn rejects(&self) -> &[u8] {
        &self.rejects
    }

    /// The name that the run gave its records, which is the main table's.
    pub fn entity_name(&self) -> &str {
        self.main.name()
    }

    /// What the run did.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The table with a row for each record.
    pub fn main_table(&self) -> &Table {
        &self.main
    }

    /// A table by its name, the main table too.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables().find(|table| table.name() == name)
    }

    /// A table with a row for each item of an array.
    pub fn child_table(&self, name: &str) -> Option<&Table> {
        self.children.iter().find(|table| table.name() == name)
    }

    /// The child tables, every one after its parent.
    pub fn child_tables(&self) -> slice::Iter<'_, Table> {
        self.children.iter()
    }

    /// Names of the child tables, every one after its parent.
    pub fn table_names(&self) -> Vec<&str> {
        self.children.iter().map(Table::name).collect()
    }

    /// All tables: the main table, and every child table after its parent.
    pub fn tables(&self) -> Chain<Once<&Table>, slice::Iter<'_, Table>> {
        once(&self.main).chain(&self.children)
    }

    /// Number of rows of each table, the main table among them.
    pub fn count_records(&self) -> BTreeMap<String, usize> {
        self.tables()
            .map(|table| (table.name().to_owned(), table.num_rows()))
            .collect()
    }

    /// The tables as files in memory, by the names of the tables.
    ///
    /// # Errors
    /// If the format or its options are unknown, or it cannot take the tables.
    pub fn to_bytes(
        &self,
        format: impl Into<OutputFormat>,
    ) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let (memory, files) = Memory::new();
        self.write_to(OutputSpec::new(format, memory))?;
        Ok(files.take_tables())
    }

    /// Writes the tables as files of a folder, which is made with its parents: the same rows as
    /// streaming to it.
    ///
    /// ```
    /// # #[cfg(feature = "parquet")] {
    /// # let folder = tempfile::tempdir().map_err(std::io::Error::other)?;
    /// let result = transmog::Processor::new().process(r#"{"id": 1}"#, "orders")?;
    /// let written = result.write("parquet", folder.path().join("out"))?;
    /// assert_eq!(written[0].file, "orders.parquet");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes), and if a file cannot be written; then none is there.
    pub fn write(
        &self,
        format: impl Into<OutputFormat>,
        folder: impl Into<PathBuf>,
    ) -> Result<Vec<TableSummary>, Error> {
        self.write_to(OutputSpec::directory(format, folder))
    }

    /// Writes the tables to any output.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_to(&self, output: OutputSpec) -> Result<Vec<TableSummary>, Error> {
        let (mut writer, _) = output.open(
            self.entity_name(),
            std::iter::empty::<&Path>(),
            false,
            &CancelToken::new(),
        )?;
        writer.use_words(self.words);
        write_tables(self, writer)
    }

    /// Puts results together: rows of tables of one name are appended, columns that a result lacks
    /// are null there, and types are joined so that every value is kept exactly. All main tables
    /// become one, called `entity`; child tables keep their names. The report adds up what the runs
    /// did. Of no results, an empty one is made.
    ///
    /// ```
    /// use transmog::{ProcessingResult, Processor};
    ///
    /// let processor = Processor::new();
    /// let first = processor.process(r#"{"a": 1}"#, "t")?;
    /// let second = processor.process(r#"{"a": "x", "b": 2}"#, "t")?;
    /// let both = ProcessingResult::combine([first, second], "t")?;
    /// assert_eq!(both.main_table().num_rows(), 2);
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// If ids are row numbers, which name other rows in each result, or the metadata columns are
    /// not the same, or a child table has the name `entity`.
    pub fn combine(results: impl IntoIterator<Item = Self>, entity: &str) -> Result<Self, Error> {
        let (collector, collected) = Collector::new();
        let mut writer = TableWriter::new(collector);
        let mut report: Option<Report> = None;
        let mut rejects = Vec::new();
        let mut words = None;
        for result in results {
            words = words.or(Some(result.words));
            let result = result.with_entity(entity)?;
            writer.write(&result)?;
            rejects.extend_from_slice(&result.rejects);
            match &mut report {
                None => report = Some(result.report),
                Some(report) => report.add(&result.report),
            }
        }
        let Some(mut report) = report else {
            return Processor::new().process("", entity);
        };
        writer.finalize()?;
        let tables = collected.take();
        for table in &tables {
            report.describe(table);
        }
        Self::new(tables, report, rejects, words.unwrap_or_default())
    }

    /// The same result with another name of its main table.
    fn with_entity(mut self, entity: &str) -> Result<Self, Error> {
        let old = self.main.name().to_owned();
        if old == entity {
            return Ok(self);
        }
        let names: BTreeSet<&str> = self.table_names().into_iter().collect();
        if names.contains(entity) {
            let table = entity.to_owned();
            let reason = "it is a child table of a result, so the main table needs another name";
            return Err(DataError::from(ErrorKind::Union {
                table,
                reason: reason.to_owned(),
            })
            .into());
        }
        for table in &mut self.children {
            if table.parent() == Some(&old) {
                *table = table.clone().with_parent(Some(entity));
            }
        }
        for table in &mut self.report.tables {
            if table.name == old {
                entity.clone_into(&mut table.name);
            }
        }
        for rename in &mut self.report.renames {
            if rename.table == old {
                entity.clone_into(&mut rename.table);
            }
        }
        for change in &mut self.report.type_changes {
            if change.table == old {
                entity.clone_into(&mut change.table);
            }
        }
        self.main = self.main.renamed(entity);
        Ok(self)
    }
}

#[expect(
    clippy::into_iter_without_iter,
    reason = "that method is called tables"
)]
impl<'a> IntoIterator for &'a ProcessingResult {
    type Item = &'a Table;
    type IntoIter = Chain<Once<&'a Table>, slice::Iter<'a, Table>>;

    fn into_iter(self) -> Self::IntoIter {
        self.tables()
    }
}
