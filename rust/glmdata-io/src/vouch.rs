//! The second door to reading: a file that a stage of our own wrote may only be as its manifest says.
//!
//! A crawl may be dirty; what a stage wrote may not. The file is hashed by a thread beside the decoder
//! while it is read, and an event of any kind is damage.

use std::io::Read;

use arrow_array::RecordBatch;
use glmdata_base::{Error, Result, Sha256Hasher};

use crate::delivery::Delivered;
use crate::input::{InputFile, Vouched};
use crate::quarantine::QuarantineEvent;
use crate::read::{UnitSink, UnitSummary};

const BLOCK_BYTES: usize = 1 << 20;

/// Run `read` over `file`, which a manifest vouches for; fails unless all of it is as it was written.
pub(crate) fn vouched_read(
    file: &InputFile,
    vouched: &Vouched,
    sink: &mut dyn UnitSink,
    read: impl FnOnce(&mut dyn UnitSink) -> Result<UnitSummary>,
) -> Result<UnitSummary> {
    std::thread::scope(|scope| {
        let hash = scope.spawn(|| sha256_of(file));
        let mut strict = Strict { file, vouched, sink };
        let summary = read(&mut strict);
        let found = hash.join().map_err(|_| Error::internal("the hashing thread panicked"))?;
        // A decoder stumbles over a damaged file in its own words; the hash says it plainly.
        if let Err(Error::Cancelled) = summary {
            return summary;
        }
        if found? != vouched.sha256 {
            return Err(damaged(file, vouched, "its content is not what that stage wrote"));
        }
        let summary = summary?;
        match vouched.rows {
            Some(rows) if rows != summary.documents => {
                let what = format!("expected {rows} documents, found {}", summary.documents);
                Err(damaged(file, vouched, &what))
            }
            _ => Ok(summary),
        }
    })
}

fn damaged(file: &InputFile, vouched: &Vouched, what: &str) -> Error {
    let stage = &vouched.stage;
    Error::corrupt(
        &file.path,
        format!("written by the {stage} stage: {what}; run that stage again with --fresh"),
    )
}

fn sha256_of(file: &InputFile) -> Result<String> {
    let mut source = Delivered::open(file, 0)?;
    let (mut hasher, mut block) = (Sha256Hasher::default(), vec![0; BLOCK_BYTES]);
    loop {
        let read = source.read(&mut block).map_err(|e| Error::storage("read", &file.path, e))?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&block[..read]);
    }
}

/// Passes documents on and takes every event for damage.
struct Strict<'a> {
    file: &'a InputFile,
    vouched: &'a Vouched,
    sink: &'a mut dyn UnitSink,
}

impl UnitSink for Strict<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.sink.batch(batch)
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        let what = format!("{}: {}", event.kind.name(), event.detail);
        Err(damaged(self.file, self.vouched, &what))
    }

    fn advanced(&mut self, bytes: u64) {
        self.sink.advanced(bytes);
    }
}
