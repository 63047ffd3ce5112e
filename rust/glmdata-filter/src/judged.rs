//! The decisions of an earlier stage, applied while its own inputs are read again.
//!
//! A stage that wrote decisions and no documents is read like one that wrote both: what it removed
//! is passed over, and what it quarantined is not told twice. Decisions lie in input order and
//! `documents.arrow` says which unit each row is of, so this is a zip by position.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Error, MemoryBudget, Reservation, Result, hash128};
use glmdata_io::{QuarantineEvent, StageFile, UnitSink};

/// What an earlier stage kept, unit by unit.
#[derive(Debug)]
pub struct Judged {
    folder: PathBuf,
    /// By unit: one value a document that could be read.
    units: BTreeMap<usize, Vec<bool>>,
    _memory: Vec<Reservation>,
}

/// Bytes of a decision: twice while they are sorted by unit, in lists that grow by doubling.
const DECISION_BYTES: u64 = 4;

impl Judged {
    /// Read `decisions/` and `documents.arrow` of the stage in `folder`.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Budget`] if `memory` has no room for them, and
    /// [`Error::Corrupt`] if the two do not belong together.
    pub fn read(folder: &Path, memory: &MemoryBudget) -> Result<Self> {
        let (mut keep, mut held) = (Vec::new(), Vec::new());
        for number in 0.. {
            let path = folder.join(format!("decisions/part-{number:06}.arrow"));
            if number > 0 && !path.exists() {
                break;
            }
            each_batch(&path, "keep", |batch| {
                let bytes = batch.num_rows() as u64 * DECISION_BYTES;
                held.push(memory.reserve(bytes, "the list of earlier decisions")?);
                keep.extend(batch["keep"].as_boolean().iter().map(|keep| keep == Some(true)));
                Ok(())
            })?;
        }
        let (mut units, mut at) = (BTreeMap::<usize, Vec<bool>>::new(), 0);
        let documents = folder.join("documents.arrow");
        each_batch(&documents, "unit", |batch| {
            for &unit in batch["unit"].as_primitive::<UInt32Type>().values() {
                let kept = keep.get(at).copied().unwrap_or_default();
                units.entry(unit as usize).or_default().push(kept);
                at += 1;
            }
            Ok(())
        })?;
        if at != keep.len() {
            let reason = format!("{at} documents, but {} decisions", keep.len());
            return Err(Error::corrupt(&documents, reason));
        }
        Ok(Self { folder: folder.to_path_buf(), units, _memory: held })
    }

    /// A sink for unit `unit` that gives `inner` what was kept of it.
    pub(crate) fn sink<'a>(&'a self, unit: usize, inner: &'a mut dyn UnitSink) -> KeptOnly<'a> {
        let keep = self.units.get(&unit).map_or(&[][..], Vec::as_slice);
        KeptOnly { folder: &self.folder, keep, at: 0, inner }
    }

    /// Changes whenever something else was kept of unit `unit`.
    pub(crate) fn fingerprint(&self, unit: usize) -> u128 {
        let keep = self.units.get(&unit).map_or(&[][..], Vec::as_slice);
        hash128(&keep.iter().map(|&keep| u8::from(keep)).collect::<Vec<_>>())
    }
}

fn each_batch(
    path: &Path,
    column: &str,
    mut take: impl FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let whole = StageFile::open(path)?;
    let place = whole.schema().index_of(column).map_err(|e| Error::corrupt(path, e))?;
    for batch in whole.only(vec![place])? {
        take(&batch?)?;
    }
    Ok(())
}

/// Passes on what was kept.
pub(crate) struct KeptOnly<'a> {
    folder: &'a Path,
    keep: &'a [bool],
    at: usize,
    inner: &'a mut dyn UnitSink,
}

impl KeptOnly<'_> {
    /// Whether all decisions have met their documents.
    pub(crate) fn finish(self) -> Result<()> {
        if self.at == self.keep.len() { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        let reason = "its inputs have other documents than were decided on".to_owned();
        Error::Input { path: self.folder.to_path_buf(), reason }
    }
}

impl UnitSink for KeptOnly<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let end = self.at + batch.num_rows();
        let keep = self.keep.get(self.at..end).ok_or_else(|| self.changed())?;
        self.at = end;
        let keep = BooleanArray::from(keep.to_vec());
        if keep.true_count() == keep.len() {
            return self.inner.batch(batch);
        }
        self.inner.batch(filter_record_batch(&batch, &keep).map_err(Error::internal)?)
    }

    fn quarantine(&mut self, _: QuarantineEvent) -> Result<()> {
        // Written down by the stage that decided.
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.inner.advanced(bytes);
    }
}
