//! `glmdata-dedup` for Python.

use std::path::PathBuf;

use glmdata_base::{Error, Result};
use glmdata_dedup::{Banding, Index, Job, Options};
use glmdata_io::Field;
use pyo3::prelude::*;

use crate::door::enter;
use crate::errors::to_python;
use crate::progress::Progress;
use crate::reading::Reading;

/// The attributes of `glmdata.dedup.DedupConfig`, where their meaning and defaults are.
#[derive(FromPyObject, Debug)]
pub(crate) struct Config {
    reading: Reading,
    threshold: f64,
    scheme: String,
    num_perm: usize,
    bands: Option<String>,
    shingle: String,
    script_fold: bool,
    fuzzy_short: bool,
    variants: String,
    cluster: String,
    scope: String,
    keep: String,
    source_priority: Vec<String>,
    containment: Option<f64>,
    date_field: String,
    url_dedup: bool,
    line_dedup: Option<u32>,
    paragraph_dedup: Option<u32>,
    substring_dedup: Option<u32>,
    templates: String,
    format: String,
    write: String,
    removed_text: bool,
}

impl Config {
    fn options(&self, threads: usize, memory: u64) -> Result<Options> {
        let choice = |option: &str, value: &str, yes: &str, no: &str| match value {
            value if value == yes => Ok(true),
            value if value == no => Ok(false),
            _ => Err(Error::config(option, &format!("{yes} or {no}"), value)),
        };
        let banding = match &self.bands {
            Some(bands) => bands.parse()?,
            None => Banding::choose(self.num_perm, self.threshold),
        };
        let shingling = self.shingle.parse();
        let wrong = |expected| Error::config("shingle", &format!("{expected}"), &self.shingle);
        Ok(Options {
            read: self.reading.options(memory)?,
            threshold: self.threshold,
            scheme: self.scheme.parse()?,
            num_perm: self.num_perm,
            banding,
            shingling: shingling.map_err(wrong)?,
            script_fold: self.script_fold,
            fuzzy_short: self.fuzzy_short,
            keep_variants: choice("variants", &self.variants, "keep", "remove")?,
            components: choice("cluster", &self.cluster, "components", "representative")?,
            scope: self.scope.parse()?,
            keep: self.keep.parse()?,
            source_priority: self.source_priority.clone(),
            containment: self.containment,
            date_field: Field::parse("date-field", &self.date_field)?,
            url_dedup: self.url_dedup,
            line_dedup: self.line_dedup,
            paragraph_dedup: self.paragraph_dedup,
            substring_dedup: self.substring_dedup,
            templates: choice("templates", &self.templates, "host", "off")?,
            format: self.format.parse()?,
            write_documents: choice("write", &self.write, "all", "decisions")?,
            removed_text: self.removed_text,
            threads,
            memory,
        })
    }
}

/// Deduplicate `inputs` into the stage folder `output`; JSON of report, files, inputs and traffic.
#[pyfunction]
#[pyo3(signature = (inputs, output, options, *, threads, memory, index, scores, resume, progress))]
#[allow(clippy::too_many_arguments)] // mirrors the Python keywords
pub(crate) fn dedup(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    output: PathBuf,
    options: Config,
    threads: usize,
    memory: u64,
    index: Option<(Vec<PathBuf>, PathBuf)>,
    scores: Option<Vec<PathBuf>>,
    resume: bool,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let options = options.options(threads, memory).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        let index = index.map(|(segments, next)| Index { segments, next });
        let (index, progress) = (index.as_ref(), &progress);
        let (inputs, output, scores) = (&inputs, &output, scores.as_deref());
        let job = Job { inputs, output, index, scores, resume, cancel, progress };
        Ok(glmdata_dedup::run(&job, &options)?.to_string())
    })
}

/// Decide again from the ledger of the complete stage folder `stage`, into `output`.
#[pyfunction]
#[pyo3(signature = (inputs, stage, output, options, *, threads, memory, progress))]
#[allow(clippy::too_many_arguments)] // mirrors the Python keywords
pub(crate) fn rethreshold(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    stage: PathBuf,
    output: PathBuf,
    options: Config,
    threads: usize,
    memory: u64,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let options = options.options(threads, memory).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        let job = Job {
            inputs: &inputs,
            output: &output,
            index: None,
            scores: None,
            resume: false,
            cancel,
            progress: &progress,
        };
        Ok(glmdata_dedup::rethreshold(&job, &stage, &options)?.to_string())
    })
}

/// What a run over `inputs` would take, as JSON; reads nothing but names and sizes.
#[pyfunction]
#[pyo3(signature = (inputs, options))]
pub(crate) fn plan(py: Python<'_>, inputs: Vec<PathBuf>, options: Config) -> PyResult<String> {
    let options = options.options(1, u64::MAX).map_err(|error| to_python(py, error))?;
    enter(py, move |_| Ok(glmdata_dedup::plan(&inputs, &options)?.to_string()))
}
