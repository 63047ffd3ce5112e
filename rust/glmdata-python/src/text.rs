//! `glmdata-text` for Python.

use std::sync::OnceLock;

use glmdata_base::Error;
use glmdata_text::{
    Measurer, Mojibake, Normaliser, OFFENCE, PiiFinder, SEGMENTED, SIGNALS, SegmentedMeasurer,
    Segmenter, Shingler, Shingling, Simd, normalised, shingle_texts,
};
use pyo3::prelude::*;

use crate::errors::to_python;

/// The shingles of `text` in text order, repeats kept: units joined by spaces.
#[pyfunction]
#[pyo3(signature = (text, mode))]
pub(crate) fn shingles(py: Python<'_>, text: &str, mode: &str) -> PyResult<Vec<String>> {
    let shingling = parse(py, mode)?;
    Ok(py.detach(|| shingle_texts(text, shingling)))
}

/// The hashes of the shingles of a raw `text` in text order, repeats kept.
#[pyfunction]
#[pyo3(signature = (text, mode))]
pub(crate) fn shingle_hashes(py: Python<'_>, text: &str, mode: &str) -> PyResult<Vec<u64>> {
    let shingling = parse(py, mode)?;
    Ok(py.detach(|| {
        let mut shingler = Shingler::new(shingling);
        match shingling {
            Shingling::Code => shingler.hashes(text).to_vec(),
            _ => shingler.hashes(&normalised(text)).to_vec(),
        }
    }))
}

/// The normal form of `text`: NFKC, case folded, white space collapsed.
#[pyfunction]
#[pyo3(signature = (text, fold_script = false))]
pub(crate) fn normalise(py: Python<'_>, text: &str, fold_script: bool) -> String {
    py.detach(|| Normaliser::new().folding_script(fold_script).run(text).to_owned())
}

pub(crate) fn parse(py: Python<'_>, mode: &str) -> PyResult<Shingling> {
    mode.parse()
        .map_err(|expected| to_python(py, Error::config("shingle", &format!("{expected}"), mode)))
}

/// The form in which addresses are compared; None for what is no absolute address.
#[pyfunction]
#[pyo3(signature = (url))]
pub(crate) fn url_form(url: &str) -> Option<String> {
    glmdata_text::url_form(url)
}

/// The host of a web address, as its form has it; None without one.
#[pyfunction]
#[pyo3(signature = (url))]
pub(crate) fn url_host(url: &str) -> Option<String> {
    glmdata_text::url_host(url)
}

/// Name and value of every signal of a raw `text`, in the order of the score table.
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn signals(py: Python<'_>, text: &str) -> PyResult<Vec<(&'static str, f64)>> {
    let values = py.detach(|| Ok(Measurer::new()?.measure(text).values()));
    let values = values.map_err(|error: String| to_python(py, Error::internal(error)))?;
    Ok(SIGNALS.iter().map(|&(name, _)| name).zip(values).collect())
}

/// Name and value of every signal of offensive passages, and the bytes of the worst one.
#[pyfunction]
#[pyo3(signature = (text))]
#[expect(clippy::type_complexity, reason = "the answer of a Python function")]
pub(crate) fn offence(
    py: Python<'_>,
    text: &str,
) -> PyResult<(Vec<(&'static str, f64)>, Option<(usize, usize)>)> {
    let found = py.detach(|| Ok(Measurer::new()?.passages(text)));
    let found = found.map_err(|error: String| to_python(py, Error::internal(error)))?;
    let values = OFFENCE.iter().map(|&(name, _)| name).zip(found.values).collect();
    Ok((values, found.place.map(|place| (place.start, place.end))))
}

/// Of each of `texts` and of each window of its prose the terms that the model of offence sees, as
/// numbers of four bytes.
#[pyfunction]
#[pyo3(signature = (texts))]
pub(crate) fn offence_terms(py: Python<'_>, texts: Vec<String>) -> PyResult<Vec<Vec<Vec<u8>>>> {
    let found = py.detach(|| {
        let mut measurer = Measurer::new()?;
        let bytes = |window: Vec<u32>| window.into_iter().flat_map(u32::to_le_bytes).collect();
        let mut of = |text: &String| measurer.offence_terms(text).into_iter().map(bytes).collect();
        Ok(texts.iter().map(&mut of).collect())
    });
    found.map_err(|error: String| to_python(py, Error::internal(error)))
}

/// The words of a text as jieba cuts them, and name and value of every signal of those words.
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn segmented<'t>(
    py: Python<'_>,
    text: &'t str,
) -> (Vec<&'t str>, Vec<(&'static str, f64)>) {
    static SEGMENTER: OnceLock<Segmenter> = OnceLock::new();
    let (words, values) = py.detach(|| {
        let segmenter = SEGMENTER.get_or_init(Segmenter::default);
        let mut words = Vec::new();
        segmenter.words(text, |word| words.push(word));
        (words, segmenter.measure(text, &mut SegmentedMeasurer::default()))
    });
    (words, SEGMENTED.iter().map(|&(name, _)| name).zip(values).collect())
}

/// What a text was before it was read in the wrong encoding, "" if that is lost; none: it is clean.
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn mojibake(py: Python<'_>, text: &str) -> Option<String> {
    match py.detach(|| glmdata_text::mojibake(text)) {
        Mojibake::Clean => None,
        Mojibake::Repaired(better) => Some(better),
        Mojibake::Damaged => Some(String::new()),
    }
}

/// Personal data of a text: (kind, first byte, byte behind the last) of each, in order.
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn pii(py: Python<'_>, text: &str) -> PyResult<Vec<(&'static str, usize, usize)>> {
    let found = py.detach(|| Ok(PiiFinder::new()?.find(text)));
    let found = found.map_err(|error: String| to_python(py, Error::internal(error)))?;
    Ok(found.into_iter().map(|pii| (pii.kind.name(), pii.span.start, pii.span.end)).collect())
}

/// The instruction set in use: portable, avx2 or avx512.
#[pyfunction]
pub(crate) fn simd_level() -> &'static str {
    Simd::detect().name()
}
