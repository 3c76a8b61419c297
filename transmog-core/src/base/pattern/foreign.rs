//! Recognises paths in the notation of other tools and suggests ours. Read literally, they would be
//! keys that no record has, and the rule would apply to nothing.

/// What is wrong with a path, and the right one; `None` if it is a path here.
///
/// `$.a`, `a[0].b`, `a['b']`, `.a`, `**.a` and `a*` are none. `$ref` and `load[kW]` are keys like
/// any other.
pub(super) fn reason(path: &str) -> Option<String> {
    let really = || {
        format!(
            "a key that is really called so is written as a JSON pointer: {}",
            pointer(path)
        )
    };
    if path == "$" || path.starts_with("$.") || path.starts_with("$[") {
        let right = instead(path);
        return Some(format!(
            "begins with $, as no path here does; {right}{}",
            really()
        ));
    }
    if let Some(rest) = path.strip_prefix('.') {
        if rest.is_empty() {
            return None;
        }
        return Some(format!("begins with a dot; {}{}", instead(path), really()));
    }
    if path.contains("..") {
        return None;
    }
    let words: Vec<&str> = path.split('.').collect();
    if words.contains(&"**") {
        let below = path.replace("**", "*.*");
        let one = path.replace("**", "*");
        return Some(format!(
            "has **, but * is exactly one key: write a path for each depth, such as {one} and {below}; {}",
            really()
        ));
    }
    if index(path).is_some() {
        return Some(format!(
            "has brackets, but arrays on the way are not counted; {}{}",
            instead(path),
            really()
        ));
    }
    let is_part = |word: &&str| word.contains('*') && word.trim_end_matches("[]") != "*";
    if words.iter().any(is_part) {
        return Some(format!(
            "has * as part of a key, but * is any one key and stands alone; {}",
            really()
        ));
    }
    None
}

/// Where the first index of a path begins and ends: `[0]`, `[*]`, `[1:2]`, `['b']`, `[?...]`. Other
/// text in brackets, such as a unit, is part of a key, and so is `[]` at its end.
fn index(path: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(start) = path[from..].find('[').map(|at| from + at) {
        let inner = &path[start + 1..];
        let length = inner.find(']')?;
        let text = &inner[..length];
        let is_number = text.starts_with(|c: char| c.is_ascii_digit() || "-:".contains(c))
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || "-:, ".contains(c));
        if is_number || text == "*" || text.starts_with(['\'', '"', '?']) {
            return Some((start, start + length + 2));
        }
        from = start + 1;
    }
    None
}

/// `write PATH; ` with the path in our spelling; empty if there is none.
fn instead(path: &str) -> String {
    let mut right = path.strip_prefix('$').unwrap_or(path).to_owned();
    while let Some((start, end)) = index(&right) {
        let inner = &right[start + 1..end - 1];
        let key = inner.trim_matches(['\'', '"']);
        let key = if key.len() < inner.len() {
            format!(".{key}")
        } else {
            String::new()
        };
        right.replace_range(start..end, &key);
    }
    let right = right.replace("[]", "");
    let right = right.trim_start_matches('.');
    let is_path = !right.split('.').any(str::is_empty) && reason(right).is_none();
    if is_path {
        format!("write {right}; ")
    } else {
        String::new()
    }
}

/// The path as a JSON pointer, every key taken as it is. Dots at its beginning are those of the
/// first key.
fn pointer(path: &str) -> String {
    let mut pointer = String::new();
    let dots = path.len() - path.trim_start_matches('.').len();
    let first_end = path[dots..].find('.').map_or(path.len(), |at| dots + at);
    let (first, rest) = path.split_at(first_end);
    let keys = rest.split('.').filter(|key| !key.is_empty());
    for key in std::iter::once(first).chain(keys) {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_other_tools_have_one_here() {
        for (path, right) in [
            ("$.user.ssn", "user.ssn"),
            ("$['user'].ssn", "user.ssn"),
            ("$.items[*].sku", "items.sku"),
            ("items[0].sku", "items.sku"),
            ("items[-1]", "items"),
            ("items[1:3].sku", "items.sku"),
            ("user[\"ssn\"]", "user.ssn"),
            (".items[].sku", "items.sku"),
        ] {
            let reason = reason(path).unwrap_or_default();
            assert!(
                reason.contains(&format!("write {right}; ")),
                "{path}: {reason}"
            );
        }
        for (path, pointer) in [
            (".id", "/.id"),
            ("..id", "/..id"),
            (".a.id", "/.a/id"),
            ("**.ssn", "/**/ssn"),
            ("x*", "/x*"),
            ("a.*x", "/a/*x"),
            ("$..ssn", "/$/ssn"),
            ("a[?(@.b)]", "/a[?(@/b)]"),
        ] {
            let reason = reason(path).unwrap_or_default();
            assert!(
                reason.contains(&format!("pointer: {pointer}")),
                "{path}: {reason}"
            );
        }
    }

    #[test]
    fn keys_that_only_look_so_are_keys() {
        for path in [
            "$ref", "_id.$oid", "load[kW]", "a[].b", "*.b", "a.*[]", "a b", "user_ssn", "[", "a[b",
        ] {
            assert_eq!(reason(path), None, "{path}");
        }
    }
}
