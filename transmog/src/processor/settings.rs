//! The processor's settings: each is checked when it is made and keeps all others.

use std::{num::NonZeroUsize, str::FromStr, sync::Arc};

use transmog_core::{
    ArrayMode, Cast, Config, Detection, EmptyText, Error as DataError, Floats, IdFormula, IdSource,
    Ids, Metadata, NaturalIds, Nulls, Row, TooDeep, text,
};
use transmog_io::{
    CHUNK_SIZE, CancelToken, Compression, CsvReadOptions, Error, InputFormat, LENIENT, MaxRejects,
    OnProgress, Pointer, Progress, Recovery,
};

use super::Processor;

/// Each has a stack and a chunk of its own, and machines have fewer cores.
pub(super) const MOST_THREADS: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(threads) => threads,
    None => NonZeroUsize::MIN,
};

/// How much a processor holds in memory. It changes the pace, and where Parquet's row groups end,
/// but no row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessingMode {
    /// Chunks of 2,000 records, and writers with the memory that they take by default.
    #[default]
    Standard,
    /// Chunks of 100 records, and writers with 16 MiB of rows.
    LowMemory,
    /// Chunks of 10,000 records, and writers with 256 MiB of rows.
    HighPerformance,
}

impl FromStr for ProcessingMode {
    type Err = DataError;

    fn from_str(word: &str) -> Result<Self, DataError> {
        match word {
            "standard" => Ok(Self::Standard),
            "low-memory" => Ok(Self::LowMemory),
            "high-performance" => Ok(Self::HighPerformance),
            _ => {
                let reason = format!("{word:?} is none of standard, low-memory, high-performance");
                Err(DataError::setting("mode", reason))
            }
        }
    }
}

impl ProcessingMode {
    pub(super) fn chunk_size(self) -> NonZeroUsize {
        let records = match self {
            Self::Standard => return CHUNK_SIZE,
            Self::LowMemory => 100,
            Self::HighPerformance => 10_000,
        };
        NonZeroUsize::new(records).unwrap_or(NonZeroUsize::MIN)
    }

    pub(super) fn writer_memory(self) -> Option<usize> {
        match self {
            Self::Standard => None,
            Self::LowMemory => Some(16 << 20),
            Self::HighPerformance => Some(256 << 20),
        }
    }
}

/// How inputs are read.
impl Processor {
    /// Sets the format of inputs. Default: by extension, then by content.
    #[must_use]
    pub fn with_input_format(mut self, format: InputFormat) -> Self {
        self.input.format = format;
        self
    }

