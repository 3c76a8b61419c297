//! Finds the name that was probably meant, for error messages.

/// Most candidates that are looked at.
const MOST: usize = 20_000;

/// Longest text for which it is worth while.
const LONGEST: usize = 200;

/// The candidate that is most like the text, if one is: the same in another case, or with about one
/// letter in four exchanged, missing or added. Of equals, the first.
///
/// ```
/// let names = ["user.id", "user.ssn"];
/// assert_eq!(transmog_core::nearest("user.snn", names), Some("user.ssn"));
/// assert_eq!(transmog_core::nearest("total", names), None);
/// ```
pub fn nearest<'c>(text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = text.chars().count();
    if length > LONGEST {
        return None;
    }
    let most = (length / 4).max(1);
    let wanted = text.to_lowercase();
    let distance = |candidate: &'c str| {
        let others = candidate.chars().count();
        if candidate == text || others.abs_diff(length) > most {
            return None;
        }
        let distance = strsim::osa_distance(&wanted, &candidate.to_lowercase());
        // One letter of a single one is everything.
        (distance <= most && distance < length).then_some((distance, candidate))
    };
    let near = candidates.into_iter().take(MOST).filter_map(distance);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_like_it_is_found_and_nothing_else() {
        let names = ["items", "user", "user.name", "User.Ssn", "a", "total"];
        for (text, found) in [
            ("itms", Some("items")),
            ("usr", Some("user")),
            ("user.nmae", Some("user.name")),
            ("user.snn", Some("User.Ssn")),
            ("USER", Some("user")),
            ("b", None),
            ("price", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, names), found, "{text}");
        }
    }
}
