//! How many documents of the crawl a kept one stands for: the cluster sizes that deduplication left.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use glmdata_base::{Error, Result};

use crate::survey::Factors;

/// The factor of every document that names a cluster in `path`, a `clusters.arrow` of dedup.
///
/// `steps` are (documents, factor), sorted: the last step that a cluster reaches holds for it. What
/// counts is the named document and all that were removed; variants that were kept stand for
/// themselves.
pub fn read_factors(path: &Path, steps: &[(u64, u32)]) -> Result<Factors> {
    let damaged = |reason: &dyn ToString| Error::corrupt(path, reason.to_string());
    let file = File::open(path).map_err(|e| Error::storage("open", path, e))?;
    let mut factors = Factors::new();
    for batch in FileReader::try_new_buffered(file, None).map_err(|e| damaged(&e))? {
        let batch = batch.map_err(|e| damaged(&e))?;
        add(&batch, steps, &mut factors).ok_or_else(|| {
            damaged(&"expected the columns cluster_id, documents and kept of clusters.arrow")
        })?;
    }
    Ok(factors)
}

fn add(batch: &RecordBatch, steps: &[(u64, u32)], factors: &mut Factors) -> Option<()> {
    let number = |name| batch.column_by_name(name)?.as_primitive_opt::<UInt64Type>();
    let ids = batch.column_by_name("cluster_id")?.as_fixed_size_binary_opt()?;
    let (documents, kept) = (number("documents")?, number("kept")?);
    for row in 0..ids.len() {
        let stands_for = documents.value(row) - kept.value(row).saturating_sub(1);
        let reached = steps.iter().take_while(|(least, _)| *least <= stands_for).last();
        if let Some(&(_, factor)) = reached.filter(|(_, factor)| *factor != 1) {
            factors.insert(ids.value(row).try_into().ok()?, factor);
        }
    }
    Some(())
}
