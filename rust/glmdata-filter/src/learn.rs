//! Teach a classifier from labelled texts, and ask it about texts it has not seen.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use fasttext::FastText;
use fasttext::args::Args;
use glmdata_base::{Cancel, Error, MemoryBudget, Phase, Progress, Result, hash128};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};
use serde_json::{Value, json};

use crate::classifier::{Classifier, NEGATIVE, POSITIVE, terms};

/// How a model learns.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Field with the label.
    pub label_field: String,
    /// The label that is looked for; every other one is not.
    pub positive: String,
    /// Field that says `train` of texts to learn from; without it eight in ten are.
    pub split_field: Option<String>,
    /// Passes over the texts.
    pub epochs: i32,
    /// Learning rate at the beginning.
    pub rate: f64,
    /// Length of the vectors.
    pub dimension: i32,
    /// Terms in fewer texts are left out.
    pub least: i32,
    /// Of the order in which the model sees texts.
    pub seed: i32,
}

/// The part of a text in learning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Train,
    Tune,
    Test,
}

struct Labelled {
    text: String,
    positive: bool,
    part: Part,
}

/// Learn from `inputs` into the file `model`, on one thread: the same texts give the same model.
///
/// JSON of `counts` (texts by part and label, records without a label, repeats left out of the parts
/// to be asked) and `tune` and `test`: lists of probability and truth.
///
/// # Errors
/// [`Error::Input`] if texts of one label are missing, [`Error::Storage`], [`Error::Cancelled`].
pub fn learn(
    inputs: &[std::path::PathBuf],
    read: &ReadOptions,
    lesson: &Lesson,
    model: &Path,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Value> {
    let mut sink = Sink { lesson, texts: Vec::new(), unlabelled: 0, events: 0, cancel };
    let found = discover(inputs, read)?.refuse_nothing()?;
    progress.enter(Phase::Scan, found.files.iter().map(|file| file.bytes).sum());
    for unit in plan_units(&found.files) {
        let summary = read_unit(&found.files[unit.file], &unit, read, cancel, &mut sink)?;
        progress.add(summary.documents, summary.bytes_read);
    }
    let (unlabelled, quarantined) = (sink.unlabelled, sink.events + found.events.len() as u64);
    let mut texts = sink.texts;
    let repeats = drop_repeats(&mut texts);
    let counts = count(&texts);
    for part in ["train", "tune", "test"] {
        for label in ["positive", "negative"] {
            if !counts.contains_key(&format!("{part}_{label}")) {
                let reason = format!("no {label} text to {part} with: expected some of each label");
                let path = inputs.first().cloned().unwrap_or_default();
                return Err(Error::Input { path, reason });
            }
        }
    }
    progress.enter(Phase::Learn, 0);
    write_lines(&texts, model)?;
    let classifier = train(lesson, model, cancel)?;
    let mut asked = BTreeMap::from([("tune", Vec::new()), ("test", Vec::new())]);
    for text in &texts {
        cancel.check()?;
        let name = match text.part {
            Part::Train => continue,
            Part::Tune => "tune",
            Part::Test => "test",
        };
        if let Some(answers) = asked.get_mut(name) {
            answers.push(json!([classifier.score(&text.text), text.positive]));
        }
    }
    Ok(json!({
        "counts": counts,
        "unlabelled": unlabelled,
        "quarantined": quarantined,
        "repeats": repeats,
        "tune": asked["tune"],
        "test": asked["test"],
    }))
}

fn lines_file(model: &Path) -> std::path::PathBuf {
    model.with_extension("lines")
}

/// fastText learns from a file: one text a line, its label first.
fn write_lines(texts: &[Labelled], model: &Path) -> Result<()> {
    let path = lines_file(model);
    let storage = |error| Error::storage("write", &path, error);
    let mut file = BufWriter::new(File::create(&path).map_err(storage)?);
    let mut line = String::new();
    for text in texts.iter().filter(|text| text.part == Part::Train) {
        line.clear();
        line.push_str(if text.positive { POSITIVE } else { NEGATIVE });
        terms(&text.text, &mut |term| {
            line.push(' ');
            line.push_str(term);
        });
        line.push('\n');
        file.write_all(line.as_bytes()).map_err(storage)?;
    }
    file.flush().map_err(storage)
}

fn train(lesson: &Lesson, model: &Path, cancel: &Cancel) -> Result<Classifier> {
    let lines = lines_file(model);
    let mut arguments = Args::default();
    arguments.apply_supervised_defaults();
    arguments.input.clone_from(&lines);
    (arguments.epoch, arguments.lr, arguments.dim) = (lesson.epochs, lesson.rate, lesson.dimension);
    (arguments.min_count, arguments.seed, arguments.verbose) = (lesson.least, lesson.seed, 0);
    // More threads write into one matrix without locks, so no two models would be equal.
    arguments.thread = 1;
    let learned = FastText::train(arguments).map_err(|e| Error::internal(e.to_string()))?;
    cancel.check()?;
    learned.save_model(model).map_err(|e| Error::internal(e.to_string()))?;
    std::fs::remove_file(&lines).map_err(|e| Error::storage("remove", &lines, e))?;
    Classifier::load(model, &MemoryBudget::unlimited())
}

fn count(texts: &[Labelled]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for text in texts {
        let part = match text.part {
            Part::Train => "train",
            Part::Tune => "tune",
            Part::Test => "test",
        };
        let label = if text.positive { "positive" } else { "negative" };
        *counts.entry(format!("{part}_{label}")).or_default() += 1;
    }
    counts
}

/// Leave out of tuning and testing what is also learned from; the number of those texts.
fn drop_repeats(texts: &mut Vec<Labelled>) -> u64 {
    let taught: HashSet<u128> = texts
        .iter()
        .filter(|text| text.part == Part::Train)
        .map(|text| hash128(text.text.as_bytes()))
        .collect();
    let before = texts.len();
    texts.retain(|t| t.part == Part::Train || !taught.contains(&hash128(t.text.as_bytes())));
    (before - texts.len()) as u64
}

struct Sink<'a> {
    lesson: &'a Lesson,
    texts: Vec<Labelled>,
    unlabelled: u64,
    events: u64,
    cancel: &'a Cancel,
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.cancel.check()?;
        let (texts, meta) = (batch["text"].as_string::<i64>(), batch["meta"].as_string::<i64>());
        for row in 0..batch.num_rows() {
            let fields: Value = if meta.is_valid(row) {
                serde_json::from_str(meta.value(row)).map_err(Error::internal)?
            } else {
                Value::Null
            };
            let Some(label) = word(&fields[self.lesson.label_field.as_str()]) else {
                self.unlabelled += 1;
                continue;
            };
            let text = texts.value(row).to_owned();
            let drawn = hash128(text.as_bytes()) % 10;
            let split = self.lesson.split_field.as_deref();
            let part = match split.map(|field| word(&fields[field])) {
                Some(Some(split)) if split == "train" => Part::Train,
                Some(_) if drawn.is_multiple_of(2) => Part::Tune,
                Some(_) => Part::Test,
                None => match drawn {
                    0 => Part::Tune,
                    1 => Part::Test,
                    _ => Part::Train,
                },
            };
            let positive = label == self.lesson.positive;
            self.texts.push(Labelled { text, positive, part });
        }
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events += event.records().max(1);
        Ok(())
    }
}

/// A label as a word: strings as they are, numbers and booleans as JSON spells them.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
