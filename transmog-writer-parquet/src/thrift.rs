//! Finds the fields of a serialised footer, so that one can be put together row group by row group. Knows Thrift's
//! [compact protocol](https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), not what
//! fields mean.

use std::ops::Range;

/// The type code of structs.
const STRUCT: u8 = 12;

/// A field of a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    number: i64,
    /// First byte of its header.
    pub(crate) start: usize,
    /// First byte of its value.
    pub(crate) value: usize,
    pub(crate) end: usize,
}

/// A field of the struct that `bytes` begin with; `None` if it has no such field or is damaged.
pub(crate) fn field(bytes: &[u8], number: i64) -> Option<Field> {
    let mut reader = Reader { bytes, at: 0 };
    let mut last = 0;
    while let Some(field) = reader.field(last)? {
        if field.number == number {
            return Some(field);
        }
        last = field.number;
    }
    None
}

/// The bytes of the only item of a list of structs.
pub(crate) fn only_item(bytes: &[u8], list: Field) -> Option<Range<usize>> {
    (*bytes.get(list.value)? == 1 << 4 | STRUCT).then_some(list.value + 1..list.end)
}

/// Appends the header of a list of structs.
pub(crate) fn write_list_header(items: usize, out: &mut Vec<u8>) {
    if items < 15 {
        out.push((items as u8) << 4 | STRUCT);
    } else {
        out.push(15 << 4 | STRUCT);
        write_varint(items as u64, out);
    }
}

/// Appends an integer that is not negative.
pub(crate) fn write_integer(value: u64, out: &mut Vec<u8>) {
    write_varint(value << 1, out);
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    }

    fn jump(&mut self, bytes: u64) -> Option<()> {
        self.at = self.at.checked_add(usize::try_from(bytes).ok()?)?;
        (self.at <= self.bytes.len()).then_some(())
    }

    /// Reads the field after the field `last`; nothing at the end of the struct.
    fn field(&mut self, last: i64) -> Option<Option<Field>> {
        let start = self.at;
        let header = self.byte()?;
        if header == 0 {
            return Some(None);
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
        Some(Some(Field {
            number,
            start,
            value,
            end: self.at,
        }))
    }

    /// Passes over a value. A boolean field has its value in its type.
    fn skip(&mut self, code: u8) -> Option<()> {
        match code {
            1 | 2 => Some(()),
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
                Some(())
            }
            // Parquet's metadata has no maps.
            _ => None,
        }
    }
}
