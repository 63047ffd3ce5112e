//! What every other crate stands on: one error type, hashing, a memory budget, a cancel flag,
//! progress counters and files that appear whole or not at all.
//!
//! Nothing here knows about documents. `glmdata-io` and `glmdata-text` build on it, the
//! capabilities (`glmdata-dedup`, ...) build on those, and `glmdata-python` turns
//! [`Error`] into Python exceptions.
//!
//! ```
//! use glmdata_base::{Cancel, MemoryBudget};
//! let budget = MemoryBudget::new(1 << 20);
//! let held = budget.reserve(1 << 10, "a read buffer")?;
//! assert_eq!(budget.used(), 1 << 10);
//! drop(held);
//! assert_eq!(budget.used(), 0);
//! assert!(Cancel::new().check().is_ok());
//! # Ok::<(), glmdata_base::Error>(())
//! ```

mod budget;
mod cancel;
mod error;
mod file;
mod hash;
mod progress;

pub use budget::{MemoryBudget, Reservation};
pub use cancel::Cancel;
pub use error::{Error, Result};
pub use file::{AtomicFile, WrittenFile, sync};
pub use hash::{Sha256Hasher, doc_key, hash64, hash128, hex};
pub use progress::{Phase, Progress};
