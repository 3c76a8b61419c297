//! Options for paths, names and naming conflicts.

use clap::Args;
use transmog::{Config, DataError, Naming, Pattern};

use super::{
    choice::{NAMINGS, choice, value},
    headings::TYPES,
};

#[derive(Debug, Args)]
pub(crate) struct ByPath {
    /// Keep the value at this path as JSON text in its row. A path is keys with dots between them
    /// (`orders.lines.sku`; `*` is any key, array items do not count) or a JSON pointer (`/a.b/c`).
    /// Can be repeated, like all options with a path.
    #[arg(long = "json-path", value_name = "PATH", value_parser = value::<Pattern>, help_heading = "Tables")]
    json: Vec<Pattern>,
    /// Make a child table of the value at this path, even if it is not an array.
    #[arg(long = "array-path", value_name = "PATH", value_parser = value::<Pattern>, help_heading = "Tables")]
    array: Vec<Pattern>,
    /// Make a child table of the object at this path, with one row for each key.
    #[arg(long = "map-path", value_name = "PATH", value_parser = value::<Pattern>, help_heading = "Tables")]
    map: Vec<Pattern>,
    /// Leave out the value at this path.
    #[arg(long, value_name = "PATH", value_parser = value::<Pattern>, help_heading = "Tables")]
    exclude: Vec<Pattern>,
    /// Keep only the value at this path.
    #[arg(long, value_name = "PATH", value_parser = value::<Pattern>, help_heading = "Tables")]
    select: Vec<Pattern>,
    /// Name the column or table at this path NAME.
    #[arg(long, value_name = "PATH=NAME", value_parser = rename, help_heading = TYPES)]
    rename: Vec<(Pattern, String)>,
    /// Stop, and write nothing, if a rule matches nothing: a path of these options or of --type
    /// that no record has, or a column in an option of the format that does not exist. Without it,
    /// such rules are warnings.
    #[arg(long, help_heading = "Tables")]
    pub(super) strict_rules: bool,
    /// What to do if two columns or two tables would get the same name.
    #[arg(long, default_value = "suffix", value_name = "RULE", value_parser = choice::<Naming>(NAMINGS), help_heading = TYPES)]
    naming: Naming,
}

fn rename(text: &str) -> Result<(Pattern, String), String> {
    let (path, name) = text.rsplit_once('=').ok_or("expected PATH=NAME")?;
    let path = value::<Pattern>(path)?;
    Ok((path, name.to_owned()))
}

impl ByPath {
    /// The settings with these.
    pub(super) fn apply(&self, config: Config) -> Result<Config, DataError> {
        let Self {
            json,
            array,
            map,
            exclude,
            select,
            rename,
            strict_rules: _,
            naming,
        } = self;
        let config = config.with_naming(*naming);
        let each = |config, paths: &[Pattern], set: fn(Config, Pattern) -> _| {
            paths.iter().cloned().try_fold(config, set)
        };
        let config = each(config, json, Config::with_json_path)?;
        let config = each(config, array, Config::with_array_path)?;
        let config = each(config, map, Config::with_map_path)?;
        let config = each(config, exclude, Config::with_exclude)?;
        let config = each(config, select, Config::with_select)?;
        let renames = rename.iter();
        renames.cloned().try_fold(config, |config, (path, name)| {
            config.with_rename(path, &name)
        })
    }
}
