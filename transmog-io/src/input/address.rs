//! Recognises addresses such as `s3://bucket/orders`, which are not paths. Read as a path, it
//! would be a folder `s3:` in the working folder.

use std::{io, path::Path};

/// The scheme of an address: `s3` of `s3://bucket/orders`, `None` of a path. A file that is really
/// called so can be named as `./s3:/bucket/orders`.
///
/// ```
/// use transmog_io::address_scheme;
///
/// assert_eq!(address_scheme("https://example.org/x.json".as_ref()), Some("https"));
/// assert_eq!(address_scheme("./s3:/x".as_ref()), None);
/// ```
pub fn address_scheme(path: &Path) -> Option<&str> {
    let (scheme, _) = path.to_str()?.split_once("://")?;
    // A single letter is a drive.
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some(scheme)
}

/// Refuses an address where a path is needed.
pub(crate) fn check_local(path: &Path) -> io::Result<()> {
    let Some(scheme) = address_scheme(path) else {
        return Ok(());
    };
    let reason = format!("{scheme}:// is not supported, only local paths");
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_paths() {
        for (text, scheme) in [
            ("s3://bucket/x", Some("s3")),
            ("HTTPS://example.org", Some("HTTPS")),
            ("file:///tmp/x", Some("file")),
            ("git+ssh://host", Some("git+ssh")),
            ("c://x", None),
            ("s3:/bucket", None),
            ("a/b://c", None),
            ("1a://c", None),
            ("://c", None),
            ("x", None),
            ("-", None),
        ] {
            assert_eq!(address_scheme(Path::new(text)), scheme, "{text}");
            assert_eq!(check_local(Path::new(text)).is_ok(), scheme.is_none());
        }
    }
}
