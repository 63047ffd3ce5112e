//! Texts that were read in the wrong encoding, brought back before anything is measured or written.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{
    ArrayRef, BooleanArray, LargeStringArray, RecordBatch, UInt32Array, UInt64Array,
};
use glmdata_base::{Error, Result};
use glmdata_text::{Mojibake, mojibake};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::mask::edit_schema;

/// In the column `mojibake` of the scores: a text that is none, one that was, one that is.
const CLEAN: u64 = 0;
const REPAIRED: u64 = 1;
const DAMAGED: u64 = 2;

/// A batch with its texts brought back, and what became of each.
pub(crate) struct Repaired {
    pub(crate) batch: RecordBatch,
    pub(crate) states: UInt64Array,
}

/// The same batch with texts as they had been; the column is copied if there is one to bring back.
pub(crate) fn repaired(batch: &RecordBatch) -> Result<Repaired> {
    let texts = batch["text"].as_string::<i64>();
    let rows = (0..batch.num_rows()).into_par_iter();
    let found: Vec<Mojibake> = rows.map(|row| mojibake(texts.value(row))).collect();
    let state = |found: &Mojibake| match found {
        Mojibake::Clean => CLEAN,
        Mojibake::Repaired(_) => REPAIRED,
        Mojibake::Damaged => DAMAGED,
    };
    let states: UInt64Array = found.iter().map(state).collect();
    if !found.iter().any(|found| matches!(found, Mojibake::Repaired(_))) {
        return Ok(Repaired { batch: batch.clone(), states });
    }
    let better = found.iter().enumerate().map(|(row, found)| match found {
        Mojibake::Repaired(better) => better.as_str(),
        Mojibake::Clean | Mojibake::Damaged => texts.value(row),
    });
    let column = Arc::new(LargeStringArray::from_iter_values(better));
    let place = batch.schema().index_of("text").map_err(Error::internal)?;
    let mut columns = batch.columns().to_vec();
    columns[place] = column;
    let batch = RecordBatch::try_new(batch.schema(), columns).map_err(Error::internal)?;
    Ok(Repaired { batch, states })
}

impl Repaired {
    /// A row of `edits/` for each kept text that was brought back: all of it, as it was read, became
    /// another one. `read` are the texts as they were read, `documents` those to be written.
    pub(crate) fn edits(
        &self,
        read: &RecordBatch,
        documents: &RecordBatch,
        keep: &BooleanArray,
    ) -> Result<RecordBatch> {
        let (before, after) =
            (read["text"].as_string::<i64>(), documents["text"].as_string::<i64>());
        let docs = documents["doc"].as_fixed_size_binary();
        let ids = documents["id"].as_string::<i32>();
        let mut keys = FixedSizeBinaryBuilder::new(16);
        let (mut names, mut rules, mut texts) =
            (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for row in 0..documents.num_rows() {
            if self.states.value(row) != REPAIRED || !keep.value(row) {
                continue;
            }
            keys.append_value(docs.value(row)).map_err(Error::internal)?;
            names.append_value(ids.value(row));
            rules.append_value("mojibake");
            starts.push(0);
            ends.push(before.value(row).len() as u32);
            texts.append_value(after.value(row));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(keys.finish()),
            Arc::new(names.finish()),
            Arc::new(rules.finish()),
            Arc::new(UInt32Array::from(starts)),
            Arc::new(UInt32Array::from(ends)),
            Arc::new(texts.finish()),
        ];
        RecordBatch::try_new(edit_schema(), columns).map_err(Error::internal)
    }
}
