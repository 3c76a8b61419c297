//! Translates Arrow schemas to Parquet schemas.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowSchemaConverter,
    schema::types::{SchemaDescPtr, SchemaDescriptor},
};

use super::seconds::{schema_in_file, type_in_file};
use crate::Cause;

/// The schema of one column. Chunks are encoded without their names, so there is one for each type.
#[derive(Debug, Clone)]
pub(crate) struct ColumnSchema {
    data_type: DataType,
    pub(crate) arrow: SchemaRef,
    pub(crate) parquet: SchemaDescPtr,
}

impl ColumnSchema {
    /// The schema of a file whose one column has `data_type`.
    ///
    /// # Errors
    /// Parquet has no such type.
    pub(super) fn new(data_type: &DataType) -> Result<Self, Cause> {
        let column = Field::new("column", type_in_file(data_type), true);
        let arrow = Arc::new(Schema::new(vec![column]));
        Ok(Self {
            data_type: data_type.clone(),
            parquet: Arc::new(parquet_schema(&arrow)?),
            arrow,
        })
    }

    pub(super) fn is_of(&self, data_type: &DataType) -> bool {
        self.data_type == *data_type
    }
}

/// The Parquet schema of an Arrow schema. Ids of 16 bytes are not annotated as UUIDs: Spark refuses
/// files that have such columns, and `PyArrow` can neither compare nor group by them.
///
/// # Errors
/// Parquet has no such type.
pub(crate) fn parquet_schema(schema: &Schema) -> Result<SchemaDescriptor, Cause> {
    Ok(ArrowSchemaConverter::new()
        .with_coerce_types(true)
        .convert(&schema_in_file(schema))?)
}

/// The type that readers of the file see: the items of lists are named `element` there.
pub(crate) fn type_read_back(data_type: &DataType) -> DataType {
    match data_type {
        DataType::List(item) => {
            let data_type = type_in_file(item.data_type());
            let item = item.as_ref().clone().with_name("element");
            DataType::List(Arc::new(item.with_data_type(data_type)))
        }
        other => type_in_file(other),
    }
}
