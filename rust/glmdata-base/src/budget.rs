//! A memory budget that large buffers are charged to.
//!
//! It counts what the long-lived structures hold (text kept in memory, document tables, sort
//! buffers). Whoever cannot get a reservation spills or, where it cannot spill, fails with
//! [`Error::Budget`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// A shared counter with a limit, in bytes.
#[derive(Clone, Debug)]
pub struct MemoryBudget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: u64,
    used: AtomicU64,
}

/// Bytes held; they go back to the budget when this is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    /// A budget of `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Inner { limit, used: AtomicU64::new(0) }))
    }

    /// A budget that has room for everything.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// The limit in bytes.
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Bytes reserved now.
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Take `bytes` if they fit, else `None`: the caller spills.
    pub fn try_reserve(&self, bytes: u64) -> Option<Reservation> {
        let taken = self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|&total| total <= self.0.limit)
        });
        taken.ok().map(|_| Reservation { budget: self.clone(), bytes })
    }

    /// A reservation of no bytes, to be resized.
    pub fn nothing(&self) -> Reservation {
        Reservation { budget: self.clone(), bytes: 0 }
    }

    /// Take `bytes` or fail with [`Error::Budget`]: for what cannot spill.
    pub fn reserve(&self, bytes: u64, what: &'static str) -> Result<Reservation> {
        self.try_reserve(bytes).ok_or_else(|| Error::Budget {
            what: what.into(),
            needed: bytes,
            used: self.used(),
            limit: self.limit(),
        })
    }
}

impl Reservation {
    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hold `bytes` in all from now on; `false`, and nothing changes, if they do not fit.
    pub fn try_resize(&mut self, bytes: u64) -> bool {
        if let Some(more) = bytes.checked_sub(self.bytes) {
            let Some(mut taken) = self.budget.try_reserve(more) else { return false };
            self.bytes += std::mem::take(&mut taken.bytes);
        } else {
            let Inner { used, .. } = &*self.budget.0;
            used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
            self.bytes = bytes;
        }
        true
    }

    /// The same for what cannot spill: fails with [`Error::Budget`].
    pub fn resize(&mut self, bytes: u64, what: &'static str) -> Result<()> {
        if self.try_resize(bytes) {
            return Ok(());
        }
        let (needed, used, limit) = (bytes - self.bytes, self.budget.used(), self.budget.limit());
        Err(Error::Budget { what: what.into(), needed, used, limit })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_come_back() {
        let budget = MemoryBudget::new(100);
        let first = budget.try_reserve(60);
        assert!(first.is_some());
        assert!(budget.try_reserve(41).is_none());
        assert!(matches!(
            budget.reserve(41, "sort buffer"),
            Err(Error::Budget { needed: 41, used: 60, limit: 100, .. })
        ));
        drop(first);
        assert!(budget.try_reserve(100).is_some());
        let mut held = budget.nothing();
        assert!(held.try_resize(70) && held.try_resize(80) && held.try_resize(50));
        assert_eq!((held.bytes(), budget.used()), (50, 50));
        assert!(!held.try_resize(101));
        assert!(held.resize(101, "table").is_err());
        drop(held);
        assert_eq!(budget.used(), 0);
    }
}
