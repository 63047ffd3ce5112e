//! How many documents of the crawl a kept one stands for: the cluster sizes that deduplication left.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Error, Result};
use glmdata_io::StageFile;

use crate::survey::Factors;

/// The factor of every document that names a cluster in `path`, a `clusters.arrow` of dedup.
///
/// `steps` are (documents, factor), sorted: the last step that a cluster reaches holds for it. What
/// counts is the named document and all that were removed; variants that were kept stand for
/// themselves.
pub fn read_factors(path: &Path, steps: &[(u64, u32)]) -> Result<Factors> {
    let mut factors = Factors::new();
    for batch in StageFile::open(path)? {
        add(&batch?, steps, &mut factors).ok_or_else(|| {
            let expected = "expected the columns cluster_id, documents and kept of clusters.arrow";
            Error::corrupt(path, expected)
        })?;
    }
    Ok(factors)
}

fn add(batch: &RecordBatch, steps: &[(u64, u32)], factors: &mut Factors) -> Option<()> {
    let number = |name| batch.column_by_name(name)?.as_primitive_opt::<UInt64Type>();
    let ids = batch.column_by_name("cluster_id")?.as_fixed_size_binary_opt()?;
    let (documents, kept) = (number("documents")?, number("kept")?);
    for row in 0..ids.len() {
        // None is kept that was not there.
        let stands_for = documents.value(row).checked_sub(kept.value(row).saturating_sub(1))?;
        let reached = steps.iter().take_while(|(least, _)| *least <= stands_for).last();
        if let Some(&(_, factor)) = reached.filter(|(_, factor)| *factor != 1) {
            factors.insert(ids.value(row).try_into().ok()?, factor);
        }
    }
    Some(())
}
