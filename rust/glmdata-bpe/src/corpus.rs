//! The pre-tokens of crawled files, an inventory for each language.
//!
//! The counts are sums, so threads and the order of files change nothing. When the counters outgrow
//! their memory they are put aside as sorted runs, which are added up in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, Phase, Progress, Result};
use glmdata_io::{
    FieldUse, InputFile, Losses, QuarantineEvent, ReadOptions, UnitSink, discover, plan_units,
    probe, read_unit,
};

use crate::inventory::{Counter, Counting, Inventory, merge_runs, read_inventory, write_inventory};
use crate::language::language_of;
use crate::metadata::{Tallies, Tally, metadata, tallies};

/// What was counted.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The pre-tokens of each language.
    pub inventories: BTreeMap<String, Inventory>,
    /// How much text, by language and source.
    pub tallies: Tallies,
    /// The files, in canonical order.
    pub files: Vec<InputFile>,
    /// What could not be read, in the order of files.
    pub events: Vec<QuarantineEvent>,
    /// What was passed over.
    pub notes: Vec<String>,
    /// Sorted runs that were put aside, by language; not yet part of `inventories`.
    pub runs: BTreeMap<String, Vec<PathBuf>>,
    /// How many of them there were.
    pub runs_spilled: usize,
    /// Whether an earlier run had counted it.
    pub held: bool,
}

/// Where and how much.
#[derive(Clone, Copy, Debug)]
pub struct Resources<'a> {
    /// Threads that count.
    pub threads: usize,
    /// Bytes of all counters, from which on they are put aside.
    pub memory: usize,
    /// Where they are put.
    pub work: &'a Path,
}

impl Corpus {
    /// Documents and text of one language.
    pub fn tally(&self, language: &str) -> Tally {
        let sources = self.tallies.get(language);
        sources.into_iter().flat_map(BTreeMap::values).fold(Tally::default(), Tally::plus)
    }

    /// Bring the runs back into memory, for training, which takes about twice what the inventories
    /// do; fails if that is more than `memory`.
    pub fn gather(&mut self, memory: usize) -> Result<()> {
        for (language, runs) in std::mem::take(&mut self.runs) {
            for run in runs {
                read_inventory(&run, self.inventories.entry(language.clone()).or_default())?;
                remove(&run)?;
                self.fits(memory)?;
            }
        }
        self.fits(memory)
    }

    fn fits(&self, memory: usize) -> Result<()> {
        let needed = 2 * self.inventories.values().map(Inventory::memory).sum::<usize>() as u64;
        let limit = memory as u64;
        if needed > limit {
            return Err(Error::Budget { what: "training".into(), needed, used: 0, limit });
        }
        Ok(())
    }

    /// Write an inventory a language into `folder`, runs included, which are not brought back for
    /// it; gives the names and the words in each.
    pub fn write(&mut self, counting: Counting, folder: &Path) -> Result<Vec<(String, u64)>> {
        let languages: BTreeSet<String> =
            self.inventories.keys().chain(self.runs.keys()).cloned().collect();
        let mut written = Vec::new();
        for language in languages {
            let name = format!("{language}.arrow");
            let (target, metadata) =
                (folder.join(&name), metadata(&language, counting, &self.tallies));
            let file = match self.runs.remove(&language) {
                None => write_inventory(&self.inventories[&language], metadata, &target)?,
                Some(mut runs) => {
                    if let Some(rest) = self.inventories.remove(&language) {
                        let run = folder.join(format!(".rest-{language}"));
                        write_inventory(&rest, BTreeMap::new(), &run)?;
                        runs.push(run);
                    }
                    let paths: Vec<&Path> = runs.iter().map(PathBuf::as_path).collect();
                    let file = merge_runs(&paths, metadata, &target)?;
                    paths.into_iter().try_for_each(remove)?;
                    file
                }
            };
            written.push((name, file.rows));
        }
        Ok(written)
    }

    /// The sum of inventories of different documents, which [`write`](Self::write) made in each of
    /// `folders`. All must have been counted the same way.
    pub fn read(folders: &[PathBuf], counting: Counting) -> Result<Self> {
        let mut corpus = Self::default();
        for folder in folders {
            let mut names: Vec<PathBuf> = std::fs::read_dir(folder)
                .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
                .map_err(|e| Error::storage("read", folder, e))?;
            names.retain(|path| path.extension().is_some_and(|extension| extension == "arrow"));
            names.sort();
            for path in names {
                corpus.read_file(&path, counting)?;
            }
        }
        Ok(corpus)
    }

    fn read_file(&mut self, path: &Path, counting: Counting) -> Result<()> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let inventory = self.inventories.entry(stem.clone()).or_default();
        let metadata = read_inventory(path, inventory)?;
        for (source, tally) in tallies(path, &stem, &metadata, counting)? {
            let sum = self.tallies.entry(stem.clone()).or_default().entry(source).or_default();
            *sum = sum.plus(&tally);
        }
        Ok(())
    }
}

