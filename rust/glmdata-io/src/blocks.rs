//! Memory for single large blocks: a page of Parquet, a batch of Arrow, a long record.
//!
//! Whoever decodes a column file holds a whole page or batch, however large its writer made it, and whoever
//! reads a record holds all of it. Small ones are part of what every thread is given; a large one waits here
//! until the others leave room.

use std::fmt::{self, Display};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use glmdata_base::{Error, Result};

/// Blocks up to this size are part of what a thread is given.
const SMALL: u64 = 12 << 20;

/// Bytes that a record takes for each of its own: where it is read, its column, and a copy on its way on.
const RECORD: u64 = 3;

/// The same where the block that it is read from is charged already.
const DOCUMENT: u64 = 2;

/// Records up to this size are small.
pub(crate) const SMALL_RECORD: usize = (SMALL / RECORD) as usize;

/// What all readers of a run may hold in large blocks at a time. It never changes a byte of the result.
#[derive(Clone)]
pub struct BlockMemory(Arc<Inner>);

struct Inner {
    limit: u64,
    used: Mutex<Used>,
    freed: Condvar,
}

#[derive(Default)]
struct Used {
    bytes: u64,
    /// The threads that hold them.
    holders: Vec<ThreadId>,
}

/// Says nothing: how much memory there is belongs to no fingerprint.
impl fmt::Debug for BlockMemory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BlockMemory")
    }
}

impl BlockMemory {
    /// So many bytes.
    pub fn new(limit: u64) -> Self {
        let limit = limit.max(SMALL);
        Self(Arc::new(Inner { limit, used: Mutex::default(), freed: Condvar::new() }))
    }

    /// Wait until there is room for `bytes`, which `what` needs.
    ///
    /// # Errors
    /// [`Error::Budget`] if there never will be.
    fn take(&self, bytes: u64, what: &dyn Display) -> Result<BlockHold> {
        let Inner { limit, used, freed } = &*self.0;
        let holder = thread::current().id();
        if bytes <= SMALL {
            return Ok(BlockHold { memory: self.clone(), bytes: 0, holder });
        }
        let held = used.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > *limit {
            let (what, needed, used, limit) = (what.to_string().into(), bytes, held.bytes, *limit);
            return Err(Error::Budget { what, needed, used, limit });
        }
        // A thread may read one file while it waits for another's documents to be written. What it holds
        // itself it would wait for in vain.
        let is_full = |held: &mut Used| {
            held.bytes.saturating_add(bytes) > *limit && !held.holders.contains(&holder)
        };
        let mut held = freed.wait_while(held, is_full).unwrap_or_else(PoisonError::into_inner);
        held.bytes += bytes;
        held.holders.push(holder);
        Ok(BlockHold { memory: self.clone(), bytes, holder })
    }

    /// For the reader of one unit, which holds nothing yet.
    pub(crate) fn of_unit(&self) -> UnitHold {
        let hold = BlockHold { memory: self.clone(), bytes: 0, holder: thread::current().id() };
        UnitHold(Arc::new(Mutex::new(OfUnit { hold, block: 0, record: 0 })))
    }
}

impl Default for BlockMemory {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

/// What the reader of a unit holds, until it has read all of it. One sum for blocks and the records that
/// are made of them: who held the one and waited for the other would wait for those who do the same.
#[derive(Clone, Debug)]
pub(crate) struct UnitHold(Arc<Mutex<OfUnit>>);

#[derive(Debug)]
struct OfUnit {
    hold: BlockHold,
    /// The largest page or batch, and what the largest record takes.
    block: u64,
    record: u64,
}

impl UnitHold {
    /// A page or batch of so many bytes comes.
    pub(crate) fn block(&self, bytes: u64) -> Result<()> {
        let mut unit = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unit.block = unit.block.max(bytes);
        let all = unit.block + unit.record;
        unit.hold.grow(all, &"one page or batch of a column file")
    }

    /// A record of so many bytes is read, which begins at byte `at`.
    pub(crate) fn record(&self, bytes: usize, at: u64) -> Result<()> {
        self.made(bytes, RECORD, at)
    }

    /// A document of so many bytes is made of what was read, the record at byte or row `at`.
    pub(crate) fn document(&self, bytes: usize, at: u64) -> Result<()> {
        self.made(bytes, DOCUMENT, at)
    }

    fn made(&self, bytes: usize, factor: u64, at: u64) -> Result<()> {
        if bytes <= SMALL_RECORD {
            return Ok(());
        }
        let mut unit = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unit.record = unit.record.max(factor * bytes as u64);
        let all = unit.block + unit.record;
        unit.hold.grow(all, &format_args!("the record at {at}"))
    }

    /// Append `more` to a record that begins at byte `at`. A vector left to itself would double.
    pub(crate) fn extend(&self, held: &mut Vec<u8>, more: &[u8], at: u64) -> Result<()> {
        let bytes = held.len() + more.len();
        if bytes > held.capacity() && bytes > SMALL_RECORD {
            self.record(bytes + bytes / 4, at)?;
            held.reserve_exact(more.len() + bytes / 4);
        }
        held.extend_from_slice(more);
        Ok(())
    }
}

/// Bytes held; they go back when this is dropped.
#[derive(Debug)]
struct BlockHold {
    memory: BlockMemory,
    bytes: u64,
    holder: ThreadId,
}

impl BlockHold {
    /// Hold `bytes` in all from now on, if that is more than before. What is held is given back first:
    /// two readers that both wait for more would wait for each other.
    fn grow(&mut self, bytes: u64, what: &dyn Display) -> Result<()> {
        if bytes > self.bytes && bytes > SMALL {
            let memory = self.memory.clone();
            self.release();
            *self = memory.take(bytes, what)?;
        }
        Ok(())
    }

    fn release(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > 0 {
            let Inner { used, freed, .. } = &*self.memory.0;
            let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
            used.bytes -= bytes;
            if let Some(at) = used.holders.iter().position(|holder| *holder == self.holder) {
                used.holders.swap_remove(at);
            }
            drop(used);
            freed.notify_all();
        }
    }
}

impl Drop for BlockHold {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_blocks_wait_and_too_large_ones_fail() {
        let memory = BlockMemory::new(64 << 20);
        let first = memory.of_unit();
        first.block(30 << 20).unwrap();
        first.record(8 << 20, 7).unwrap();
        assert_eq!(memory.0.used.lock().unwrap().bytes, 54 << 20);
        assert!(memory.of_unit().block(1 << 20).is_ok(), "a small one needs no room");
        let refused = memory.of_unit().record(22 << 20, 7).unwrap_err();
        assert!(refused.to_string().starts_with("the record at 7 needs"), "{refused}");
        memory.of_unit().block(30 << 20).unwrap();
        let other = memory.clone();
        let waits = std::thread::spawn(move || other.of_unit().block(30 << 20).is_ok());
        drop(first);
        assert!(waits.join().unwrap());
        assert_eq!(memory.0.used.lock().unwrap().bytes, 0);
    }
}
