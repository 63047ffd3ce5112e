//! Scores that were measured before another stage decided, of the documents that it kept.
//!
//! Scores and decisions both have one row a document in input order, so this is a zip by position.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::DataType;
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Cancel, Error, Result};
use glmdata_io::{StageFile, files_json, write_quarantine};
use serde_json::{Value, json};

use crate::table::Parts;

/// Write the rows of the files `scores` whose documents the stage `judged` kept into the stage
/// folder `output`, as measuring only those documents would have; `{"files"}` comes back.
///
/// # Errors
/// [`Error::Input`] if scores and decisions are of different documents; [`Error::Storage`].
pub fn take(scores: &[PathBuf], judged: &Path, output: &Path, cancel: &Cancel) -> Result<Value> {
    let mut decisions = Decisions::open(judged)?;
    let mut parts: Option<Parts> = None;
    for path in scores {
        let reader = StageFile::open(path)?;
        let into = parts.get_or_insert_with(|| Parts::new(output, reader.schema().clone()));
        for batch in reader {
            cancel.check()?;
            let batch = batch?;
            let keep = decisions.of(&batch)?;
            into.add(filter_record_batch(&batch, &keep).map_err(Error::internal)?)?;
        }
    }
    decisions.finish()?;
    let mut files = parts.map_or_else(|| Ok(Vec::new()), Parts::finish)?;
    // What could not be read was told by the stage that decided.
    let told = write_quarantine(&output.join("quarantine"), &[])?;
    files.extend(told.into_iter().map(|file| glmdata_io::ShardFile { file, rows: 0 }));
    Ok(json!({ "files": files_json(output, &files) }))
}

/// The rows of `decisions/` of a stage, one after the other.
struct Decisions<'a> {
    folder: &'a Path,
    /// Of the next file.
    number: usize,
    reader: StageFile,
    batch: Option<RecordBatch>,
    row: usize,
}

impl<'a> Decisions<'a> {
    fn open(folder: &'a Path) -> Result<Self> {
        Ok(Self { folder, number: 1, reader: part(folder, 0)?, batch: None, row: 0 })
    }

    /// Whether each document of `scores` was kept.
    fn of(&mut self, scores: &RecordBatch) -> Result<BooleanArray> {
        let docs = scores["doc"].as_fixed_size_binary();
        (0..scores.num_rows())
            .map(|row| match self.next()? {
                Some((doc, keep)) if doc == docs.value(row) => Ok(Some(keep)),
                _ => Err(self.other_documents()),
            })
            .collect()
    }

    fn finish(mut self) -> Result<()> {
        if self.next()?.is_none() { Ok(()) } else { Err(self.other_documents()) }
    }

    fn next(&mut self) -> Result<Option<([u8; 16], bool)>> {
        while self.batch.as_ref().is_none_or(|batch| self.row == batch.num_rows()) {
            if let Some(batch) = self.reader.next() {
                (self.batch, self.row) = (Some(batch?), 0);
            } else if path_of(self.folder, self.number).exists() {
                self.reader = part(self.folder, self.number)?;
                self.number += 1;
            } else {
                return Ok(None);
            }
        }
        let Some(batch) = &self.batch else { return Ok(None) };
        let doc = batch["doc"].as_fixed_size_binary().value(self.row);
        let keep = batch["keep"].as_boolean().value(self.row);
        self.row += 1;
        #[expect(
            clippy::expect_used,
            reason = "key 0 would be told as another document's decision"
        )]
        let doc = doc.try_into().expect("keys are checked to have 16 bytes when a part is opened");
        Ok(Some((doc, keep)))
    }

    fn other_documents(&self) -> Error {
        let reason = "it decided about other documents than were scored".to_owned();
        Error::Input { path: self.folder.to_path_buf(), reason }
    }
}

fn path_of(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("decisions/part-{number:06}.arrow"))
}

fn part(folder: &Path, number: usize) -> Result<StageFile> {
    let path = path_of(folder, number);
    let reader = StageFile::open(&path)?;
    let schema = reader.schema();
    let is = |name: &str, kind: &DataType| {
        schema.field_with_name(name).is_ok_and(|field| field.data_type() == kind)
    };
    if !is("doc", &DataType::FixedSizeBinary(16)) || !is("keep", &DataType::Boolean) {
        return Err(Error::corrupt(&path, "expected columns doc of 16 bytes and keep"));
    }
    Ok(reader)
}
