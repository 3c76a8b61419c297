//! Hands values without nulls, but texts, to Parquet's column writers: which physical type has which values.

use arrow_array::{
    cast::AsArray,
    types::{
        Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampSecondType,
    },
};
use arrow_schema::{DataType, TimeUnit};
use parquet::{column::writer::ColumnWriter, data_type::FixedLenByteArray};

use crate::{Cause, seconds::milliseconds, values::Block};

/// Writes the rows of a block whose type [is packed](crate::pack::is_packed).
///
/// # Errors
/// If the writer is one for another type, or the values cannot be encoded.
pub(crate) fn write_block(writer: &mut ColumnWriter<'_>, block: &Block) -> Result<(), Cause> {
    let levels = levels(block);
    let levels = Some(levels.as_slice());
    let array = &block.array;
    match writer {
        ColumnWriter::BoolColumnWriter(writer) => {
            let values: Vec<bool> = array.as_boolean().values().iter().collect();
            writer.write_batch(&values, levels, None)?
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            let scaled: Vec<i64>;
            let values = match array.data_type() {
                DataType::Timestamp(TimeUnit::Second, _) => {
                    let seconds = array.as_primitive::<TimestampSecondType>().values();
                    scaled = milliseconds(seconds)?;
                    &scaled
                }
                DataType::Timestamp(TimeUnit::Millisecond, _) => {
                    &**array.as_primitive::<TimestampMillisecondType>().values()
                }
                DataType::Timestamp(..) => {
                    &**array.as_primitive::<TimestampMicrosecondType>().values()
                }
                _ => &**array.as_primitive::<Int64Type>().values(),
            };
            writer.write_batch(values, levels, None)?
        }
        ColumnWriter::Int32ColumnWriter(writer) => {
            writer.write_batch(array.as_primitive::<Date32Type>().values(), levels, None)?
        }
        ColumnWriter::DoubleColumnWriter(writer) => {
            writer.write_batch(array.as_primitive::<Float64Type>().values(), levels, None)?
        }
        ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
            let decimals = array.as_primitive::<Decimal128Type>().values().iter();
            let values = decimals.map(|n| FixedLenByteArray::from(n.to_be_bytes().to_vec()));
            writer.write_batch(&values.collect::<Vec<_>>(), levels, None)?
        }
        _ => return Err("no column of a table has this physical type".into()),
    };
    Ok(())
}

/// Definition levels: 1 for a row that has a value.
fn levels(block: &Block) -> Vec<i16> {
    let Some(present) = &block.present else {
        return vec![1; block.rows];
    };
    let mut levels = vec![0; block.rows];
    for row in present.set_indices() {
        levels[row] = 1;
    }
    levels
}
