//! How the memory of a run is shared out. What is left over is for batches on their way, for sorting
//! and for the process itself.

use glmdata_base::MemoryBudget;

/// Shares of the memory a run may use.
pub(crate) struct Budgets {
    /// Texts of scanned units.
    pub(crate) texts: MemoryBudget,
    /// The table of documents, and their band keys if there is room.
    pub(crate) table: MemoryBudget,
    /// Shingle sets and outlines of candidates; before there are any, marks of band keys.
    pub(crate) verify: MemoryBudget,
}

impl Budgets {
    pub(crate) fn of(memory: u64) -> Self {
        Self {
            texts: MemoryBudget::new(memory / 4),
            table: MemoryBudget::new(memory / 4),
            verify: MemoryBudget::new(memory / 5),
        }
    }
}