/// Count all documents below `inputs`; bad records are events.
pub fn count_files(
    inputs: &[PathBuf],
    options: &ReadOptions,
    counting: Counting,
    resources: Resources<'_>,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Corpus> {
    progress.enter(Phase::Discover, 0);
    let found = discover(inputs, options)?.refuse_nothing()?;
    probe(&found, options)?;
    let units = plan_units(&found.files);
    progress.enter(Phase::Scan, found.files.iter().map(|file| file.bytes).sum());
    let (next, runs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || -> Result<Sink<'_>> {
        let mut sink = Sink::new(counting, resources, progress, &runs);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(number) else { return Ok(sink) };
            sink.unit = number;
            let read = read_unit(&found.files[unit.file], unit, options, cancel, &mut sink)?;
            sink.fields.push(read.fields);
        }
    };
    // One set of counters a thread, however many units there are: they are what takes the memory.
    let sinks = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..resources.threads.max(1)).map(|_| scope.spawn(work)).collect();
        let ended = || Err(Error::internal("a counting thread ended without a result"));
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| ended()));
        joined.collect::<Result<Vec<_>>>()
    })?;
    let mut corpus = Corpus { files: found.files, notes: found.notes, ..Corpus::default() };
    let (mut events, mut fields) = (Vec::new(), Vec::new());
    let mut counters: BTreeMap<String, Vec<Counter>> = BTreeMap::new();
    for sink in sinks {
        events.extend(sink.events);
        fields.extend(sink.fields);
        for (language, counter) in sink.counters {
            counters.entry(language).or_default().push(counter);
        }
        for (language, paths) in sink.spilled {
            corpus.runs.entry(language).or_default().extend(paths);
        }
        for (language, sources) in sink.tallies {
            let of_language = corpus.tallies.entry(language).or_default();
            for (source, tally) in sources {
                let sum = of_language.entry(source).or_default();
                *sum = sum.plus(&tally);
            }
        }
    }
    events.sort_by_key(|(unit, _)| *unit);
    corpus.notes.extend(FieldUse::sum(&fields).notes(options));
    corpus.runs_spilled = runs.into_inner();
    corpus.events = found.events.into_iter().chain(events.into_iter().map(|(_, e)| e)).collect();
    for (language, counters) in counters {
        corpus.inventories.insert(language, Inventory::merged(counters));
    }
    let sources = corpus.tallies.values().flat_map(BTreeMap::values);
    let documents = sources.map(|tally| tally.documents).sum();
    Losses::of(&corpus.files, &corpus.events).refuse_nothing(documents, &corpus.notes)?;
    Ok(corpus)
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|e| Error::storage("remove", path, e))
}

/// What one thread counts.
struct Sink<'a> {
    counting: Counting,
    resources: Resources<'a>,
    counters: BTreeMap<String, Counter>,
    spilled: BTreeMap<String, Vec<PathBuf>>,
    runs: &'a AtomicUsize,
    tallies: Tallies,
    events: Vec<(usize, QuarantineEvent)>,
    fields: Vec<FieldUse>,
    unit: usize,
    progress: &'a Progress,
}

impl<'a> Sink<'a> {
    fn new(
        counting: Counting,
        resources: Resources<'a>,
        progress: &'a Progress,
        runs: &'a AtomicUsize,
    ) -> Self {
        Self {
            counting,
            resources,
            counters: BTreeMap::new(),
            spilled: BTreeMap::new(),
            runs,
            tallies: BTreeMap::new(),
            events: Vec::new(),
            fields: Vec::new(),
            unit: 0,
            progress,
        }
    }

