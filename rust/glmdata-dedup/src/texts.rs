//! Where the texts of scanned units are until they are needed again: in memory while the budget
//! lasts, in a compressed spool file after that, or still in the input when an earlier run scanned
//! the unit. All three give the same batches.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use glmdata_base::{Cancel, Error, MemoryBudget, Reservation, Result};
use glmdata_io::{
    InputFile, QuarantineEvent, ReadOptions, Unit, UnitSink, raw_schema, read_unit, write_error,
};

use crate::index;

/// A spool is read two or three times: level 3 packs it a tenth smaller and takes more time for that than
/// reading gains.
const SPOOL_LEVEL: i32 = 1;

/// The texts of one unit.
#[derive(Debug)]
pub(crate) enum UnitTexts {
    /// In memory, charged to the budget.
    Memory { batches: Vec<RecordBatch>, _held: Vec<Reservation> },
    /// In a file of our own.
    Spool(PathBuf),
    /// Not read yet in this run.
    Input,
}

/// Takes the batches of a unit while it is scanned.
pub(crate) struct TextKeeper<'a> {
    budget: &'a MemoryBudget,
    path: PathBuf,
    memory: Vec<RecordBatch>,
    held: Vec<Reservation>,
    spool: Option<StreamWriter<BufWriter<File>>>,
}

impl<'a> TextKeeper<'a> {
    pub(crate) fn new(budget: &'a MemoryBudget, folder: &Path, unit: usize) -> Self {
        let path = folder.join(format!("unit-{unit:06}.texts"));
        Self { budget, path, memory: Vec::new(), held: Vec::new(), spool: None }
    }

    pub(crate) fn keep(&mut self, batch: RecordBatch) -> Result<()> {
        if let Some(spool) = &mut self.spool {
            return spool.write(&batch).map_err(|e| write_error(&self.path, e));
        }
        if let Some(held) = self.budget.try_reserve(batch.get_array_memory_size() as u64) {
            self.memory.push(batch);
            self.held.push(held);
            return Ok(());
        }
        let file = File::create(&self.path).map_err(|e| Error::storage("create", &self.path, e))?;
        let options = IpcWriteOptions::default()
            .try_with_compression(Some(CompressionType::ZSTD))
            .and_then(|options| options.try_with_compression_level(Some(SPOOL_LEVEL)))
            .map_err(Error::internal)?;
        let out = BufWriter::with_capacity(1 << 18, file);
        let mut spool = StreamWriter::try_new_with_options(out, &raw_schema(), options)
            .map_err(|e| write_error(&self.path, e))?;
        for earlier in self.memory.drain(..).chain([batch]) {
            spool.write(&earlier).map_err(|e| write_error(&self.path, e))?;
        }
        self.held.clear();
        self.spool = Some(spool);
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<UnitTexts> {
        match self.spool {
            None => Ok(UnitTexts::Memory { batches: self.memory, _held: self.held }),
            Some(mut spool) => {
                spool.finish().map_err(|e| write_error(&self.path, e))?;
                Ok(UnitTexts::Spool(self.path))
            }
        }
    }
}

/// All units with their texts.
#[derive(Debug)]
pub(crate) struct Texts<'a> {
    pub(crate) files: &'a [InputFile],
    pub(crate) units: &'a [Unit],
    pub(crate) options: &'a ReadOptions,
    pub(crate) cancel: &'a Cancel,
    pub(crate) texts: Vec<UnitTexts>,
    /// Units of this crawl; those behind them are shards of an index.
    pub(crate) new_units: usize,
    /// Bytes of text read again after the scan.
    pub(crate) read_again: AtomicU64,
}

impl Texts<'_> {
    /// Give every batch of unit number `unit` to `visit`, in order.
    pub(crate) fn each_batch(
        &self,
        unit: usize,
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.cancel.check()?;
        match &self.texts[unit] {
            UnitTexts::Memory { batches, .. } => batches.iter().try_for_each(visit),
            UnitTexts::Spool(path) => {
                let file = File::open(path).map_err(|e| Error::storage("open", path, e))?;
                let bytes = file.metadata().map_or(0, |about| about.len());
                self.read_again.fetch_add(bytes, Ordering::Relaxed);
                let reader = BufReader::with_capacity(1 << 18, file);
                let batches = StreamReader::try_new(reader, None);
                for batch in batches.map_err(|e| Error::corrupt(path, e))? {
                    self.cancel.check()?;
                    visit(&batch.map_err(|e| Error::corrupt(path, e))?)?;
                }
                Ok(())
            }
            UnitTexts::Input => {
                let file = &self.files[self.units[unit].file];
                let mut sink = Again { visit };
                let of_index = index::read_options();
                let options = if unit < self.new_units { self.options } else { &of_index };
                let summary = read_unit(file, &self.units[unit], options, self.cancel, &mut sink)?;
                self.read_again.fetch_add(summary.decoded_bytes, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// True if batches can be had without reading anything.
    pub(crate) fn in_memory(&self) -> bool {
        self.texts.iter().all(|texts| matches!(texts, UnitTexts::Memory { .. }))
    }
}

/// Passes batches on; quarantine events were noted when the unit was scanned.
struct Again<'a> {
    visit: &'a mut dyn FnMut(&RecordBatch) -> Result<()>,
}

impl UnitSink for Again<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        (self.visit)(&batch)
    }

    fn quarantine(&mut self, _: QuarantineEvent) -> Result<()> {
        Ok(())
    }
}
