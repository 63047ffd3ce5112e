//! Encoded documents as rows of the file of a unit, and back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, LargeListArray, RecordBatch, UInt32Array, UInt64Array};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};

use super::Documents;
use super::loss;
use super::writer::item;
use crate::rows::Ids;

/// Where the documents of unit number `unit` are kept.
pub(super) fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.tokens"))
}

pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("row", DataType::UInt64, false),
        Field::new("key", DataType::FixedSizeBinary(16), true),
        Field::new("source", DataType::Utf8, false),
        Field::new("lang", DataType::Utf8, true),
        Field::new("text_bytes", DataType::UInt64, false),
        Field::new("ids", DataType::LargeList(item()), false),
        loss::field(),
    ]))
}

pub(super) fn to_batch(documents: &Documents) -> Result<RecordBatch> {
    let mut keys = FixedSizeBinaryBuilder::new(16);
    for key in &documents.keys {
        match key {
            Some(key) => keys.append_value(key).map_err(Error::internal)?,
            None => keys.append_null(),
        }
    }
    let lengths = documents.ids.iter().flat_map(|ids| &ids.lengths);
    let offsets = OffsetBuffer::<i64>::from_lengths(lengths.map(|&length| length as usize));
    let ids: Vec<u32> = documents.ids.iter().flat_map(|ids| &ids.ids).copied().collect();
    let lists = LargeListArray::try_new(item(), offsets, Arc::new(UInt32Array::from(ids)), None);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(documents.rows.clone()),
        Arc::new(keys.finish()),
        Arc::new(documents.sources.clone()),
        Arc::new(documents.langs.clone()),
        Arc::new(UInt64Array::new(ScalarBuffer::from(documents.text_bytes.clone()), None)),
        Arc::new(lists.map_err(Error::internal)?),
        loss::column(&documents.loss_spans)?,
    ];
    RecordBatch::try_new(schema(), columns).map_err(Error::internal)
}

pub(super) fn of_batch(batch: &RecordBatch) -> Documents {
    let numbers = |name: &str| batch[name].as_primitive::<UInt64Type>().clone();
    let keys = batch["key"].as_fixed_size_binary();
    let lists = batch["ids"].as_list::<i64>();
    let lengths = lists.value_offsets().windows(2).map(|o| (o[1] - o[0]) as u32).collect();
    let ids = lists.values().as_primitive::<UInt32Type>().values().to_vec();
    let key = |row| keys.is_valid(row).then(|| keys.value(row).try_into().ok()).flatten();
    Documents {
        rows: numbers("row"),
        keys: (0..batch.num_rows()).map(key).collect(),
        sources: batch["source"].as_string::<i32>().clone(),
        langs: batch["lang"].as_string::<i32>().clone(),
        text_bytes: numbers("text_bytes").values().to_vec(),
        ids: vec![Ids { ids, lengths }],
        loss_spans: loss::of_column(&batch["loss_spans"]),
    }
}
