//! The pre-tokens of crawled files, in two inventories: Chinese documents and all others.
//!
//! A document is Chinese if its language says so, or if most letters at its start are Han. The
//! counts are sums, so threads and the order of files change nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, Phase, Progress, Result};
use glmdata_io::{
    InputFile, QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit,
};

use crate::base::is_han;
use crate::inventory::{Counter, Inventory};
use crate::scan::Digits;

/// Characters that are looked at to tell the language.
const LOOKED_AT: usize = 2_000;

/// Which of the two inventories a document is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Mostly Han, or said to be `zh`.
    Chinese,
    /// Everything else, code included.
    Other,
}

/// Documents and their text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub text_bytes: u64,
}

/// What was counted.
#[derive(Debug)]
pub struct Corpus {
    /// Pre-tokens of Chinese documents.
    pub chinese: Inventory,
    /// Pre-tokens of all others.
    pub other: Inventory,
    /// How much text, by language and source.
    pub tallies: BTreeMap<(Language, String), Tally>,
    /// The files, in canonical order.
    pub files: Vec<InputFile>,
    /// What could not be read, in the order of files.
    pub events: Vec<QuarantineEvent>,
    /// What was passed over.
    pub notes: Vec<String>,
}

impl Corpus {
    /// Documents and text of one language.
    pub fn tally(&self, language: Language) -> Tally {
        let mut sum = Tally::default();
        for (_, tally) in self.tallies.iter().filter(|((found, _), _)| *found == language) {
            sum.documents += tally.documents;
            sum.text_bytes += tally.text_bytes;
        }
        sum
    }
}

/// Count all documents below `inputs` on `threads` threads; bad records are events.
pub fn count_files(
    inputs: &[PathBuf],
    options: &ReadOptions,
    digits: Digits,
    threads: usize,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Corpus> {
    progress.enter(Phase::Discover, 0);
    let found = discover(inputs)?;
    let units = plan_units(&found.files);
    progress.enter(Phase::Scan, found.files.iter().map(|file| file.bytes).sum());
    let next = AtomicUsize::new(0);
    let work = || -> Result<Sink<'_>> {
        let mut sink = Sink::new(digits, progress);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(number) else { return Ok(sink) };
            sink.unit = number;
            let read = read_unit(&found.files[unit.file], unit, options, cancel, &mut sink)?;
            progress.add(0, read.bytes_read);
        }
    };
    // One pair of counters a thread, however many units there are: they are what takes the memory.
    let sinks = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let ended = || Err(Error::internal("a counting thread ended without a result"));
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| ended()));
        joined.collect::<Result<Vec<_>>>()
    })?;
    let (mut chinese, mut other, mut events) = (Vec::new(), Vec::new(), Vec::new());
    let mut tallies: BTreeMap<(Language, String), Tally> = BTreeMap::new();
    for sink in sinks {
        chinese.push(sink.chinese);
        other.push(sink.other);
        events.extend(sink.events);
        for (key, tally) in sink.tallies {
            let sum = tallies.entry(key).or_default();
            sum.documents += tally.documents;
            sum.text_bytes += tally.text_bytes;
        }
    }
    events.sort_by_key(|(unit, _)| *unit);
    Ok(Corpus {
        chinese: Inventory::merged(chinese),
        other: Inventory::merged(other),
        tallies,
        events: found.events.into_iter().chain(events.into_iter().map(|(_, e)| e)).collect(),
        files: found.files,
        notes: found.notes,
    })
}

/// What one thread counts.
struct Sink<'a> {
    chinese: Counter,
    other: Counter,
    tallies: BTreeMap<(Language, String), Tally>,
    events: Vec<(usize, QuarantineEvent)>,
    unit: usize,
    progress: &'a Progress,
}

impl<'a> Sink<'a> {
    fn new(digits: Digits, progress: &'a Progress) -> Self {
        Self {
            chinese: Counter::new(digits),
            other: Counter::new(digits),
            tallies: BTreeMap::new(),
            events: Vec::new(),
            unit: 0,
            progress,
        }
    }
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let texts = batch["text"].as_string::<i64>();
        let (sources, langs) =
            (batch["source"].as_string::<i32>(), batch["lang"].as_string::<i32>());
        for at in 0..batch.num_rows() {
            let text = texts.value(at);
            let lang: Option<&str> = langs.is_valid(at).then(|| langs.value(at));
            let language = language_of(text, lang);
            match language {
                Language::Chinese => self.chinese.add(text),
                Language::Other => self.other.add(text),
            }
            let key = (language, sources.value(at).to_owned());
            let tally = self.tallies.entry(key).or_default();
            tally.documents += 1;
            tally.text_bytes += text.len() as u64;
        }
        self.progress.add(batch.num_rows() as u64, 0);
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events.push((self.unit, event));
        Ok(())
    }
}

pub(crate) fn language_of(text: &str, lang: Option<&str>) -> Language {
    if lang.is_some_and(|lang| lang == "zh" || lang.starts_with("zh-") || lang == "yue") {
        return Language::Chinese;
    }
    let letters = text.chars().take(LOOKED_AT).filter(|c| c.is_alphabetic());
    let (han, all) = letters.fold((0, 0), |(han, all), c| (han + usize::from(is_han(c)), all + 1));
    if han * 2 > all { Language::Chinese } else { Language::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        let cases = [
            ("渔民在河口修补渔网 ok", None, Language::Chinese),
            ("a fisherman 渔民", None, Language::Other),
            ("a fisherman", Some("zh"), Language::Chinese),
            ("a fisherman", Some("zh-Hant"), Language::Chinese),
            ("これはひらがなとカタカナの文", None, Language::Other),
            ("1234 !!", None, Language::Other),
            ("", None, Language::Other),
        ];
        for (text, lang, expected) in cases {
            assert_eq!(language_of(text, lang), expected, "{text:?} {lang:?}");
        }
    }

    #[test]
    fn threads_do_not_matter_and_bad_lines_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for file in 0..5 {
            let lines: Vec<String> = (0..200)
                .map(|n| match n % 3 {
                    0 => format!(r#"{{"text": "渔民{n}在河口{file}", "source": "web"}}"#),
                    1 => format!(r#"{{"text": "fisherman {n} by the river {file}"}}"#),
                    _ if n == 5 => "{broken".to_owned(),
                    _ => format!(r#"{{"text": "x{n}", "lang": "zh", "source": "web"}}"#),
                })
                .collect();
            std::fs::write(folder.path().join(format!("{file}.jsonl")), lines.join("\n")).unwrap();
        }
        let inputs = [folder.path().to_path_buf()];
        let count = |threads| {
            let (cancel, progress) = (Cancel::new(), Progress::new());
            let digits = Digits::UpToThree;
            count_files(&inputs, &ReadOptions::default(), digits, threads, &cancel, &progress)
                .unwrap()
        };
        let (one, four) = (count(1), count(4));
        assert_eq!(one.chinese.sorted(), four.chinese.sorted());
        assert_eq!(one.other.sorted(), four.other.sorted());
        assert_eq!((&one.tallies, &one.events), (&four.tallies, &four.events));
        assert_eq!(one.events.len(), 5);
        assert_eq!(one.tally(Language::Chinese).documents, 5 * (67 + 65));
        assert_eq!(one.tally(Language::Other).documents, 5 * 67);
    }
}