    /// Sets how inputs are compressed. Default: as their first bytes say. Each codec needs the
    /// feature of its name. Values in memory are never compressed.
    ///
    /// ```
    /// use transmog::{Compression, Processor};
    ///
    /// let processor = Processor::new().with_compression(Compression::None);
    /// assert!(processor.process(&b"\x1f\x8b\x08"[..], "orders").is_err());
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.input.compression = compression;
        self
    }

    /// Sets the encoding of inputs: `utf-8`, `utf-16`, `latin1`, `shift_jis` or any other label of
    /// the WHATWG's Encoding Standard. An input whose byte order mark or zero bytes show another
    /// one is an error. Default: UTF-8, or UTF-16 where a mark or zero bytes show that. Places in
    /// errors, and raw text in rejects, are those of the input in UTF-8.
    ///
    /// ```
    /// use transmog::Processor;
    ///
    /// let tables = Processor::new().with_encoding("latin1")?.process(&b"{\"a\": \"caf\xe9\"}"[..], "t")?;
    /// assert_eq!(tables.report().encodings[0].encoding, "windows-1252");
    /// assert!(Processor::new().with_encoding("latin2000").is_err());
    /// # Ok::<(), transmog::Error>(())
    /// ```
    ///
    /// # Errors
    /// If nobody knows it.
    pub fn with_encoding(mut self, label: &str) -> Result<Self, Error> {
        self.input.encoding = Some(label.parse()?);
        Ok(self)
    }

    /// Sets how many bytes may come out of each compressed input, over all that is put together in
    /// it. If more do, the run fails under every recovery strategy. Default: any number, because
    /// memory does not grow with it.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_decompressed(mut self, bytes: u64) -> Result<Self, Error> {
        if bytes == 0 {
            return Err(DataError::setting("max_decompressed", "must be at least 1 byte").into());
        }
        self.input.max_decompressed = Some(bytes);
        Ok(self)
    }

    /// Sets how CSV inputs are read: those whose format is set to [`InputFormat::Csv`], and files
    /// called `.csv` or `.tsv`.
    #[must_use]
    pub fn with_csv_options(mut self, options: CsvReadOptions) -> Self {
        self.input.csv = options;
        self
    }

    /// Sets whether inputs of one run may be CSV and JSON together. Default: false, which refuses
    /// them where each input's name says its format; then nothing is read.
    #[must_use]
    pub fn with_mixed_inputs(mut self, mixed: bool) -> Self {
        self.input.mixed_inputs = mixed;
        self
    }

    /// Sets where in a document the records are: a JSON pointer to an array, or to one record.
    ///
    /// # Errors
    /// If it is no JSON pointer.
    pub fn with_records_path(mut self, pointer: &str) -> Result<Self, Error> {
        self.input.records_path = Some(pointer.parse::<Pointer>()?);
        Ok(self)
    }

    /// Sets the size from which on records of documents are cut. For tests: it changes no row.
    #[doc(hidden)]
    #[must_use]
    pub fn with_record_bytes(mut self, bytes: usize) -> Self {
        self.input.record_bytes = bytes;
        self
    }

    /// Sets whether `NaN`, `Infinity` and `-Infinity`, which are no JSON, are floats like any
    /// other. Default: they are problems.
    #[must_use]
    pub fn with_nan_allowed(mut self, allowed: bool) -> Self {
        self.input.allow_nan = allowed;
        self
    }

    /// Sets what to do with records that something is wrong with: one of the strategies of this
    /// crate (by object, or by name with `"skip".parse()?`), or one of your own. Default: strict.
    #[must_use]
    pub fn with_recovery(mut self, recovery: impl Into<Recovery>) -> Self {
        self.recovery = recovery.into();
        self
    }

    /// Keeps what can be read of records that something is wrong with: [`LENIENT`].
    #[must_use]
    pub fn with_partial_recovery(self) -> Self {
        self.with_recovery(LENIENT)
    }

    /// Sets how many bad records, left out or kept in part, are too many: a number, or a share with
    /// `"2%".parse::<MaxRejects>()?`. A run that meets more fails, and nothing is written. Default:
    /// none are too many.
    ///
    /// ```
    /// use transmog::{DEFAULT, Processor};
    ///
    /// let processor = Processor::new().with_recovery(DEFAULT).with_max_rejects(1);
    /// assert!(processor.process("{\"a\": 1}\nx\n", "t").is_ok());
    /// assert!(processor.process("{\"a\": 1}\nx\ny\n", "t").is_err());
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_rejects(mut self, most: impl Into<MaxRejects>) -> Self {
        self.max_rejects = Some(most.into());
        self
    }

    /// Sets how many bytes of a record may be held. What is larger is a bad record, for the
    /// recovery strategy. It counts for the lines of JSON Lines, for rows and for the records of
    /// documents; a record that is cut while it is read (from 16 MiB on) counts by what is held of
    /// it. `None` for any number; default 1 GiB.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_max_record_bytes(mut self, bytes: impl Into<Option<usize>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes == Some(0) {
            let reason = "must be at least 1 byte, or none";
            return Err(DataError::setting("max_record_bytes", reason).into());
        }
        self.input.max_record_bytes = bytes;
        Ok(self)
    }

    /// Sets whether [rejects](InputFormat::Rejects) are also taken of which a part is in the tables
    /// of the run that wrote them. Default: false; they are passed over and counted.
    #[must_use]
    pub fn with_kept_rejects(mut self, taken: bool) -> Self {
        self.input.kept_rejects = taken;
        self
    }
}

/// Pace and memory.
impl Processor {
    /// Sets how much is held in memory. A chunk size and a writers' memory that are set themselves
    /// go before it.
    #[must_use]
    pub fn with_mode(mut self, mode: ProcessingMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how many records are worked on at a time, at most. Default 2000, or what the mode says.
    /// Changes the pace and the memory, not the rows.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_chunk_size(mut self, records: usize) -> Result<Self, Error> {
        let wrong = || DataError::setting("chunk_size", "must be at least 1");
        self.chunk_size = Some(NonZeroUsize::new(records).ok_or_else(wrong)?);
        Ok(self)
    }

    /// Sets how many bytes of rows a writer may hold. An option of the format that says so itself
    /// wins.
    ///
    /// # Errors
    /// If it is 0.
    pub fn with_writer_memory(mut self, bytes: usize) -> Result<Self, Error> {
        if bytes == 0 {
            return Err(DataError::setting("writer_memory", "must be at least 1 byte").into());
        }
        self.writer_memory = Some(bytes);
        Ok(self)
    }

    /// Sets how many threads work, from 1 to 256. Changes the pace and the memory (each works on a
    /// chunk of its own), not the rows.
    ///
    /// # Errors
    /// If it is another number.
    pub fn with_threads(mut self, threads: usize) -> Result<Self, Error> {
        let wrong = || DataError::setting("threads", format!("must be from 1 to {MOST_THREADS}"));
        let threads = NonZeroUsize::new(threads).filter(|threads| *threads <= MOST_THREADS);
        self.threads = threads.ok_or_else(wrong)?;
        Ok(self)
    }

