//! The folder of a source. Names of sources come from crawls: they must neither leave the output
//! folder, nor hide in it, nor take the name of a file of ours, nor meet in one folder.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Longer names are cut and told apart by a hash.
const MAX_BYTES: usize = 120;

/// Names that a stage gives to its own files and folders, in lower case; those that begin with a dot
/// cannot be made by [`escaped`].
const OURS: [&str; 11] = [
    "manifest.json",
    "report.json",
    "run.json",
    "report",
    "quarantine",
    "decisions",
    "scores",
    "removed",
    "edits",
    "plan",
    "transformers",
];

/// Readers of folders take a name for a file by its ending.
const ENDINGS: [&str; 10] =
    [".arrow", ".parquet", ".json", ".jsonl", ".toml", ".gz", ".zst", ".txt", ".tiktoken", ".gguf"];

/// The folders that were given away, by what a file system that knows neither case nor composition
/// makes of their names.
#[derive(Debug, Default)]
pub(super) struct Folders(BTreeSet<String>);

impl Folders {
    /// A folder for `source`. Where another source has one that differs in case or composition alone,
    /// the later one gets a hash behind its name; so it depends on the order of sources, which is
    /// that of the input.
    pub(super) fn give(&mut self, source: &str) -> String {
        let name = escaped(source);
        if self.0.insert(folded(&name)) {
            return name;
        }
        let name = with_hash(name, source);
        self.0.insert(folded(&name));
        name
    }
}

/// A file name for `source`, another one for every other source: letters, digits, `-`, `_` and `.`
/// as they are, all else as `%` and its UTF-8 bytes in hexadecimal. So is the first character of a
/// name that begins with `.` or `_`, which readers of folders pass over, and of one of our own.
fn escaped(source: &str) -> String {
    let lower = source.to_lowercase();
    let ours = OURS.contains(&lower.as_str())
        || lower.starts_with("part-")
        || ENDINGS.iter().any(|ending| lower.ends_with(ending));
    let mut name = String::new();
    for (at, character) in source.chars().enumerate() {
        let plain = character.is_alphanumeric()
            || character == '-'
            || (at > 0 && matches!(character, '.' | '_'));
        if plain && !(ours && at == 0) {
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
    if name.len() > MAX_BYTES { with_hash(name, source) } else { name }
}

/// `name`, cut where it is too long, and a hash of `source`. Behind the `%` of an escape there are two
/// digits, so no source has this name of itself.
fn with_hash(mut name: String, source: &str) -> String {
    let cut = (0..=MAX_BYTES.min(name.len())).rev().find(|&at| name.is_char_boundary(at));
    name.truncate(cut.unwrap_or(0));
    name.extend([format!("%-{:016x}", glmdata_base::hash64(source.as_bytes()))]);
    name
}

fn folded(name: &str) -> String {
    name.nfc().collect::<String>().to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
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
            (".work", "%2Ework"),
            (".lock", "%2Elock"),
            (".tmp-x", "%2Etmp-x"),
            ("", "%"),
            ("a b%", "a%20b%25"),
            ("nul\0", "nul%00"),
            ("x.gov.cn", "x.gov.cn"),
        ];
        for (source, expected) in cases {
            assert_eq!(escaped(source), expected);
        }
    }

    #[test]
    fn names_of_our_own_are_escaped() {
        let cases = [
            ("manifest.json", "%6Danifest.json"),
            ("Manifest.JSON", "%4Danifest.JSON"),
            ("report.json", "%72eport.json"),
            ("run.json", "%72un.json"),
            ("quarantine", "%71uarantine"),
            ("part-000000.arrow", "%70art-000000.arrow"),
            ("part-x", "%70art-x"),
            ("zh.arrow", "%7Ah.arrow"),
            ("crawl.jsonl.zst", "%63rawl.jsonl.zst"),
            ("partial", "partial"),
        ];
        for (source, expected) in cases {
            assert_eq!(escaped(source), expected);
        }
    }

    #[test]
    fn different_sources_have_different_folders_on_any_file_system() {
        let long = "长".repeat(100);
        let sources = [
            "%",
            "",
            "%25",
            ".",
            "..",
            "_",
            "a",
            "a%",
            "A",
            "web",
            "WEB",
            "Web",
            "caf\u{e9}",
            "cafe\u{301}",
            "CAFE\u{301}",
            &long,
            &format!("{long}x"),
            &"n".repeat(300),
            &"N".repeat(300),
        ];
        let mut folders = Folders::default();
        let names: Vec<String> = sources.iter().map(|source| folders.give(source)).collect();
        let different: BTreeSet<String> = names.iter().map(|name| folded(name)).collect();
        assert_eq!(different.len(), sources.len());
        assert!(names.iter().all(|name| name.len() <= MAX_BYTES + 18));
    }
}
