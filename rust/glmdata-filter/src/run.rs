//! What both halves of a run are given, and how they speak of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use glmdata_base::{Cancel, Error, MemoryBudget, Progress, Result};
use glmdata_io::{InputFile, OutputFormat, ReadOptions, Unit, UnitSink, UnitSummary, read_unit};
use rayon::ThreadPool;

use crate::classifier::Classifier;
use crate::contamination::Benchmarks;
use crate::judged::Judged;
use crate::language::{Languages, Telling};
use crate::measure::Dictionary;

/// The typed configuration of a run. Defaults live in Python only.
#[derive(Clone, Debug)]
pub struct Options {
    /// How records become documents.
    pub read: ReadOptions,
    /// Format of the kept documents.
    pub format: OutputFormat,
    /// Write kept documents, not only decisions.
    pub write_documents: bool,
    /// Put the text into `removed/` too.
    pub removed_text: bool,
    /// Put a mask in the place of every piece of personal data in kept documents.
    pub mask_pii: bool,
    /// Bring back texts that were read in the wrong encoding.
    pub repair: bool,
    /// Worker threads.
    pub threads: usize,
    /// What models, benchmark items, decisions of an earlier stage and long documents are charged to.
    pub memory: MemoryBudget,
    /// Name of a column of scores and the model that is asked for it.
    pub classifiers: Vec<(String, Arc<Classifier>)>,
    /// Items that documents are searched for.
    pub benchmarks: Option<Arc<Benchmarks>>,
    /// By which words of Chinese are cut and measured; none: they are not.
    pub segmenter: Option<Arc<Dictionary>>,
    /// Ask the model of offensive passages.
    pub offence: bool,
    /// Whose languages are told, and by what; none: nobody's.
    pub languages: Option<(Telling, Arc<Languages>)>,
}

/// What a run is given besides its options.
#[derive(Debug)]
pub struct Job<'a> {
    /// Files, folders and globs.
    pub inputs: &'a [PathBuf],
    /// What an earlier stage kept of the inputs; none: all of it.
    pub judged: Option<&'a Judged>,
    /// The stage folder.
    pub output: &'a Path,
    /// Reuse finished units that an interrupted run left in `<output>/.work`.
    pub resume: bool,
    /// Raised on Ctrl-C.
    pub cancel: &'a Cancel,
    /// Shown to the user.
    pub progress: &'a Progress,
}

/// Those who compute.
pub(crate) fn pool_of(threads: usize) -> Result<ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(Error::internal)
}

/// What `work` makes of each of `units` units, `threads` of them at a time; ends with the first
/// error.
pub(crate) fn each_unit<T: Send>(
    threads: usize,
    units: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let readers = threads.clamp(1, units.max(1));
    let mut made = std::thread::scope(|scope| {
        let reader = || {
            let mut made = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= units {
                    break;
                }
                let of_unit =
                    work(number).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
                made.push((number, of_unit));
            }
            Ok(made)
        };
        let readers: Vec<_> = (0..readers).map(|_| scope.spawn(reader)).collect();
        let joined = readers.into_iter().map(|reader| {
            reader.join().map_err(|_| Error::internal("a reading thread panicked"))?
        });
        joined.collect::<Result<Vec<Vec<(usize, T)>>>>()
    })?
    .into_iter()
    .flatten()
    .collect::<Vec<_>>();
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, of_unit)| of_unit).collect())
}

/// Read unit number `number`, without what an earlier stage removed of it.
pub(crate) fn read_kept(
    job: &Job<'_>,
    options: &Options,
    file: &InputFile,
    unit: &Unit,
    number: usize,
    sink: &mut dyn UnitSink,
) -> Result<UnitSummary> {
    let Some(judged) = job.judged else {
        return read_unit(file, unit, &options.read, job.cancel, sink);
    };
    let mut kept = judged.sink(number, sink);
    let summary = read_unit(file, unit, &options.read, job.cancel, &mut kept)?;
    kept.finish()?;
    Ok(summary)
}