    /// Calls a function after every chunk, in input order, on a thread of the run.
    #[must_use]
    pub fn with_progress(mut self, call: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(OnProgress::from(call));
        self
    }
}

/// How runs end.
impl Processor {
    /// Sets what may end runs from outside: [`CancelToken::cancel`] removes what they have not
    /// finished, and they return [`Error::Cancelled`].
    ///
    /// ```
    /// use transmog::{CancelToken, Error, Processor};
    ///
    /// let token = CancelToken::new();
    /// let (kept, processor) = (token.clone(), Processor::new().with_cancel(&token));
    /// let processor = processor.with_progress(move |_| kept.cancel());
    /// let ended = processor.process(r#"{"id": 1}"#, "orders");
    /// assert!(matches!(ended, Err(Error::Cancelled)));
    /// ```
    #[must_use]
    pub fn with_cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = token.clone();
        self
    }
}

/// How records become rows.
impl Processor {
    /// The settings of this group.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Sets all of this group at once.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config.into();
        self
    }

    pub(super) fn try_change(
        mut self,
        change: impl FnOnce(Config) -> Result<Config, DataError>,
    ) -> Result<Self, Error> {
        self.config = change(Arc::unwrap_or_clone(self.config))?.into();
        Ok(self)
    }

    pub(super) fn change(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.config = change(Arc::unwrap_or_clone(self.config)).into();
        self
    }

    /// Sets what joins the keys of a path in a name: [`Config::with_separator`].
    ///
    /// # Errors
    /// If it is not one or two characters that are allowed.
    pub fn with_separator(self, separator: &str) -> Result<Self, Error> {
        self.try_change(|config| config.with_separator(separator))
    }

    /// Sets from how many keys on names are shortened: [`Config::with_deep_nesting_threshold`].
    ///
    /// # Errors
    /// If it is below 2.
    pub fn with_deep_nesting_threshold(self, threshold: Option<usize>) -> Result<Self, Error> {
        self.try_change(|config| config.with_deep_nesting_threshold(threshold))
    }

    /// Sets the levels of nesting that become columns and tables: [`Config::with_max_depth`].
    ///
    /// # Errors
    /// If it is out of range.
    pub fn with_max_depth(self, levels: usize) -> Result<Self, Error> {
        self.try_change(|config| config.with_max_depth(levels))
    }

    /// Sets what happens to what lies deeper.
    #[must_use]
    pub fn with_too_deep(self, too_deep: TooDeep) -> Self {
        self.change(|config| config.with_too_deep(too_deep))
    }

    /// Sets whether `NaN` and the infinities are nulls: [`Config::with_nan_as_null`].
    #[must_use]
    pub fn with_nan_as_null(self, is_null: bool) -> Self {
        self.change(|config| config.with_nan_as_null(is_null))
    }

    /// Sets whether keys are trimmed in tables' names: [`Config::with_trimmed_table_names`].
    #[must_use]
    pub fn with_trimmed_table_names(self, trimmed: bool) -> Self {
        self.change(|config| config.with_trimmed_table_names(trimmed))
    }

    /// Sets whether scalars become text.
    #[must_use]
    pub fn with_cast(self, cast: Cast) -> Self {
        self.change(|config| config.with_cast(cast))
    }

    /// Sets whether all data columns are text.
    #[must_use]
    pub fn with_cast_to_string(self, cast: bool) -> Self {
        self.with_cast(if cast { Cast::Text } else { Cast::Off })
    }

    /// Sets what to do with numbers with more digits than a float64 keeps: [`Config::with_floats`].
    ///
    /// ```
    /// use transmog::{Floats, Processor};
    ///
    /// let price = r#"{"price": 0.123456789012345678}"#;
    /// let exact = Processor::new().process(price, "orders")?;
    /// assert_eq!(exact.report().tables[0].columns[0].data_type, "text");
    /// let nearest = Processor::new().with_floats(Floats::Nearest).process(price, "orders")?;
    /// assert_eq!(nearest.report().tables[0].columns[0].data_type, "float64");
    /// assert_eq!(nearest.report().rounded[0].numbers, 1);
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_floats(self, floats: Floats) -> Self {
        self.change(|config| config.with_floats(floats))
    }

    /// Sets which texts are dates, timestamps and UUIDs: [`Config::with_detection`].
    ///
    /// ```
    /// use transmog::{Detection, Processor};
    ///
    /// let processor = Processor::new().with_detection(Detection::ALL);
    /// let result = processor.process(r#"{"day": "2026-01-31", "at": "2026-01-31 12:00"}"#, "t")?;
    /// let types = result.main_table().schema();
    /// assert_eq!(types.field(0).data_type(), &transmog::arrow_schema::DataType::Date32);
    /// assert_eq!(types.field(1).data_type(), &transmog::arrow_schema::DataType::Utf8);
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_detection(self, detection: Detection) -> Self {
        self.change(|config| config.with_detection(detection))
    }

    /// Sets what a null becomes.
    #[must_use]
    pub fn with_nulls(self, nulls: Nulls) -> Self {
        self.change(|config| config.with_nulls(nulls))
    }

    /// Sets what empty text becomes.
    #[must_use]
    pub fn with_empty_text(self, empty_text: EmptyText) -> Self {
        self.change(|config| config.with_empty_text(empty_text))
    }

    /// Sets whether `{}` and `[]` as items of an array get a row.
    #[must_use]
    pub fn with_empty_items_skipped(self, skipped: bool) -> Self {
        self.change(|config| config.with_empty_items_skipped(skipped))
    }

    /// Sets whether what cells do not say is noted, so that [`unflatten`](crate::unflatten) gives
    /// back exactly what came in: [`Config::with_kept_empties`].
    #[must_use]
    pub fn with_kept_empties(self, kept: bool) -> Self {
        self.change(|config| config.with_kept_empties(kept))
    }

    /// Sets whether a manifest is written beside the tables, where the destination has a place for
    /// it: `<entity>.manifest.json`, which says what the tables are and is what
    /// [`unflatten`](crate::unflatten) reads. Default: false.
    #[must_use]
    pub fn with_manifest(mut self, manifest: bool) -> Self {
        self.manifest = manifest;
        self
    }

    /// Sets what happens to arrays.
    #[must_use]
    pub fn with_array_mode(self, mode: ArrayMode) -> Self {
        self.change(|config| config.with_array_mode(mode))
    }

    /// Renames metadata columns or switches them off: [`Config::with_metadata`].
    ///
    /// # Errors
    /// If two names are equal or one is empty.
    pub fn with_metadata(self, change: impl FnOnce(&mut Metadata)) -> Result<Self, Error> {
        self.try_change(|config| config.with_metadata(change))
    }

    /// Sets the time stamp of all rows, in RFC 3339. Default: the time at which a run starts.
    ///
    /// # Errors
    /// If it is no such time.
    pub fn with_timestamp(mut self, time: &str) -> Result<Self, Error> {
        self.time = Some(text::read_time(time)?);
        Ok(self)
    }
}

