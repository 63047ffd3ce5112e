//! What was measured of these documents before, as what the keep policy looks at.
//!
//! Scores have one row a document in input order, so this is a zip by position; their keys say
//! whether they are of these documents.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use glmdata_base::{Error, Result};
use glmdata_io::StageFile;

use crate::corpus::Corpus;
use crate::keep::sortable;
use crate::options::Keep;

/// Fill the column `keep` of the new documents from the score that the policy names.
///
/// # Errors
/// [`Error::Config`] if the policy names no number of `files`, [`Error::Input`] if they are of
/// other documents.
pub(crate) fn keep_by_scores(
    corpus: &mut Corpus<'_>,
    policy: &Keep,
    files: &[PathBuf],
) -> Result<()> {
    let Keep::Best(column) = policy else {
        let expected = "keep = best:COLUMN, a column of the scores";
        return Err(Error::config("scores", expected, format!("{policy:?}")));
    };
    let (new, mut at) = (corpus.new_documents(), 0);
    for path in files {
        for batch in batches(path, column)? {
            let batch = batch.map_err(|e| Error::corrupt(path, e))?;
            let docs = batch["doc"].as_fixed_size_binary();
            let values = numbers(&batch, column)?;
            for (row, value) in values.into_iter().enumerate() {
                if at == new || docs.value(row) != corpus.key(at) {
                    return Err(other_documents(path));
                }
                corpus.table.keep[at as usize] = value.map_or(0, sortable);
                at += 1;
            }
        }
    }
    let last = || files.last().map_or_else(|| Path::new("scores"), PathBuf::as_path);
    if at == new { Ok(()) } else { Err(other_documents(last())) }
}

fn other_documents(path: &Path) -> Error {
    let reason = "these scores are of other documents than the inputs hold".to_owned();
    Error::Input { path: path.to_path_buf(), reason }
}

/// The batches of a file, with nothing but `doc` and `column`.
fn batches(path: &Path, column: &str) -> Result<StageFile> {
    let whole = StageFile::open(path)?;
    let schema = whole.schema();
    let place = |name| schema.index_of(name).ok();
    let (Some(doc), Some(score)) = (place("doc"), place(column)) else {
        let known: Vec<&str> = schema
            .fields()
            .iter()
            .filter(|field| field.data_type().is_numeric())
            .map(|field| field.name().as_str())
            .collect();
        let expected = format!("best: and a column of the scores ({})", known.join(", "));
        return Err(Error::config("keep", &expected, format!("best:{column}")));
    };
    whole.only(vec![doc, score])
}

/// The values of a score; none where there is none.
fn numbers(batch: &RecordBatch, column: &str) -> Result<Vec<Option<f64>>> {
    let score: &ArrayRef = &batch[column];
    if let Some(values) = score.as_primitive_opt::<Float64Type>() {
        return Ok(values.iter().collect());
    }
    if let Some(values) = score.as_primitive_opt::<UInt64Type>() {
        return Ok(values.iter().map(|value| Some(value? as f64)).collect());
    }
    Err(Error::config("keep", "best: and a column of numbers", format!("best:{column}")))
}
