//! Files that are no text, known by their first bytes.

/// A kind of file that is no text.
struct Binary {
    /// What it begins with, from byte `offset` on.
    magic: &'static [u8],
    offset: usize,
    /// True if text may begin like this, too: then a control character must stand nearby.
    may_be_text: bool,
    what: &'static str,
    advice: &'static str,
}

const UNPACK: &str = "unpack it first";
const NO_RECORDS: &str = "it holds no records";
const PICKLE: &str = "write it with json.dump";
const AS_CSV: &str = "save it as CSV first";
const READ_PARQUET: &str =
    "inputs are JSON, JSON Lines and CSV; DuckDB and pyarrow write such files as JSON Lines";

const fn binary(magic: &'static [u8], what: &'static str, advice: &'static str) -> Binary {
    Binary {
        magic,
        offset: 0,
        may_be_text: false,
        what,
        advice,
    }
}

const fn texty(magic: &'static [u8], what: &'static str, advice: &'static str) -> Binary {
    Binary {
        may_be_text: true,
        ..binary(magic, what, advice)
    }
}

const BINARIES: &[Binary] = &[
    binary(
        b"PK\x03\x04",
        "a ZIP archive, as .xlsx, .docx and .ods files are",
        "unpack it first (unzip -p), or save a spreadsheet as CSV",
    ),
    binary(b"PK\x05\x06", "an empty ZIP archive", UNPACK),
    binary(b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    binary(b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    Binary {
        offset: 257,
        ..binary(b"ustar", "a tar archive", "unpack it first (tar -xO)")
    },
    binary(
        b"\x04\x22\x4d\x18",
        "lz4 data",
        "decompress it first (lz4 -dc)",
    ),
    binary(b"\x78\x01", "zlib data", "decompress it first"),
    texty(b"\x78\x5e", "zlib data", "decompress it first"),
    binary(b"\x78\x9c", "zlib data", "decompress it first"),
    binary(b"\x78\xda", "zlib data", "decompress it first"),
    binary(b"LZIP\x01", "lzip data", "decompress it first (lzip -dc)"),
    binary(
        b"\x1f\x9d",
        "compress data (.Z)",
        "decompress it first (gzip -dc)",
    ),
    binary(b"\xff\x06\0\0sNaPpY", "snappy data", "decompress it first"),
    texty(b"PAR1", "a Parquet file", READ_PARQUET),
    texty(b"ORC", "an ORC file", READ_PARQUET),
    binary(b"Obj\x01", "an Avro file", READ_PARQUET),
    binary(b"ARROW1\0", "an Arrow IPC file", READ_PARQUET),
    texty(b"FEA1", "a Feather file", READ_PARQUET),
    binary(
        b"SQLite format 3\0",
        "a SQLite database",
        "write a table as JSON or CSV first (sqlite3 -json)",
    ),
    Binary {
        offset: 8,
        ..texty(
            b"DUCK",
            "a DuckDB database",
            "write a table with COPY ... TO 'x.jsonl' first",
        )
    },
    binary(b"%PDF-", "a PDF document", NO_RECORDS),
    binary(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file, such as .xls",
        AS_CSV,
    ),
    binary(b"\x89PNG\r\n\x1a\n", "a PNG image", NO_RECORDS),
    binary(b"GIF87a", "a GIF image", NO_RECORDS),
    binary(b"GIF89a", "a GIF image", NO_RECORDS),
    binary(b"\xff\xd8\xff", "a JPEG image", NO_RECORDS),
    binary(b"\x7fELF", "a program (ELF)", NO_RECORDS),
    texty(b"MZ", "a program for Windows (.exe, .dll)", NO_RECORDS),
    binary(b"\x80\x02", "a Python pickle", PICKLE),
    binary(b"\x80\x03", "a Python pickle", PICKLE),
    binary(b"\x80\x04\x95", "a Python pickle", PICKLE),
    binary(b"\x80\x05\x95", "a Python pickle", PICKLE),
    binary(
        b"\x93NUMPY",
        "a NumPy array",
        "write it with numpy.savetxt first",
    ),
    binary(
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file",
        "write it as CSV first, for example with pandas",
    ),
    binary(b"\xff\xff\xff\xff", "an Arrow IPC stream", READ_PARQUET),
    binary(
        b"bplist0",
        "a binary property list",
        "make JSON of it first (plutil -convert json)",
    ),
    binary(b"{\\rtf", "an RTF document", "save it as plain text first"),
];

/// What follows the length at the beginning of a BSON document: types of its first element.
const BSON_TYPES: std::ops::RangeInclusive<u8> = 1..=0x13;

/// Bytes of an input that are enough to know a binary file.
pub(crate) const HEAD: usize = 512;

/// Bytes in which control characters show that text is none.
const NEARBY: usize = 64;

/// What a file is that begins like this and is no text, and what to do about it.
pub(crate) fn of_binary(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let begins = |kind: &&Binary| {
        let found = head.get(kind.offset..).unwrap_or_default();
        found.starts_with(kind.magic) && !(kind.may_be_text && is_text(head))
    };
    if let Some(kind) = BINARIES.iter().find(begins) {
        return Some((kind.what, kind.advice));
    }
    is_bson(head).then_some(("BSON, as of mongodump", "make JSON of it first (bsondump)"))
}

/// True if a document of BSON stands here: its length, then an element with a name, then zeros.
fn is_bson(head: &[u8]) -> bool {
    let Some(([a, b, c, d, kind], rest)) = head.split_first_chunk() else {
        return false;
    };
    let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
    let name_end = rest.iter().position(|byte| *byte == 0);
    // Whether the document ends where it says is seen if that is in the head.
    let ends = head.get(length.wrapping_sub(1));
    (5..=16 << 20).contains(&length)
        && *d == 0
        && BSON_TYPES.contains(kind)
        && name_end.is_some_and(|end| end > 0 && !rest[..end].iter().any(u8::is_ascii_control))
        && (ends == Some(&0) || ends.is_none() && head.len() >= HEAD)
}

/// True if no control characters stand at the beginning but those of text.
fn is_text(head: &[u8]) -> bool {
    let nearby = &head[..head.len().min(NEARBY)];
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    !nearby.iter().any(is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_files() {
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.txt");
        tar[257..262].copy_from_slice(b"ustar");
        for (head, what) in [
            (&b"PK\x03\x04\x14\0"[..], "ZIP"),
            (&tar, "tar"),
            (b"PAR1\x15\x04\x15", "Parquet"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (b"x\x9c\xab", "zlib"),
            (b"%PDF-1.7\n", "PDF"),
            (b"ORC\x1d\0\0", "ORC"),
            (b"GIF89a", "GIF"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
            (b"\x7fELF\x02\x01\x01\0", "ELF"),
            (b"MZ\x90\0\x03", "Windows"),
            (b"\x80\x02}q\0", "pickle"),
            (b"\x93NUMPY\x01\0", "NumPy"),
            (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
            (b"\xff\xff\xff\xff\x70\0\0\0", "Arrow"),
            (b"bplist00\xd1", "property list"),
            (b"{\\rtf1\\ansi hello}", "RTF"),
            (b"\x0c\0\0\0\x10a\0\x01\0\0\0\0", "BSON"),
        ] {
            let found = of_binary(head).map(|(what, _)| what).unwrap_or_default();
            assert!(found.contains(what), "{what}: {found}");
        }
        for text in [
            "PAR1,PAR2\n1,2\n",
            "ORC,x",
            "x^,y\n",
            "",
            "{}",
            "FEA1\n1",
            "7z,a",
            "MZ,name\n1,x\n",
            "a\0\0\0b",
        ] {
            assert_eq!(of_binary(text.as_bytes()), None, "{text}");
        }
    }
}
