//! Counting and training of `glmdata-bpe` for Python: files in, ranks and tables out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use glmdata_base::{Error, Result};
use glmdata_bpe::{
    Base, Checkpoint, Corpus, Counting, Digits, Guards, Learned, Policy, Recipe, Resources,
    count_files, count_or_resume, to_tiktoken,
};
use glmdata_io::{InputFile, Losses};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::door::enter;
use crate::errors::to_python;
use crate::progress::Progress;
use crate::reading::{Reading, large_blocks};

/// The attributes of `glmdata.tokenizer.config.CountConfig` that matter here.
#[derive(FromPyObject, Debug)]
pub(crate) struct CountConfig {
    reading: Reading,
    digits: String,
    document_cap: u32,
}

impl CountConfig {
    fn counting(&self) -> Result<Counting> {
        let digits = match self.digits.as_str() {
            "three" => Digits::UpToThree,
            "single" => Digits::Single,
            other => return Err(Error::config("digits", "three or single", other)),
        };
        Ok(Counting { digits, document_cap: self.document_cap })
    }
}

/// Those of `glmdata.tokenizer.config.TokenizerConfig` that matter beside them.
#[derive(FromPyObject, Debug)]
pub(crate) struct Config {
    base: String,
    vocab_size: usize,
    numbers: bool,
    policy: String,
    chinese_share: f64,
    code_share: f64,
    language_least: usize,
    weights: BTreeMap<String, f64>,
    min_count: u64,
    min_documents: Option<u32>,
    min_sources: u32,
    whole_characters: bool,
    max_han: usize,
    max_token_bytes: usize,
}

impl Config {
    fn recipe(&self, counting: Counting, lexicon: Vec<String>, cover: Vec<char>) -> Result<Recipe> {
        let base = match self.base.as_str() {
            "glm4" => Base::Glm4,
            "cl100k-keep" => Base::Cl100kKeep,
            "none" => Base::None,
            other => return Err(Error::config("base", "glm4, cl100k-keep or none", other)),
        };
        let policy = match self.policy.as_str() {
            "quota" => Policy::Quota,
            "weighted" => Policy::Weighted,
            "parity" => Policy::Parity,
            "union" => Policy::Union,
            other => {
                return Err(Error::config("policy", "quota, weighted, parity or union", other));
            }
        };
        Ok(Recipe {
            base,
            size: self.vocab_size,
            numbers: self.numbers && counting.digits == Digits::UpToThree,
            cover,
            policy,
            chinese_share: self.chinese_share,
            code_share: self.code_share,
            language_least: self.language_least,
            weights: self.weights.clone(),
            least: self.min_count,
            guards: Guards {
                whole_characters: self.whole_characters,
                max_han: self.max_han,
                max_bytes: self.max_token_bytes,
                min_documents: 0,
                min_sources: 0,
                lexicon,
            },
            min_documents: self.min_documents,
            min_sources: self.min_sources,
        })
    }
}

/// Bytes, count, documents and sources where counted, and the guard.
type Refused = (Vec<u8>, u64, Option<u32>, Option<u32>, &'static str);
/// Ranks as the text of a .tiktoken file, counts, vetoes, facts.
type Trained = (Vec<u8>, Vec<u64>, Vec<Refused>, String);

/// Count `inputs` into an inventory a language in `output`; the facts as JSON.
#[pyfunction]
#[pyo3(signature = (inputs, output, options, *, work, memory, threads, progress))]
#[allow(clippy::too_many_arguments)] // mirrors the Python keywords
pub(crate) fn count_pretokens(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    output: PathBuf,
    options: CountConfig,
    work: PathBuf,
    memory: u64,
    threads: usize,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        in_pool(threads, || {
            let (read, counting) = (options.reading.options(memory)?, options.counting()?);
            let memory = (memory - large_blocks(memory)) as usize;
            let resources = Resources { threads, memory, work: &work };
            let mut corpus = count_files(&inputs, &read, counting, resources, cancel, &progress)?;
            let facts = corpus_facts(&corpus);
            let files = corpus.write(counting, &output)?;
            Ok(json!({"corpus": facts, "files": files}).to_string())
        })
    })
}

