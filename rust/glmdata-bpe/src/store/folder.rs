//! The folder of a source. Names of sources come from crawls: they must neither leave the output
//! folder nor hide in it.

/// Longer names are cut and told apart by a hash.
const MAX_BYTES: usize = 120;

/// A file name for `source`, another one for every other source: letters, digits, `-`, `_` and `.`
/// as they are, all else as `%` and its UTF-8 bytes in hexadecimal. A name may not begin with `.` or
/// `_`, which readers of folders pass over.
pub(super) fn folder_of(source: &str) -> String {
    let mut name = String::new();
    for (at, character) in source.chars().enumerate() {
        let plain = character.is_alphanumeric()
            || character == '-'
            || (at > 0 && matches!(character, '.' | '_'));
        if plain {
            name.push(character);
        } else {
            let mut bytes = [0; 4];
            let escapes = character.encode_utf8(&mut bytes).bytes().map(|b| format!("%{b:02X}"));
            name.extend(escapes);
        }
    }
    if name.is_empty() {
        return "%".to_owned();
    }
    if name.len() > MAX_BYTES {
        let cut = (0..=MAX_BYTES).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
        name.truncate(cut);
        name.extend([format!("%{:016x}", glmdata_base::hash64(source.as_bytes()))]);
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_source_leaves_the_folder() {
        let cases = [
            ("web", "web"),
            ("知乎", "知乎"),
            ("a/b", "a%2Fb"),
            ("..", "%2E."),
            ("../../etc", "%2E.%2F..%2Fetc"),
            ("_hidden", "%5Fhidden"),
            ("", "%"),
            ("a b%", "a%20b%25"),
            ("nul\0", "nul%00"),
            ("x.gov.cn", "x.gov.cn"),
        ];
        for (source, expected) in cases {
            assert_eq!(folder_of(source), expected);
        }
    }

    #[test]
    fn different_sources_have_different_folders() {
        let long = "长".repeat(100);
        let sources = ["%", "", "%25", ".", "..", "_", "a", "a%", &long, &format!("{long}x")];
        let names: BTreeSet<String> = sources.iter().map(|source| folder_of(source)).collect();
        assert_eq!(names.len(), sources.len());
        assert!(names.iter().all(|name| name.len() <= MAX_BYTES + 17));
    }
}
