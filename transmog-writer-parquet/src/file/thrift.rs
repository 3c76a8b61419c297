//! Serialises footers, and finds and writes single fields of them.
//!
//! A footer is a struct in Thrift's [compact
//! protocol](https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md):
//! for each field a header (type, and distance to the number of the field before) and a value, then
//! a zero. Here it is only cut apart; what fields mean is known to `footer`.

use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataWriter};

use super::varint::{take_varint, write_varint};
use crate::Cause;

/// What follows the metadata in a footer: its length, and the last four bytes of the file.
const TAIL: usize = 8;

/// The type code of structs.
const STRUCT: u8 = 12;

/// Where a field of a struct is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    number: i64,
    /// First byte of its header.
    pub(crate) start: usize,
    /// First byte of its value.
    pub(crate) value: usize,
    pub(crate) end: usize,
}

/// Serialises metadata as the parquet crate would write it at the end of a file. Gives the page
/// indexes, then the footer without its length.
///
/// # Errors
/// The parquet crate refuses the metadata.
pub(crate) fn serialize(file: &ParquetMetaData) -> Result<(Vec<u8>, Vec<u8>), Cause> {
    const CUT: &str = "a footer lacks its end";
    // Into memory, because the metadata writer buffers and drops the error of its last write.
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, file).finish()?;
    let end = bytes.len().checked_sub(TAIL).ok_or(CUT)?;
    let length: [u8; 4] = bytes[end..end + 4].try_into()?;
    let start = end.checked_sub(u32::from_le_bytes(length) as usize);
    bytes.truncate(end);
    let metadata = bytes.split_off(start.ok_or(CUT)?);
    Ok((bytes, metadata))
}

/// Finds a field of the struct at the start of `bytes`.
///
/// # Errors
/// There is no such field, or the bytes are damaged.
pub(crate) fn field(bytes: &[u8], number: i64) -> Result<Field, Cause> {
    let mut reader = Reader { bytes, at: 0 };
    let mut last = 0;
    while let Some(field) = reader.field(last)? {
        if field.number == number {
            return Ok(field);
        }
        last = field.number;
    }
    Err(damaged())
}

/// The bytes of the only item of a list of structs.
///
/// # Errors
/// The list has no item, or more than one.
pub(crate) fn only_item(bytes: &[u8], list: Field) -> Result<&[u8], Cause> {
    match bytes.get(list.value..list.end) {
        Some([header, item @ ..]) if *header == 1 << 4 | STRUCT => Ok(item),
        _ => Err(damaged()),
    }
}

fn damaged() -> Cause {
    "a footer's metadata is damaged".into()
}

/// Appends the header of a list of `items` structs.
pub(crate) fn write_list_header(items: usize, out: &mut Vec<u8>) {
    if items < 15 {
        out.push((items as u8) << 4 | STRUCT);
    } else {
        out.push(15 << 4 | STRUCT);
        write_varint(items as u64, out);
    }
}

/// Appends an integer. Thrift stores `2 * n` for `n` that is not negative.
pub(crate) fn write_integer(value: u64, out: &mut Vec<u8>) {
    write_varint(value << 1, out);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, Cause> {
        let byte = *self.bytes.get(self.at).ok_or_else(damaged)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Cause> {
        let mut rest = self.bytes.get(self.at..).ok_or_else(damaged)?;
        let value = take_varint(&mut rest).ok_or_else(damaged)?;
        self.at = self.bytes.len() - rest.len();
        Ok(value)
    }

    fn jump(&mut self, bytes: u64) -> Result<(), Cause> {
        let to = self.at.checked_add(usize::try_from(bytes)?);
        self.at = to
            .filter(|to| *to <= self.bytes.len())
            .ok_or_else(damaged)?;
        Ok(())
    }

    /// Reads the field after field number `last`; `None` at the end of the struct.
    fn field(&mut self, last: i64) -> Result<Option<Field>, Cause> {
        let start = self.at;
        let header = self.byte()?;
        if header == 0 {
            return Ok(None);
        }
        let number = match header >> 4 {
            0 => {
                let zigzag = self.varint()?;
                (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)
            }
            delta => last + i64::from(delta),
        };
        let value = self.at;
        self.skip(header & 0xf)?;
        Ok(Some(Field {
            number,
            start,
            value,
            end: self.at,
        }))
    }

    /// Skips a value. A boolean field has no value: its type says which it is.
    fn skip(&mut self, code: u8) -> Result<(), Cause> {
        match code {
            1 | 2 => Ok(()),
            3 => self.jump(1),
            4..=6 => self.varint().map(drop),
            7 => self.jump(8),
            8 => {
                let length = self.varint()?;
                self.jump(length)
            }
            9 | 10 => {
                let header = self.byte()?;
                let items = match header >> 4 {
                    15 => self.varint()?,
                    few => u64::from(few),
                };
                match header & 0xf {
                    1 | 2 => self.jump(items),
                    code => (0..items).try_for_each(|_| self.skip(code)),
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some(field) = self.field(last)? {
                    last = field.number;
                }
                Ok(())
            }
            // Maps and sets do not occur in Parquet's metadata.
            _ => Err(damaged()),
        }
    }
}
