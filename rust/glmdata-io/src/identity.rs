//! Who a document is: the key, id, origin and other fields it had when it was first read.
//!
//! A shard of an earlier stage has columns `doc`, `meta` and `origin`, which its reader finds among
//! the fields it has no name for. A document that comes with all three keeps them; any other is
//! named by the file and row it is read from. So a document has one key from the crawl to the mixture.

use std::borrow::Cow;

use glmdata_base::doc_key;
use serde::Deserialize;

use crate::input::InputFile;

/// Key, place and other fields of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The key that all joins use.
    pub doc: [u8; 16],
    /// `root/relative` of the file it was first read from.
    pub file: String,
    /// Record number in that file.
    pub row: u64,
    /// Where it began there, as [`raw_schema`](crate::raw_schema) tells.
    pub offset: u64,
    /// JSON object of all other fields.
    pub meta: Option<String>,
}

/// The columns of a stage that `part-*` files have besides those every reader knows, and those that
/// somebody added since.
#[derive(Deserialize)]
struct Carried {
    doc: String,
    #[serde(default)]
    meta: Option<String>,
    origin: Origin,
    #[serde(flatten)]
    added: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Origin {
    file: String,
    row: u64,
    offset: u64,
}

impl Identity {
    /// Of a document with the other fields `meta`, record `row` of `file` at `offset`.
    pub fn of(file: &InputFile, row: u64, offset: u64, meta: Option<&str>) -> Self {
        meta.and_then(Self::carried).unwrap_or_else(|| Self {
            doc: doc_key(&file.root, &file.relative, row),
            file: format!("{}/{}", file.root, file.relative),
            row,
            offset,
            meta: meta.map(str::to_owned),
        })
    }

    /// The one that the other fields `meta` of a document hold, if it comes from an earlier stage.
    pub fn carried(meta: &str) -> Option<Self> {
        // Crawled fields seldom begin like this, and are not parsed then.
        if !meta.starts_with("{\"doc\":") {
            return None;
        }
        let Carried { doc, meta, origin, added } = serde_json::from_str(meta).ok()?;
        let meta = if added.is_empty() { meta } else { Some(merged(meta, &added)) };
        Some(Self {
            doc: key_of_hex(&doc)?,
            file: origin.file,
            row: origin.row,
            offset: origin.offset,
            meta,
        })
    }
}

/// The fields of a document: those it was read with from a crawl, not the columns of a stage around them.
pub fn own_fields(meta: &str) -> Option<Cow<'_, str>> {
    match Identity::carried(meta) {
        Some(identity) => identity.meta.map(Cow::Owned),
        None => Some(Cow::Borrowed(meta)),
    }
}

/// The fields of a document with those that were added to its row.
fn merged(meta: Option<String>, added: &serde_json::Map<String, serde_json::Value>) -> String {
    let added = serde_json::Value::Object(added.clone()).to_string();
    let fields = meta.as_deref().and_then(|meta| meta.strip_suffix('}'));
    match fields {
        None | Some("{") => added,
        Some(fields) => format!("{fields},{}", &added[1..]),
    }
}

fn key_of_hex(text: &str) -> Option<[u8; 16]> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = digits.then(|| u128::from_str_radix(text, 16).ok())??;
    Some(value.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::input::{Compression, Format};

    fn file() -> InputFile {
        InputFile {
            root: "crawl".into(),
            relative: "a.jsonl".into(),
            path: PathBuf::from("crawl/a.jsonl"),
            format: Format::Jsonl,
            compression: Compression::None,
            bytes: 0,
            modified_ns: 0,
            vouched: None,
        }
    }

    #[test]
    fn only_a_whole_identity_is_carried() {
        let hex = "000102030405060708090a0b0c0d0e0f";
        let origin = r#"{"file":"r/x.jsonl","row":3,"offset":40}"#;
        let whole = format!(r#"{{"doc":"{hex}","meta":"{{\"a\":1}}","origin":{origin}}}"#);
        let found = Identity::of(&file(), 7, 70, Some(&whole));
        assert_eq!(found.doc, std::array::from_fn(|i| i as u8));
        assert_eq!((found.file.as_str(), found.row, found.offset), ("r/x.jsonl", 3, 40));
        assert_eq!(found.meta.as_deref(), Some(r#"{"a":1}"#));
        let wider = format!(r#"{{"doc":"{hex}","meta":"{{\"a\":1}}","origin":{origin},"p":0.5}}"#);
        assert_eq!(own_fields(&wider).as_deref(), Some(r#"{"a":1,"p":0.5}"#));
        let bare = format!(r#"{{"doc":"{hex}","meta":null,"origin":{origin},"p":0.5}}"#);
        assert_eq!(own_fields(&bare).as_deref(), Some(r#"{"p":0.5}"#));
        for other in [
            format!(r#"{{"doc":"{hex}"}}"#),
            format!(r#"{{"doc":"xyz","origin":{origin}}}"#),
            r#"{"title":"t"}"#.to_owned(),
        ] {
            let found = Identity::of(&file(), 7, 70, Some(&other));
            assert_eq!((found.file.as_str(), found.row), ("crawl/a.jsonl", 7), "{other}");
            assert_eq!(found.meta, Some(other));
        }
    }
}
