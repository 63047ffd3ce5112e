//! Counting that a killed run need not repeat: the inventories are kept in the work folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use glmdata_base::{AtomicFile, Cancel, Error, Phase, Progress, Result};
use glmdata_io::{QuarantineEvent, ReadOptions, discover};
use serde::{Deserialize, Serialize};

use crate::corpus::{Corpus, Resources, count_files};
use crate::inventory::Counting;

/// Written behind the inventories: without it they are not whole.
const MARK: &str = "counted.json";
const FOLDER: &str = "inventory";

#[derive(Serialize, Deserialize)]
struct Mark {
    events: Vec<QuarantineEvent>,
    notes: Vec<String>,
    runs_spilled: usize,
}

/// [`count_files`], or what an earlier run over the same files left in the work folder. Counts that
/// took `keep_from` or longer are left there for the next run.
pub fn count_or_resume(
    inputs: &[PathBuf],
    options: &ReadOptions,
    counting: Counting,
    resources: Resources<'_>,
    keep_from: Duration,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Corpus> {
    let (mark, folder) = (resources.work.join(MARK), resources.work.join(FOLDER));
    if mark.exists() {
        progress.enter(Phase::Discover, 0);
        return read(inputs, options, counting, &mark, &folder);
    }
    let begun = Instant::now();
    let mut corpus = count_files(inputs, options, counting, resources, cancel, progress)?;
    if begun.elapsed() < keep_from {
        return Ok(corpus);
    }
    let runs_spilled = corpus.runs_spilled;
    corpus.write(counting, &folder)?;
    let text = serde_json::to_vec(&Mark {
        events: corpus.events.clone(),
        notes: corpus.notes.clone(),
        runs_spilled,
    });
    let mut file = AtomicFile::create(&mark)?;
    file.write_all(&text.map_err(Error::internal)?)
        .map_err(|e| Error::storage("write", &mark, e))?;
    file.commit()?;
    // What was put aside went into the written inventories only.
    if runs_spilled > 0 { read(inputs, options, counting, &mark, &folder) } else { Ok(corpus) }
}

fn read(
    inputs: &[PathBuf],
    options: &ReadOptions,
    counting: Counting,
    mark: &Path,
    folder: &Path,
) -> Result<Corpus> {
    let text = std::fs::read(mark).map_err(|e| Error::storage("read", mark, e))?;
    let held: Mark = serde_json::from_slice(&text).map_err(|e| Error::corrupt(mark, e))?;
    let found = discover(inputs, options)?;
    let corpus = Corpus::read(&[folder.to_path_buf()], counting)?;
    let Mark { events, notes, runs_spilled } = held;
    Ok(Corpus { files: found.files, notes, events, runs_spilled, held: true, ..corpus })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_and_found_again() {
        let (input, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let line = r#"{"text": "渔民在河口", "source": "web"}"#;
        std::fs::write(input.path().join("a.jsonl"), format!("{line}\n{{broken\n")).unwrap();
        let inputs = [input.path().to_path_buf()];
        let count = |memory, keep_from| {
            let resources = Resources { threads: 2, memory, work: work.path() };
            let (cancel, progress) = (Cancel::new(), Progress::new());
            let (options, counting) = (ReadOptions::default(), Counting::default());
            let keep_from = Duration::from_secs(keep_from);
            count_or_resume(&inputs, &options, counting, resources, keep_from, &cancel, &progress)
                .unwrap()
        };
        let plain = count(usize::MAX, 1_000);
        assert!(!work.path().join(MARK).exists());
        let kept = count(1, 0);
        let found = count(1, 0);
        assert_eq!([plain.held, kept.held, found.held], [false, true, true]);
        for corpus in [&kept, &found] {
            assert_eq!(corpus.inventories["zh"].sorted(), plain.inventories["zh"].sorted());
            assert_eq!((&corpus.tallies, &corpus.events), (&plain.tallies, &plain.events));
            assert_eq!((corpus.files.len(), corpus.runs_spilled), (1, 1));
        }
    }
}
