//! Single records by where they came from, for `explain`.

use std::collections::HashMap;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, Result};

use crate::discover::discover;
use crate::options::ReadOptions;
use crate::quarantine::QuarantineEvent;
use crate::read::{UnitSink, read_unit};
use crate::unit::Unit;

/// The texts of the records at `origins` (root label, relative path, row), in that order.
///
/// Each file named is read from its start, so this is for a few records, not for many.
///
/// # Errors
/// [`Error::Input`] if a file is no longer among `inputs` or has no such record.
pub fn fetch(
    inputs: &[PathBuf],
    options: &ReadOptions,
    origins: &[(String, String, u64)],
    cancel: &Cancel,
) -> Result<Vec<String>> {
    let found = discover(inputs, options)?;
    let mut texts = vec![None; origins.len()];
    let mut files: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (i, (root, relative, _)) in origins.iter().enumerate() {
        files.entry((root, relative)).or_default().push(i);
    }
    for (number, file) in found.files.iter().enumerate() {
        let Some(wanted) = files.get(&(file.root.as_str(), file.relative.as_str())) else {
            continue;
        };
        let wanted = wanted.iter().map(|&i| (origins[i].2, i)).collect();
        let mut sink = Picker { wanted, texts: &mut texts };
        let whole = Unit { file: number, start: 0, end: file.bytes };
        read_unit(file, &whole, options, cancel, &mut sink)?;
    }
    let missing = |i: usize| {
        let (root, relative, row) = &origins[i];
        let reason = format!("has no record {row}, or is no longer among the inputs");
        Error::Input { path: PathBuf::from(format!("{root}/{relative}")), reason }
    };
    texts.into_iter().enumerate().map(|(i, text)| text.ok_or_else(|| missing(i))).collect()
}

struct Picker<'a> {
    wanted: Vec<(u64, usize)>,
    texts: &'a mut [Option<String>],
}

impl UnitSink for Picker<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let rows = batch["row"].as_primitive::<UInt64Type>().values();
        let texts = batch["text"].as_string::<i64>();
        for &(row, i) in &self.wanted {
            if let Ok(at) = rows.binary_search(&row)
                && texts.is_valid(at)
            {
                self.texts[i] = Some(texts.value(at).to_owned());
            }
        }
        Ok(())
    }

    fn quarantine(&mut self, _: QuarantineEvent) -> Result<()> {
        Ok(())
    }
}
