//! Training of `glmdata-bpe` for Python: files in, ranks and tables out.

use std::path::PathBuf;

use glmdata_base::{Error, Result};
use glmdata_bpe::{
    Base, Corpus, Digits, Guards, Language, Learned, Recipe, count_files, to_tiktoken,
};
use glmdata_io::ReadOptions;
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::door::enter;
use crate::errors::to_python;
use crate::progress::Progress;

/// The attributes of `glmdata.tokenizer.config.TokenizerConfig` that matter here.
#[derive(FromPyObject, Debug)]
pub(crate) struct Config {
    text_field: String,
    source_field: String,
    lang_field: String,
    max_record: u64,
    base: String,
    vocab_size: usize,
    digits: String,
    numbers: bool,
    chinese_share: f64,
    min_count: u64,
    min_documents: Option<u32>,
    whole_characters: bool,
    max_han: usize,
    max_token_bytes: usize,
}

impl Config {
    fn read_options(&self) -> ReadOptions {
        ReadOptions {
            text_field: self.text_field.clone(),
            source_field: self.source_field.clone(),
            lang_field: self.lang_field.clone(),
            max_record: self.max_record,
            ..ReadOptions::default()
        }
    }

    fn digits(&self) -> Result<Digits> {
        match self.digits.as_str() {
            "three" => Ok(Digits::UpToThree),
            "single" => Ok(Digits::Single),
            other => Err(Error::config("digits", "three or single", other)),
        }
    }

    fn recipe(&self, lexicon: Vec<String>) -> Result<Recipe> {
        let base = match self.base.as_str() {
            "glm4" => Base::Glm4,
            "cl100k-keep" => Base::Cl100kKeep,
            "none" => Base::None,
            other => return Err(Error::config("base", "glm4, cl100k-keep or none", other)),
        };
        Ok(Recipe {
            base,
            size: self.vocab_size,
            numbers: self.numbers && self.digits()? == Digits::UpToThree,
            chinese_share: self.chinese_share,
            least: self.min_count,
            guards: Guards {
                whole_characters: self.whole_characters,
                max_han: self.max_han,
                max_bytes: self.max_token_bytes,
                min_documents: 0,
                lexicon,
            },
            min_documents: self.min_documents,
        })
    }
}

/// Bytes, count, documents where counted, and the guard.
type Refused = (Vec<u8>, u64, Option<u32>, &'static str);
/// Ranks as the text of a .tiktoken file, counts, vetoes, facts.
type Trained = (Vec<u8>, Vec<u64>, Vec<Refused>, String);

/// Count `inputs` and learn from them: the text of a .tiktoken file, the count of every learned
/// token, what guards refused, and the facts as JSON.
#[pyfunction]
#[pyo3(signature = (inputs, options, lexicon, *, threads, progress))]
pub(crate) fn train_tokenizer(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    options: Config,
    lexicon: Vec<String>,
    threads: usize,
    progress: &Bound<'_, Progress>,
) -> PyResult<Trained> {
    let recipe = options.recipe(lexicon).map_err(|error| to_python(py, error))?;
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map_err(Error::internal)?.install(|| {
            let (read, digits) = (options.read_options(), options.digits()?);
            let corpus = count_files(&inputs, &read, digits, threads, cancel, &progress)?;
            let learned = recipe.learn(&corpus, cancel, &progress)?;
            let facts = facts(&corpus, &learned).to_string();
            let vetoes = learned.vetoes.into_iter();
            let refused = vetoes.map(|v| (v.token, v.count, v.documents, v.reason)).collect();
            Ok((to_tiktoken(&learned.ranks).into_bytes(), learned.counts, refused, facts))
        })
    })
}

fn facts(corpus: &Corpus, learned: &Learned) -> Value {
    let tally = |language, inventory: &glmdata_bpe::Inventory| {
        let tally = corpus.tally(language);
        json!({
            "documents": tally.documents,
            "text_bytes": tally.text_bytes,
            "pre_tokens": inventory.len(),
        })
    };
    let by_source = corpus.tallies.iter().map(|((language, source), tally)| {
        json!({
            "source": source,
            "language": if *language == Language::Chinese { "chinese" } else { "other" },
            "documents": tally.documents,
            "text_bytes": tally.text_bytes,
        })
    });
    let steps = learned.steps.iter().map(
        |step| json!({"name": step.name, "end": step.end, "min_documents": step.min_documents}),
    );
    // Times as strings: as numbers they are too large for some JSON readers.
    let inputs = corpus.files.iter().map(|file| {
        json!({
            "root": file.root,
            "relative": file.relative,
            "bytes": file.bytes,
            "modified_ns": file.modified_ns.to_string(),
        })
    });
    json!({
        "chinese": tally(Language::Chinese, &corpus.chinese),
        "other": tally(Language::Other, &corpus.other),
        "by_source": by_source.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
        "inputs": inputs.collect::<Vec<_>>(),
        "events": corpus.events,
        "notes": corpus.notes,
    })
}
