//! Personal data of kept documents behind masks, and `edits/`, the files that tell of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_text::{PiiFinder, masked};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Value, json};

/// One row a mask, in input order: bytes `start` to `end` of the text became `replacement`. Of a text
/// that was brought back from a wrong encoding there is a row of all of it first, and its masks are
/// counted in what it became.
pub(crate) fn edit_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("doc", DataType::FixedSizeBinary(16)),
        field("id", DataType::Utf8),
        field("rule", DataType::Utf8),
        field("start", DataType::UInt32),
        field("end", DataType::UInt32),
        field("replacement", DataType::Utf8),
    ]))
}

/// Masks documents and counts what it masked.
#[derive(Debug)]
pub(crate) struct Masks {
    finder: PiiFinder,
    documents: u64,
    by_kind: BTreeMap<&'static str, u64>,
}

impl Masks {
    pub(crate) fn new() -> Result<Self> {
        let finder = PiiFinder::new().map_err(Error::internal)?;
        Ok(Self { finder, documents: 0, by_kind: BTreeMap::new() })
    }

    /// The documents with masked texts, and a row of `edits/` for every mask.
    pub(crate) fn mask(&mut self, documents: RecordBatch) -> Result<(RecordBatch, RecordBatch)> {
        let texts = documents["text"].as_string::<i64>();
        let found: Vec<_> = (0..documents.num_rows())
            .into_par_iter()
            .map(|row| self.finder.find(texts.value(row)))
            .collect();
        let docs = documents["doc"].as_fixed_size_binary();
        let ids = documents["id"].as_string::<i32>();
        let mut keys = FixedSizeBinaryBuilder::new(16);
        let (mut names, mut rules, mut masks) =
            (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for (row, found) in found.iter().enumerate() {
            self.documents += u64::from(!found.is_empty());
            for pii in found {
                *self.by_kind.entry(pii.kind.name()).or_default() += 1;
                keys.append_value(docs.value(row)).map_err(Error::internal)?;
                names.append_value(ids.value(row));
                rules.append_value(format!("pii/{}", pii.kind.name()));
                starts.push(pii.span.start as u32);
                ends.push(pii.span.end as u32);
                masks.append_value(pii.kind.mask());
            }
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(keys.finish()),
            Arc::new(names.finish()),
            Arc::new(rules.finish()),
            Arc::new(UInt32Array::from(starts)),
            Arc::new(UInt32Array::from(ends)),
            Arc::new(masks.finish()),
        ];
        let edits = RecordBatch::try_new(edit_schema(), columns).map_err(Error::internal)?;
        if edits.num_rows() == 0 {
            return Ok((documents, edits));
        }
        let rewritten: LargeStringArray = found
            .iter()
            .enumerate()
            .map(|(row, found)| Some(masked(texts.value(row), found)))
            .collect();
        let place = documents.schema().index_of("text").map_err(Error::internal)?;
        let mut columns = documents.columns().to_vec();
        columns[place] = Arc::new(rewritten);
        let rewritten = RecordBatch::try_new(documents.schema(), columns);
        Ok((rewritten.map_err(Error::internal)?, edits))
    }

    /// Documents with masks, and masks by kind.
    pub(crate) fn tally(&self) -> Value {
        json!({ "documents": self.documents, "by_kind": self.by_kind })
    }
}
