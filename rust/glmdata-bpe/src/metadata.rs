//! What a file of an inventory says about itself: language, how it was counted, and how much text.

use std::collections::BTreeMap;
use std::path::Path;

use glmdata_base::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::inventory::Counting;
use crate::scan::{Digits, UNICODE_VERSION};

/// Documents and their text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Documents.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub text_bytes: u64,
}

impl Tally {
    /// The sum.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            documents: self.documents + other.documents,
            text_bytes: self.text_bytes + other.text_bytes,
        }
    }
}

/// Tallies by language and source.
pub type Tallies = BTreeMap<String, BTreeMap<String, Tally>>;

const FORMAT: &str = "inventory/1";

/// The metadata of the file of `language`.
pub(crate) fn metadata(
    language: &str,
    counting: Counting,
    tallies: &Tallies,
) -> BTreeMap<String, String> {
    let sources = tallies.get(language).cloned().unwrap_or_default();
    let mut metadata = counted(counting);
    metadata.insert("glmdata.language".to_owned(), language.to_owned());
    metadata.insert("glmdata.sources".to_owned(), serde_json::json!(sources).to_string());
    metadata
}

fn counted(counting: Counting) -> BTreeMap<String, String> {
    let digits = match counting.digits {
        Digits::UpToThree => "three",
        Digits::Single => "single",
    };
    let said = [
        ("glmdata.format", FORMAT.to_owned()),
        ("glmdata.digits", digits.to_owned()),
        ("glmdata.document_cap", counting.document_cap.to_string()),
        ("glmdata.unicode", format!("{UNICODE_VERSION:?}")),
    ];
    said.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The tallies of a file, which must be of this language and counted this way.
pub(crate) fn tallies(
    path: &Path,
    language: &str,
    metadata: &BTreeMap<String, String>,
    counting: Counting,
) -> Result<BTreeMap<String, Tally>> {
    let mut expected = counted(counting);
    expected.insert("glmdata.language".to_owned(), language.to_owned());
    for (key, value) in &expected {
        let found = metadata.get(key);
        if found != Some(value) {
            let key = key.trim_start_matches("glmdata.");
            let found = found.map_or("nothing", String::as_str);
            let reason = format!("{key}: expected {value}, found {found}");
            return Err(Error::Input { path: path.to_path_buf(), reason });
        }
    }
    let sources = metadata.get("glmdata.sources").map_or("", String::as_str);
    serde_json::from_str(sources).map_err(|e| Error::corrupt(path, e))
}
