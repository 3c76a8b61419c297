//! The way back, from the tables in a folder to the records that they came from.

use std::path::Path;

use transmog_io::{Error, Manifest, RebuiltRecords, Registry};

/// Opens the tables of a folder to be put back into records. The folder must have the manifest of
/// the run ([`Processor::with_manifest`](crate::Processor::with_manifest)); `entity` says which
/// one, if it has several.
///
/// With [`Processor::with_kept_empties`](crate::Processor::with_kept_empties) the records are what
/// came in. Without, nulls, `{}` and `[]` are left out, and values in columns of several kinds are
/// text.
///
/// ```no_run
/// for record in transmog::unflatten("out", None)? {
///     println!("{}", record?);
/// }
/// # Ok::<(), transmog::Error>(())
/// ```
///
/// # Errors
/// If there is no manifest, or its format is not linked into this program.
pub fn unflatten(folder: impl AsRef<Path>, entity: Option<&str>) -> Result<RebuiltRecords, Error> {
    let folder = folder.as_ref();
    let manifest = Manifest::find(folder, entity)?;
    RebuiltRecords::open(folder, manifest, &Registry::discovered())
}
