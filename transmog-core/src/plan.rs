//! Compiles the settings of a run: checked once, then shared and only read, by every shredder and
//! the catalog.

use crate::{
    base::{Error, Result},
    config::{Config, Header},
};

mod schema;
mod streamed_arrays;

pub use streamed_arrays::StreamedRows;

pub(crate) use schema::{PlannedTable, Room, SchemaPlan};

/// Settings, checked and ready for a run whose main table has a name.
///
/// ```
/// use transmog_core::{Config, Plan};
///
/// let plan = Plan::compile(&Config::default(), "orders")?;
/// assert_eq!(plan.entity(), "orders");
/// assert!(Plan::compile(&Config::default(), " ").is_err());
/// # Ok::<(), transmog_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub(crate) settings: Config,
    /// What the settings say of the schema, if they say anything.
    pub(crate) schema: Option<SchemaPlan>,
    entity: String,
}

impl Plan {
    /// The plan of a run whose main table is called `entity`.
    ///
    /// # Errors
    /// If the entity is empty or blank, policies ask for a schema and none is given, or the given
    /// schema contradicts itself or the settings.
    pub fn compile(settings: &Config, entity: &str) -> Result<Self> {
        if entity.chars().all(char::is_whitespace) {
            let reason = "the main table needs a name that is not empty";
            return Err(Error::setting("entity", reason));
        }
        Self::of_settings(settings.clone(), entity)
    }

    fn of_settings(settings: Config, entity: &str) -> Result<Self> {
        Ok(Self {
            schema: SchemaPlan::new(&settings, entity)?,
            settings,
            entity: entity.to_owned(),
        })
    }

    /// The plan for records of a CSV input whose header spells columns in its own way.
    ///
    /// # Errors
    /// If the given schema contradicts the settings under this header.
    pub(crate) fn under(&self, header: &Header) -> Result<Self> {
        Self::of_settings(self.settings.under(header), &self.entity)
    }

    /// The settings.
    pub fn settings(&self) -> &Config {
        &self.settings
    }

    /// Name of the main table.
    pub fn entity(&self) -> &str {
        &self.entity
    }
}
