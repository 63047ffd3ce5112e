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

    /// (phase, documents or pairs, finished work, all work; 0 when that is unknown).
    fn read(&self) -> (&'static str, u64, u64, u64) {
        let (phase, things, done, total) = self.counters.read();
        (phase.name(), things, done, total)
    }
}
