//! A flag that the Python door raises on Ctrl-C and every loop over batches looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Shared between the thread that watches for signals and the workers.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is down.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raise the flag: every worker stops at its next [`check`](Self::check).
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// [`Error::Cancelled`] once the flag is up. Call it once a batch, not once a record.
    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_flag() {
        let flag = Cancel::new();
        let worker = flag.clone();
        assert!(worker.check().is_ok());
        flag.cancel();
        assert!(matches!(worker.check(), Err(Error::Cancelled)));
    }
}
