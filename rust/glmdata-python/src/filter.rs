//! `glmdata-filter` for Python.

use std::path::PathBuf;
use std::sync::Arc;

use glmdata_base::{Error, MemoryBudget, Result};
use glmdata_filter::{
    Benchmarks, Classifier, Dictionary, Item, Job, Judged, Languages, Lesson, Options, Reader,
    Telling,
};
use glmdata_io::{Field, ReadOptions};
use glmdata_text::{HanSigns, Measurer};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::door::enter;
use crate::errors::to_python;
use crate::progress::Progress;
use crate::reading::{Reading, large_blocks};

/// The attributes of `glmdata.filter.FilterConfig` that matter here.
#[derive(FromPyObject, Debug)]
pub(crate) struct Config {
    reading: Reading,
    format: String,
    write: String,
    removed_text: bool,
    pii: String,
    benchmark: Vec<PathBuf>,
    benchmark_field: String,
    lang_id: String,
    lang_threshold: f64,
    jieba: bool,
    offence: bool,
    mojibake: String,
}

impl Config {
    fn options(&self, threads: usize, memory: u64) -> Result<Options> {
        let write_documents = match self.write.as_str() {
            "all" => true,
            "decisions" => false,
            other => return Err(Error::config("write", "all or decisions", other)),
        };
        Ok(Options {
            read: self.reading.options(memory)?,
            format: self.format.parse()?,
            write_documents,
            removed_text: self.removed_text,
            mask_pii: self.pii == "mask",
            repair: self.mojibake == "repair",
            threads,
            memory: MemoryBudget::new(memory - large_blocks(memory)),
            classifiers: Vec::new(),
            benchmarks: None,
            languages: None,
            segmenter: None,
            offence: self.offence,
        })
    }
}

impl Config {
    /// Whose languages are told, by the model in the file `languages`.
    fn languages(
        &self,
        languages: Option<PathBuf>,
        memory: &MemoryBudget,
    ) -> Result<Option<(Telling, Arc<Languages>)>> {
        let telling = match self.lang_id.as_str() {
            "keep" => return Ok(None),
            "fill" => Telling::Fill,
            "replace" => Telling::Replace,
            other => return Err(Error::config("lang_id", "fill, replace or keep", other)),
        };
        let path = languages.ok_or_else(|| Error::internal("no model of languages"))?;
        Ok(Some((telling, Arc::new(Languages::load(&path, self.lang_threshold, memory)?))))
    }
}

/// The attributes of `glmdata.filter.classifier.ClassifierConfig`.
#[derive(FromPyObject, Debug)]
pub(crate) struct LessonConfig {
    text_field: String,
    label_field: String,
    positive: String,
    split_field: Option<String>,
    epochs: i32,
    rate: f64,
    dimension: i32,
    least: i32,
    seed: i32,
}

/// Teach a classifier from `inputs` into the file `model`; JSON of counts and answers.
#[pyfunction]
#[pyo3(signature = (inputs, model, options, *, progress))]
pub(crate) fn learn_classifier(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    model: PathBuf,
    options: LessonConfig,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let text_field = Field::parse("text-field", &options.text_field);
    let text_field = text_field.map_err(|error| to_python(py, error))?;
    // A label may stand in any field, so none of these has a meaning of its own.
    let read = ReadOptions {
        text_field,
        source_field: Field::none(),
        lang_field: Field::none(),
        url_field: Field::none(),
        ..ReadOptions::default()
    };
    let lesson = Lesson {
        label_field: options.label_field,
        positive: options.positive,
        split_field: options.split_field,
        epochs: options.epochs,
        rate: options.rate,
        dimension: options.dimension,
        least: options.least,
        seed: options.seed,
    };
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        Ok(glmdata_filter::learn(&inputs, &read, &lesson, &model, cancel, &progress)?.to_string())
    })
}

/// What a classifier says of texts: the probability that each is what it looks for.
#[pyfunction]
#[pyo3(signature = (model, texts))]
pub(crate) fn ask_classifier(
    py: Python<'_>,
    model: PathBuf,
    texts: Vec<String>,
) -> PyResult<Vec<f64>> {
    enter(py, move |_| {
        let classifier = Classifier::load(&model, &MemoryBudget::unlimited())?;
        Ok(texts.iter().map(|text| classifier.score(text)).collect())
    })
}

/// A benchmark item: its name, its question and its options.
type NamedItem = (String, String, Vec<String>);
/// What is in a text: the share of the item that is most in it, its name, and the bytes that hold it.
type Contamination = (f64, Option<String>, Option<(usize, usize)>);

/// How far benchmark items are in each of `texts`, which item most, and where.
#[pyfunction]
#[pyo3(signature = (items, texts))]
pub(crate) fn contamination(
    py: Python<'_>,
    items: Vec<NamedItem>,
    texts: Vec<String>,
) -> PyResult<Vec<Contamination>> {
    enter(py, move |_| {
        let named =
            items.into_iter().map(|(name, question, options)| Item { name, question, options });
        let items: Vec<Item> = named.collect();
        let (benchmarks, mut reader) =
            (Benchmarks::new(&items, &MemoryBudget::unlimited())?, Reader::default());
        let mut found = |text: &String| {
            let hit = benchmarks.find(text, &mut reader);
            let place = hit.place(text, &mut reader).map(|at| (at.start, at.end));
            (hit.share, benchmarks.name(&hit).map(str::to_owned), place)
        };
        Ok(texts.iter().map(&mut found).collect())
    })
}

