//! `glmdata-io` for Python: Arrow data to a file that can be read again, texts by their origin.

use std::path::PathBuf;

use glmdata_base::Error;
use glmdata_io::fetch;
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatchReader;

use crate::door::enter;
use crate::errors::to_python;
use crate::reading::Reading;

/// Write an Arrow stream (anything with `__arrow_c_stream__`) to `path` as an IPC file; returns
/// the number of rows.
#[pyfunction]
#[pyo3(signature = (data, path))]
pub(crate) fn spool_arrow(
    py: Python<'_>,
    data: PyRecordBatchReader,
    path: PathBuf,
) -> PyResult<u64> {
    let reader = data.into_reader()?;
    // The stream may call back into Python for every batch, so the GIL stays with this thread.
    glmdata_io::write_arrow(
        &path,
        &reader.schema(),
        reader.map(|batch| {
            batch.map_err(|e| Error::Input { path: path.clone(), reason: e.to_string() })
        }),
    )
    .map(|shard| shard.rows)
    .map_err(|error| to_python(py, error))
}

/// The texts of records, by (root, relative path, row).
#[pyfunction]
#[pyo3(signature = (inputs, options, origins))]
pub(crate) fn fetch_texts(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    options: Reading,
    origins: Vec<(String, String, u64)>,
) -> PyResult<Vec<String>> {
    let read = options.options(u64::MAX).map_err(|error| to_python(py, error))?;
    enter(py, move |cancel| fetch(&inputs, &read, &origins, cancel))
}