/// Ranks that a recipe begins with; an error if it asks for fewer.
#[pyfunction]
pub(crate) fn starting_ranks(
    py: Python<'_>,
    count: CountConfig,
    options: Config,
    cover: Vec<char>,
) -> PyResult<usize> {
    let recipe = count.counting().and_then(|counting| options.recipe(counting, Vec::new(), cover));
    recipe.and_then(|recipe| recipe.starting_ranks()).map_err(|error| to_python(py, error))
}

/// Learn a vocabulary from `inputs`, or from folders of inventories.
#[pyfunction]
#[pyo3(signature = (inputs, inventories, count, options, lexicon, cover, *, work, memory, threads, checkpoint_seconds, progress))]
#[allow(clippy::too_many_arguments)] // mirrors the Python keywords
pub(crate) fn train_tokenizer(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    inventories: Vec<PathBuf>,
    count: CountConfig,
    options: Config,
    lexicon: Vec<String>,
    cover: Vec<char>,
    work: PathBuf,
    memory: u64,
    threads: usize,
    checkpoint_seconds: u64,
    progress: &Bound<'_, Progress>,
) -> PyResult<Trained> {
    let counting = count.counting().map_err(|error| to_python(py, error))?;
    let recipe = options.recipe(counting, lexicon, cover).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        in_pool(threads, || {
            let every = Duration::from_secs(checkpoint_seconds);
            let mut corpus = if inventories.is_empty() {
                let read = count.reading.options(memory)?;
                let memory = (memory - large_blocks(memory)) as usize;
                let resources = Resources { threads, memory, work: &work };
                count_or_resume(&inputs, &read, counting, resources, every, cancel, &progress)?
            } else {
                Corpus::read(&inventories, counting)?
            };
            corpus.gather(memory as usize)?;
            let facts = corpus_facts(&corpus);
            let inventories = corpus.inventories.iter();
            let pre_tokens: BTreeMap<String, usize> =
                inventories.map(|(language, words)| (language.clone(), words.len())).collect();
            let checkpoint = Checkpoint::new(&work.join("learned.json"), every)?;
            let learned = recipe.learn(corpus, Some(checkpoint), cancel, &progress)?;
            let facts = json!({
                "counts_resumed": facts.get("counts_resumed"),
                "steps_resumed": learned.resumed,
                "steps": steps(&learned),
                "pre_tokens": pre_tokens,
                "corpus": facts,
            });
            let facts = facts.to_string();
            let vetoes = learned.vetoes.into_iter();
            let refused =
                vetoes.map(|v| (v.token, v.count, v.documents, v.sources, v.reason)).collect();
            Ok((to_tiktoken(&learned.ranks).into_bytes(), learned.counts, refused, facts))
        })
    })
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(Error::internal)?.install(work)
}

fn steps(learned: &Learned) -> Vec<Value> {
    let step = |step: &glmdata_bpe::Step| json!({"name": step.name, "end": step.end, "min_documents": step.min_documents});
    learned.steps.iter().map(step).collect()
}

fn corpus_facts(corpus: &Corpus) -> Value {
    let by_language = corpus.tallies.iter().map(|(language, sources)| {
        let tally = corpus.tally(language);
        let facts = json!({
            "documents": tally.documents,
            "text_bytes": tally.text_bytes,
            "sources": sources,
        });
        (language.clone(), facts)
    });
    json!({
        "by_language": by_language.collect::<BTreeMap<_, _>>(),
        "inputs": corpus.files.iter().map(input).collect::<Vec<_>>(),
        "events": corpus.events,
        "losses": Losses::of(&corpus.files, &corpus.events).json(),
        "notes": corpus.notes,
        "runs_spilled": corpus.runs_spilled,
        "counts_resumed": corpus.held,
    })
}

fn input(file: &InputFile) -> Value {
    json!({
        "root": file.root,
        "relative": file.relative,
        "bytes": file.bytes,
        // A string: as a number it is too large for some JSON readers.
        "modified_ns": file.modified_ns.to_string(),
    })
}
