//! Single steps of `glmdata-dedup` for Python: what its twins in `glmdata.reference` are compared
//! with, and what a notebook needs to look at a pair.

use glmdata_base::Error;
use glmdata_dedup::{AffineSketcher, Banding, Sketcher, side_by_side};
use pyo3::prelude::*;

use crate::errors::to_python;
use crate::text::parse;

fn check_num_perm(py: Python<'_>, num_perm: usize) -> PyResult<()> {
    if num_perm.is_power_of_two() && (16..=1024).contains(&num_perm) {
        return Ok(());
    }
    Err(to_python(py, Error::config("num_perm", "a power of two from 16 to 1024", num_perm)))
}

/// The sketch of a set of well-mixed 64-bit `hashes`: `num_perm` slots.
#[pyfunction]
#[pyo3(signature = (hashes, num_perm))]
pub(crate) fn sketch(py: Python<'_>, hashes: Vec<u64>, num_perm: usize) -> PyResult<Vec<u64>> {
    check_num_perm(py, num_perm)?;
    Ok(py.detach(|| Sketcher::new(num_perm).sketch(&hashes).to_vec()))
}

/// The values that `datasketch.MinHash(num_perm, seed=1)` of datasketch 2.0 has after the shingles
/// of a raw `text`.
#[pyfunction]
#[pyo3(signature = (text, mode, num_perm))]
pub(crate) fn minhash(
    py: Python<'_>,
    text: &str,
    mode: &str,
    num_perm: usize,
) -> PyResult<Vec<u32>> {
    check_num_perm(py, num_perm)?;
    let shingling = parse(py, mode)?;
    Ok(py.detach(|| AffineSketcher::new(num_perm).sketch(text, shingling).to_vec()))
}

/// One key a band of a `sketch`.
#[pyfunction]
#[pyo3(signature = (sketch, bands, rows))]
pub(crate) fn band_keys(
    py: Python<'_>,
    sketch: Vec<u64>,
    bands: usize,
    rows: usize,
) -> PyResult<Vec<u64>> {
    if rows == 0 || bands.checked_mul(rows).is_none_or(|slots| slots > sketch.len()) {
        let expected = format!("bands x rows of at most {} slots", sketch.len());
        return Err(to_python(py, Error::config("bands", &expected, format!("{bands}x{rows}"))));
    }
    let mut keys = Vec::new();
    Banding { bands, rows }.keys(&sketch, &mut keys);
    Ok(keys)
}

/// (bands, rows) that a run chooses for `num_perm` slots and a threshold.
#[pyfunction]
#[pyo3(signature = (num_perm, threshold))]
pub(crate) fn choose_bands(
    py: Python<'_>,
    num_perm: usize,
    threshold: f64,
) -> PyResult<(usize, usize)> {
    check_num_perm(py, num_perm)?;
    let Banding { bands, rows } = Banding::choose(num_perm, threshold);
    Ok((bands, rows))
}

/// Probability that a pair of Jaccard similarity `jaccard` shares a band.
#[pyfunction]
#[pyo3(signature = (bands, rows, jaccard))]
pub(crate) fn detection(bands: usize, rows: usize, jaccard: f64) -> f64 {
    Banding { bands, rows }.detection(jaccard)
}

/// Where two lists of pieces of text differ: (start, end) on the left and on the right of each difference.
#[pyfunction]
#[pyo3(signature = (left, right))]
pub(crate) fn differences(
    py: Python<'_>,
    left: Vec<String>,
    right: Vec<String>,
) -> Vec<(usize, usize, usize, usize)> {
    py.detach(|| {
        let left: Vec<&str> = left.iter().map(String::as_str).collect();
        let right: Vec<&str> = right.iter().map(String::as_str).collect();
        let found = side_by_side(&left, &right).into_iter();
        found.map(|(a, b)| (a.start, a.end, b.start, b.end)).collect()
    })
}
