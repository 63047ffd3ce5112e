//! `Progress`: the counters of a running call, readable from another Python thread.

use pyo3::prelude::*;

/// Counters that a running call adds to.
#[pyclass(frozen, module = "glmdata._native")]
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) counters: glmdata_base::Progress,
}

#[pymethods]
impl Progress {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// (phase, documents, bytes, total bytes; 0 when the total is unknown).
    fn read(&self) -> (&'static str, u64, u64, u64) {
        let (phase, documents, bytes, total) = self.counters.read();
        (phase.name(), documents, bytes, total)
    }
}