/// Which ids rows get.
impl Processor {
    /// Sets how rows get their ids.
    #[must_use]
    pub fn with_ids(self, ids: Ids) -> Self {
        self.change(|config| config.with_ids(ids))
    }

    /// Makes ids of the text of a column, or of a column by table: [`Ids::Deterministic`].
    #[must_use]
    pub fn with_deterministic_ids(self, source: impl Into<IdSource>) -> Self {
        self.with_ids(Ids::Deterministic(source.into()))
    }

    /// Takes the ids that rows have themselves: [`Ids::Natural`]. `NaturalIds::new()` looks for the
    /// usual names.
    #[must_use]
    pub fn with_natural_ids(self, natural: NaturalIds) -> Self {
        self.with_ids(Ids::Natural(natural))
    }

    /// Makes ids of some fields together: [`Ids::Composite`].
    ///
    /// # Errors
    /// If there are none, or one has no name.
    pub fn with_composite_ids(
        self,
        fields: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, Error> {
        Ok(self.with_ids(Ids::composite(fields)?))
    }

    /// Sets what the ids of [`Ids::Hash`] and [`Ids::Composite`] are made of:
    /// [`IdFormula::Linked`], the default, or the formula of the Python package.
    #[must_use]
    pub fn with_id_formula(self, formula: IdFormula) -> Self {
        self.change(|config| config.with_id_formula(formula))
    }

    /// Makes ids of all fields together: [`Ids::Hash`].
    #[must_use]
    pub fn with_hash_ids(self) -> Self {
        self.with_ids(Ids::Hash)
    }

    /// Makes ids by a function of the flattened row, before metadata columns: [`Ids::Custom`].
    ///
    /// ```
    /// let processor = transmog::Processor::new()
    ///     .with_custom_ids(|row| Some(format!("order-{}", row.get("no")?)));
    /// let result = processor.process(r#"{"no": 7}"#, "orders")?;
    /// let row = result.main_table().rows().next();
    /// assert_eq!(row.as_ref().and_then(|row| row.get("__transmog_id")?.as_str()), Some("order-7"));
    /// # Ok::<(), transmog::Error>(())
    /// ```
    #[must_use]
    pub fn with_custom_ids(
        self,
        id: impl Fn(&Row<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.with_ids(Ids::custom(id))
    }
}
