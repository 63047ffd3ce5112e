//! How records are read, from the fields that all configs of reading stages share.

use glmdata_base::Result;
use glmdata_io::{BlockMemory, Field, Links, ReadOptions, SourceRule, Split};
use pyo3::prelude::*;

/// The attributes of `glmdata.config.documents.ReadConfig` and, where a stage has them, of
/// `DocumentConfig`; their meaning and defaults are there.
#[derive(FromPyObject, Clone, Debug)]
pub(crate) struct Reading {
    text_field: String,
    source_field: String,
    lang_field: String,
    max_record: u64,
    links: String,
    split: String,
    zst_window: u64,
    #[pyo3(default)]
    id_field: Option<String>,
    #[pyo3(default)]
    url_field: Option<String>,
    #[pyo3(default)]
    source_rule: Vec<String>,
}

/// The share of a run's memory that single large pages, batches and records may take: what deduplication
/// gives to sorting, which has not begun while its input is read, and a sixth.
pub(crate) fn large_blocks(memory: u64) -> u64 {
    memory / 24 * 7
}

impl Reading {
    /// As the readers take them; `memory` is what single large pages and batches may take.
    pub(crate) fn options(&self, memory: u64) -> Result<ReadOptions> {
        let usual = ReadOptions::default();
        let field = |option: &str, names: &Option<String>, usual: Field| match names {
            Some(names) => Field::parse(option, names),
            None => Ok(usual),
        };
        let rules = self.source_rule.iter().map(|rule| SourceRule::parse(rule));
        Ok(ReadOptions {
            text_field: Field::parse("text-field", &self.text_field)?,
            source_field: Field::parse("source-field", &self.source_field)?,
            lang_field: Field::parse("lang-field", &self.lang_field)?,
            id_field: field("id-field", &self.id_field, usual.id_field)?,
            url_field: field("url-field", &self.url_field, usual.url_field)?,
            source_rules: rules.collect::<Result<_>>()?,
            max_record: self.max_record,
            links: Links::parse(&self.links)?,
            split: Split::parse(&self.split)?,
            zst_window: self.zst_window,
            blocks: BlockMemory::new(large_blocks(memory)),
            ..usual
        })
    }
}
