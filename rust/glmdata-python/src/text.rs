//! `glmdata-text` for Python.

use glmdata_base::Error;
use glmdata_text::{Shingling, Simd, shingle_texts};
use pyo3::prelude::*;

use crate::errors::to_python;

/// The shingles of `text` in text order, repeats kept: units joined by spaces.
#[pyfunction]
#[pyo3(signature = (text, mode))]
pub(crate) fn shingles(py: Python<'_>, text: &str, mode: &str) -> PyResult<Vec<String>> {
    let shingling: Shingling = mode
        .parse()
        .map_err(|expected| to_python(py, Error::config("shingle", &format!("{expected}"), mode)))?;
    Ok(py.detach(|| shingle_texts(text, shingling)))
}

/// The instruction set in use: portable, avx2 or avx512.
#[pyfunction]
pub(crate) fn simd_level() -> &'static str {
    Simd::detect().name()
}
