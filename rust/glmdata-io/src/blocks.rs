//! Memory for single large blocks: a page of Parquet, a batch of Arrow.
//!
//! Whoever decodes a column file holds a whole page or batch, however large its writer made it. Small
//! ones are part of what every thread is given; a large one waits here until the others leave room.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use glmdata_base::{Error, Result};

/// Blocks up to this size are part of what a thread is given.
const SMALL: u64 = 12 << 20;

/// What all readers of a run may hold in large blocks at a time. It never changes a byte of the result.
#[derive(Clone)]
pub struct BlockMemory(Arc<Inner>);

struct Inner {
    limit: u64,
    used: Mutex<u64>,
    freed: Condvar,
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
        Self(Arc::new(Inner { limit, used: Mutex::new(0), freed: Condvar::new() }))
    }

    /// Wait until there is room for `bytes`.
    ///
    /// # Errors
    /// [`Error::Budget`] if there never will be.
    pub(crate) fn take(&self, bytes: u64) -> Result<BlockHold> {
        let Inner { limit, used, freed } = &*self.0;
        if bytes <= SMALL {
            return Ok(BlockHold { memory: self.clone(), bytes: 0 });
        }
        let held = used.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > *limit {
            let (needed, used, limit) = (bytes, *held, *limit);
            return Err(Error::Budget {
                what: "one page or batch of a column file".into(),
                needed,
                used,
                limit,
            });
        }
        let mut held = freed
            .wait_while(held, |held| held.saturating_add(bytes) > *limit)
            .unwrap_or_else(PoisonError::into_inner);
        *held += bytes;
        Ok(BlockHold { memory: self.clone(), bytes })
    }
}

impl Default for BlockMemory {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

/// Bytes held; they go back when this is dropped.
#[derive(Debug)]
pub(crate) struct BlockHold {
    memory: BlockMemory,
    bytes: u64,
}

impl BlockHold {
    /// Hold `bytes` in all from now on, if that is more than before. What is held is given back first:
    /// two readers that both wait for more would wait for each other.
    pub(crate) fn grow(&mut self, bytes: u64) -> Result<()> {
        if bytes > self.bytes && bytes > SMALL {
            let memory = self.memory.clone();
            self.release();
            *self = memory.take(bytes)?;
        }
        Ok(())
    }

    fn release(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > 0 {
            let Inner { used, freed, .. } = &*self.memory.0;
            *used.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
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
        let mut first = memory.take(40 << 20).unwrap();
        first.grow(50 << 20).unwrap();
        assert!(memory.take(1 << 20).is_ok(), "a small one needs no room");
        assert!(matches!(memory.take(65 << 20), Err(Error::Budget { .. })));
        let other = memory.clone();
        let waits = std::thread::spawn(move || other.take(30 << 20).is_ok());
        drop(first);
        assert!(waits.join().unwrap());
        assert_eq!(*memory.0.used.lock().unwrap(), 0);
    }
}
