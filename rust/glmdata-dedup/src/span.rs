//! Spans cut out of kept documents, and `edits/`, the files that tell of them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{ShardFile, write_arrow};

use crate::corpus::Corpus;
use crate::kept::{id_column, key_column};
use crate::passage::Form;
use crate::sort::{Merge, Record, Sorted};

/// Rows of one batch, and batches of one file.
const ROWS: usize = 1 << 16;
const BATCHES_A_FILE: usize = 1 << 8;

/// Bytes `start..end` of a document's text, cut because `count` documents (of a substring: so many
/// places up to this one; of a template: pages of its host) have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) document: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) count: u32,
    pub(crate) hash: u64,
    pub(crate) form: Form,
}

impl Record for Span {
    const BYTES: usize = 25;

    fn store(self, bytes: &mut [u8]) {
        let Self { document, start, end, count, hash, form } = self;
        for (at, number) in [document, start, end, count].into_iter().enumerate() {
            bytes[4 * at..4 * at + 4].copy_from_slice(&number.to_le_bytes());
        }
        bytes[16..24].copy_from_slice(&hash.to_le_bytes());
        bytes[24] = form as u8;
    }

    fn load(bytes: &[u8]) -> Self {
        let number = |at: usize| u32::load(&bytes[4 * at..4 * at + 4]);
        Self {
            document: number(0),
            start: number(1),
            end: number(2),
            count: number(3),
            hash: u64::load(&bytes[16..24]),
            form: match bytes[24] {
                0 => Form::Line,
                1 => Form::Paragraph,
                2 => Form::Substring,
                _ => Form::Template,
            },
        }
    }
}

/// `text` without `spans`, which are in order and do not overlap.
pub(crate) fn without(text: &str, spans: &[Span]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        left.push_str(&text[at..span.start as usize]);
        at = span.end as usize;
    }
    left.push_str(&text[at..]);
    left
}

/// Walks over spans document by document.
pub(crate) struct SpansByDocument<'a> {
    merge: Merge<'a, Span>,
    ahead: Option<Span>,
}

impl<'a> SpansByDocument<'a> {
    pub(crate) fn new(spans: &'a Sorted<Span>) -> Result<Self> {
        let mut merge = spans.merge()?;
        let ahead = merge.next()?;
        Ok(Self { merge, ahead })
    }

    /// Move the spans of `document` to `into`; documents are asked for in order.
    pub(crate) fn take(&mut self, document: u32, into: &mut Vec<Span>) -> Result<()> {
        while let Some(span) = self.ahead.filter(|span| span.document <= document) {
            into.push(span);
            self.ahead = self.merge.next()?;
        }
        Ok(())
    }
}

fn edit_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("doc", DataType::FixedSizeBinary(16)),
        field("id", DataType::Utf8),
        field("rule", DataType::Utf8),
        field("start", DataType::UInt32),
        field("end", DataType::UInt32),
        field("count", DataType::UInt32),
        field("hash", DataType::UInt64),
    ]))
}

/// Write `edits/`: one row a span, in input order; at least one file.
pub(crate) fn write_edits(
    folder: &Path,
    corpus: &Corpus<'_>,
    spans: &Sorted<Span>,
) -> Result<Vec<ShardFile>> {
    let mut merge = spans.merge()?;
    let mut more = true;
    let mut files = Vec::new();
    while more {
        let target = folder.join(format!("edits/part-{:06}.arrow", files.len()));
        let batches = std::iter::from_fn(|| {
            let batch = next_batch(&mut merge, corpus).transpose();
            more = batch.is_some();
            batch
        });
        files.push(write_arrow(&target, &edit_schema(), batches.take(BATCHES_A_FILE))?);
    }
    Ok(files)
}

fn next_batch(merge: &mut Merge<'_, Span>, corpus: &Corpus<'_>) -> Result<Option<RecordBatch>> {
    let mut spans = Vec::new();
    while spans.len() < ROWS
        && let Some(span) = merge.next()?
    {
        spans.push(span);
    }
    if spans.is_empty() {
        return Ok(None);
    }
    let documents: Vec<u32> = spans.iter().map(|span| span.document).collect();
    let mut rules = StringBuilder::new();
    for span in &spans {
        rules.append_value(match span.form {
            Form::Line => "line",
            Form::Paragraph => "paragraph",
            Form::Substring => "substring",
            Form::Template => "template",
        });
    }
    let number = |of: fn(&Span) -> u32| Arc::new(spans.iter().map(of).collect::<UInt32Array>());
    let columns: Vec<arrow_array::ArrayRef> = vec![
        key_column(corpus, &documents)?,
        id_column(corpus, &documents),
        Arc::new(rules.finish()),
        number(|span| span.start),
        number(|span| span.end),
        number(|span| span.count),
        Arc::new(spans.iter().map(|span| span.hash).collect::<UInt64Array>()),
    ];
    RecordBatch::try_new(edit_schema(), columns).map(Some).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_comes_back_from_its_bytes() {
        let (document, start, end, count) = (7, 1, u32::MAX, 9);
        for form in [Form::Line, Form::Paragraph, Form::Substring, Form::Template] {
            let span = Span { document, start, end, count, hash: u64::MAX - 5, form };
            let mut bytes = [0; Span::BYTES];
            span.store(&mut bytes);
            assert_eq!(Span::load(&bytes), span);
        }
    }
}
