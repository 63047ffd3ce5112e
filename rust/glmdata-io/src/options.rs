//! How records are mapped to documents: field names, source rules, limits.

use crate::source::SourceRule;

/// Options of [`read_unit`](crate::read_unit).
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Field that holds the text; a record without it is quarantined.
    pub text_field: String,
    /// Field that holds the id.
    pub id_field: String,
    /// Field that holds the source.
    pub source_field: String,
    /// Field that holds the language.
    pub lang_field: String,
    /// Field that holds the URL.
    pub url_field: String,
    /// Rules that name the source by path or host; the first match goes before the source field.
    pub source_rules: Vec<SourceRule>,
    /// Longest record in bytes; longer ones are quarantined without being held in memory.
    pub max_record: u64,
    /// Text bytes a batch, about. Never changes any value, only where batches end.
    pub batch_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            text_field: "text".to_owned(),
            id_field: "id".to_owned(),
            source_field: "source".to_owned(),
            lang_field: "lang".to_owned(),
            url_field: "url".to_owned(),
            source_rules: Vec::new(),
            max_record: 64 << 20,
            // The allocator gives larger pieces back to the system and gets fresh pages for the next batch.
            batch_bytes: 1 << 20,
        }
    }
}