/// The bytes of a pack of the benchmark items of files, and how many items it holds.
#[pyfunction]
#[pyo3(signature = (inputs, text_field, memory))]
pub(crate) fn benchmark_pack(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    text_field: String,
    memory: u64,
) -> PyResult<(Bound<'_, PyBytes>, usize)> {
    let (bytes, items) = enter(py, move |cancel| {
        let text_field = Field::parse("benchmark-field", &text_field)?;
        let read = ReadOptions { text_field, ..ReadOptions::default() };
        glmdata_filter::pack(&inputs, &read, &MemoryBudget::new(memory), cancel)
    })?;
    Ok((PyBytes::new(py, &bytes), items))
}

/// The language of each text and its probability, as a model of languages and our rules say.
#[pyfunction]
#[pyo3(signature = (model, texts, threshold))]
pub(crate) fn tell_languages(
    py: Python<'_>,
    model: PathBuf,
    texts: Vec<String>,
    threshold: f64,
) -> PyResult<Vec<(String, f64)>> {
    enter(py, move |cancel| {
        let languages = Languages::load(&model, threshold, &MemoryBudget::unlimited())?;
        let mut measurer = Measurer::new().map_err(Error::internal)?;
        let tell = |text: &String| {
            cancel.check()?;
            Ok(languages.tell(text, &measurer.measure(text)))
        };
        texts.iter().map(tell).collect()
    })
}

/// What the Han characters of a text are signs of, by name; which Chinese; whether it is Japanese.
#[pyfunction]
#[pyo3(signature = (text))]
pub(crate) fn han_signs(
    py: Python<'_>,
    text: &str,
) -> (Vec<(&'static str, u64)>, &'static str, Option<bool>) {
    let signs = py.detach(|| HanSigns::of(text));
    let counts = vec![
        ("han", signs.han),
        ("kana", signs.kana),
        ("simplified", signs.simplified),
        ("traditional", signs.traditional),
        ("japanese", signs.japanese),
        ("chinese", signs.chinese),
        ("cantonese", signs.cantonese),
        ("classical", signs.classical),
        ("modern", signs.modern),
    ];
    (counts, signs.variety(), signs.is_japanese())
}

/// Measure `inputs` into `scores/` of the stage folder `output`; JSON of files, inputs, quarantine.
///
/// `classifiers` are names of columns and files of models, `languages` is the file of another one.
#[pyfunction]
#[pyo3(signature = (inputs, output, options, classifiers, *, languages, judged, threads, memory, resume, progress))]
#[expect(clippy::too_many_arguments, reason = "the keywords of a Python function")]
pub(crate) fn filter_score(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    output: PathBuf,
    options: Config,
    classifiers: Vec<(String, PathBuf)>,
    languages: Option<PathBuf>,
    judged: Option<PathBuf>,
    threads: usize,
    memory: u64,
    resume: bool,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let (paths, text_field) = (options.benchmark.clone(), options.benchmark_field.clone());
    let config = options;
    let mut options = config.options(threads, memory).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        options.languages = config.languages(languages, &options.memory)?;
        if config.jieba {
            options.segmenter = Some(Arc::new(Dictionary::load(&options.memory)?));
        }
        for (name, path) in classifiers {
            options.classifiers.push((name, Arc::new(Classifier::load(&path, &options.memory)?)));
        }
        if !paths.is_empty() {
            let text_field = Field::parse("benchmark-field", &text_field)?;
            let read = ReadOptions { text_field, ..ReadOptions::default() };
            options.benchmarks =
                Some(Arc::new(Benchmarks::read(&paths, &read, &options.memory, cancel)?));
        }
        let judged =
            judged.as_deref().map(|from| Judged::read(from, &options.memory)).transpose()?;
        let (progress, judged) = (&progress, judged.as_ref());
        let job = Job { inputs: &inputs, judged, output: &output, resume, cancel, progress };
        Ok(glmdata_filter::score(&job, &options)?.to_string())
    })
}

/// Take over the rows of the files `scores` that the stage folder `judged` kept; JSON of files.
#[pyfunction]
#[pyo3(signature = (scores, judged, output))]
pub(crate) fn filter_take(
    py: Python<'_>,
    scores: Vec<PathBuf>,
    judged: PathBuf,
    output: PathBuf,
) -> PyResult<String> {
    enter(
        py,
        move |cancel| Ok(glmdata_filter::take(&scores, &judged, &output, cancel)?.to_string()),
    )
}

/// Sort the documents of `inputs` by what the Arrow files `decided` say; JSON of files.
#[pyfunction]
#[pyo3(signature = (inputs, output, options, decided, *, judged, threads, memory, progress))]
#[expect(clippy::too_many_arguments, reason = "the keywords of a Python function")]
pub(crate) fn filter_apply(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    output: PathBuf,
    options: Config,
    decided: Vec<PathBuf>,
    judged: Option<PathBuf>,
    threads: usize,
    memory: u64,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let options = options.options(threads, memory).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        let judged =
            judged.as_deref().map(|from| Judged::read(from, &options.memory)).transpose()?;
        let (progress, judged) = (&progress, judged.as_ref());
        let job = Job { inputs: &inputs, judged, output: &output, resume: false, cancel, progress };
        Ok(glmdata_filter::apply(&job, &options, &decided)?.to_string())
    })
}
