//! Words that stand in a field of languages and name none.

/// Whether a tag names a language. What says that there is none is nothing to anybody who reads
/// documents: one word for it would be two in rules and sums.
pub(crate) fn names_one(tag: &str) -> bool {
    // Tags that are something else differ from these in their first byte, mostly.
    if !matches!(
        tag.as_bytes().first(),
        None | Some(b'u' | b'U' | b'n' | b'N' | b' ' | b'-' | b'?')
    ) {
        return true;
    }
    let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
    !["", "und", "unknown", "unk", "none", "null", "?"]
        .iter()
        .any(|none| primary.eq_ignore_ascii_case(none))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_no_language_are_none() {
        for tag in ["", " ", "und", "UND", "und-Latn", "unknown", "Unknown", "unk", "None", "-"] {
            assert!(!names_one(tag), "{tag}");
        }
        for tag in ["zh", "en_US", "no", "nb", "nn", "uk", "ur", "umbundu", "non", "zxx", "und1"] {
            assert!(names_one(tag), "{tag}");
        }
    }
}