    /// Put the counters aside if they outgrew this thread's share of the memory.
    fn spill(&mut self) -> Result<()> {
        let held: usize = self.counters.values().map(Counter::memory).sum();
        if held <= self.resources.memory / self.resources.threads.max(1) {
            return Ok(());
        }
        for (language, counter) in std::mem::take(&mut self.counters) {
            let number = self.runs.fetch_add(1, Ordering::Relaxed);
            let path = self.resources.work.join(format!("run-{number:06}-{language}.arrow"));
            write_inventory(&counter.into_inventory(), BTreeMap::new(), &path)?;
            self.spilled.entry(language).or_default().push(path);
        }
        Ok(())
    }
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let texts = batch["text"].as_string::<i64>();
        let (sources, langs) =
            (batch["source"].as_string::<i32>(), batch["lang"].as_string::<i32>());
        for at in 0..batch.num_rows() {
            let (text, source) = (texts.value(at), sources.value(at));
            let lang: Option<&str> = langs.is_valid(at).then(|| langs.value(at));
            let language = language_of(text, lang, source);
            if !self.counters.contains_key(&language) {
                self.counters.insert(language.clone(), Counter::new(self.counting));
            }
            if let Some(counter) = self.counters.get_mut(&language) {
                counter.add(text, source);
            }
            let of_language = self.tallies.entry(language).or_default();
            let tally = of_language.entry(source.to_owned()).or_default();
            *tally = tally.plus(&Tally { documents: 1, text_bytes: text.len() as u64 });
        }
        self.progress.add(batch.num_rows() as u64, 0);
        self.spill()
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events.push((self.unit, event));
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.progress.add(0, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crawl(folder: &Path) {
        for file in 0..5 {
            let lines: Vec<String> = (0..200)
                .map(|n| match n % 3 {
                    0 => format!(r#"{{"text": "渔民{n}在河口{file}", "source": "web"}}"#),
                    1 => format!(r#"{{"text": "fisherman {n} by the river {file}"}}"#),
                    _ if n == 5 => "{broken".to_owned(),
                    _ => format!(r#"{{"text": "x{n}", "lang": "zh", "source": "web"}}"#),
                })
                .collect();
            std::fs::write(folder.join(format!("{file}.jsonl")), lines.join("\n")).unwrap();
        }
    }

    fn count(inputs: &Path, work: &Path, threads: usize, memory: usize) -> Corpus {
        let (cancel, progress) = (Cancel::new(), Progress::new());
        let resources = Resources { threads, memory, work };
        let inputs = [inputs.to_path_buf()];
        let options = ReadOptions::default();
        count_files(&inputs, &options, Counting::default(), resources, &cancel, &progress).unwrap()
    }

    fn same(a: &Corpus, b: &Corpus) {
        assert_eq!(a.inventories.keys().collect::<Vec<_>>(), ["und-Latn", "zh"]);
        assert!(a.inventories.keys().eq(b.inventories.keys()));
        for (language, inventory) in &a.inventories {
            assert_eq!(inventory.sorted(), b.inventories[language].sorted(), "{language}");
        }
        assert_eq!((&a.tallies, &a.events), (&b.tallies, &b.events));
    }

    #[test]
    fn threads_do_not_matter_and_bad_lines_are_told() {
        let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        crawl(folder.path());
        let one = count(folder.path(), work.path(), 1, usize::MAX);
        same(&one, &count(folder.path(), work.path(), 4, usize::MAX));
        assert_eq!(one.events.len(), 5);
        assert_eq!(one.tally("zh").documents, 5 * (67 + 65));
        assert_eq!(one.tally("und-Latn").documents, 5 * 67);
    }

    #[test]
    fn what_is_put_aside_is_added_up() {
        let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        crawl(folder.path());
        let whole = count(folder.path(), work.path(), 2, usize::MAX);
        let mut spilled = count(folder.path(), work.path(), 2, 1);
        assert_eq!((whole.runs_spilled, spilled.runs_spilled), (0, 10));
        assert!(matches!(spilled.gather(10), Err(Error::Budget { .. })));
        let mut spilled = count(folder.path(), work.path(), 2, 1);
        spilled.gather(usize::MAX).unwrap();
        same(&whole, &spilled);
    }

    #[test]
    fn written_inventories_add_up() {
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let [input, work, out] = [0, 1, 2].map(|n| folders[n].path());
        crawl(input);
        let mut whole = count(input, work, 2, usize::MAX);
        whole.write(Counting::default(), out).unwrap();
        let files =
            || ["und-Latn", "zh"].map(|l| std::fs::read(out.join(format!("{l}.arrow"))).unwrap());
        let expected = files();
        count(input, work, 2, 1).write(Counting::default(), out).unwrap();
        assert!(files() == expected, "runs make another file");
        assert_eq!(std::fs::read_dir(out).unwrap().count(), 2);
        let read = Corpus::read(&[out.to_path_buf()], Counting::default()).unwrap();
        assert_eq!(read.tallies, whole.tallies);
        let twice = [out.to_path_buf(), out.to_path_buf()];
        let twice = Corpus::read(&twice, Counting::default()).unwrap();
        assert_eq!(twice.tally("zh").documents, 2 * whole.tally("zh").documents);
        for (language, inventory) in &whole.inventories {
            assert_eq!(read.inventories[language].sorted(), inventory.sorted());
            let sum = Inventory::sum(vec![inventory.clone(), inventory.clone()]);
            assert_eq!(twice.inventories[language].sorted(), sum.sorted());
        }
        let other = Counting { document_cap: 3, ..Counting::default() };
        let error = Corpus::read(&[out.to_path_buf()], other).unwrap_err();
        assert!(error.to_string().contains("document_cap"), "{error}");
    }
}
