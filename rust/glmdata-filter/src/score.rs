//! Every document to one row of numbers.
//!
//! Units are measured in parallel, and the documents of a batch as well, since a shard of an
//! earlier stage is one unit however large it is. The rows of a unit go to the disk at once; when
//! all are there, they are put together in canonical order with the keys of their documents.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use glmdata_base::{Error, Phase, Reservation, Result};
use glmdata_io::{
    FieldUse, InputFile, Losses, QuarantineEvent, ShardFile, Unit, UnitFacts, UnitFile,
    UnitFileWriter, discover, files_json, in_file_order, inputs_json, plan_units, probe,
    write_quarantine,
};
use serde_json::{Value, json};

use crate::measure::{EVENTS, Measurers, Sink};
use crate::run::{Job, Options, each_unit, pool_of, read_kept};
use crate::table::{Parts, named, score_schema, unit_schema};

/// Changes whenever a signal gets another value for some text: scores of other versions are not
/// reused.
pub(crate) const VERSION: u32 = 4;

/// Measure `job.inputs` into `scores/` and `quarantine/` of the stage folder; facts for report,
/// manifest and run record come back as `{"files", "inputs", "quarantined", "losses", "fields",
/// "notes", "benchmark", "run"}`.
///
/// # Errors
/// [`Error::Input`] for an input that does not exist, [`Error::Storage`], [`Error::Budget`] for a
/// document that cannot be measured within the memory, [`Error::Cancelled`]. Bad records and files are quarantined, never errors.
pub fn score(job: &Job<'_>, options: &Options) -> Result<Value> {
    job.progress.enter(Phase::Discover, 0);
    let found = discover(job.inputs, &options.read)?.refuse_nothing()?;
    probe(&found, &options.read)?;
    let units = plan_units(&found.files);
    let work = job.output.join(".work");
    std::fs::create_dir_all(&work).map_err(|e| Error::storage("create folder", &work, e))?;
    let input_bytes = found.files.iter().map(|file| file.bytes).sum();
    job.progress.enter(Phase::Scan, input_bytes);
    let (pool, measurers) = (pool_of(options.threads)?, Measurers::new(options));
    let reused = AtomicU64::new(0);
    let measured: Vec<(UnitFacts, Reservation)> =
        each_unit(options.threads, units.len(), |number| {
            let (unit, file) = (&units[number], &found.files[units[number].file]);
            let fingerprint = fingerprint(job, options, file, unit, number);
            if job.resume
                && let Some(whole) = UnitFile::open(&path_of(&work, number), &fingerprint, None)
            {
                let UnitFile { facts, .. } = whole;
                reused.fetch_add(1, Ordering::Relaxed);
                job.progress.add(facts.summary.documents, facts.summary.bytes_read);
                let bytes = facts.events.iter().map(QuarantineEvent::memory).sum();
                let held = options.memory.reserve(bytes, EVENTS)?;
                return Ok((facts, held));
            }
            let mut sink = Sink {
                measurers: &measurers,
                pool: &pool,
                options,
                rows: UnitFileWriter::create(&path_of(&work, number), &unit_schema(options))?,
                events: Vec::new(),
                held: options.memory.nothing(),
                cancel: job.cancel,
                progress: job.progress,
            };
            let summary = read_kept(job, options, file, unit, number, &mut sink)?;
            let Sink { rows, events, held, .. } = sink;
            let facts = UnitFacts { fingerprint, summary, events };
            rows.finish(&facts)?;
            Ok((facts, held))
        })?;
    let (facts, _held): (Vec<UnitFacts>, Vec<Reservation>) = measured.into_iter().unzip();
    drop(measurers);

    job.progress.enter(Phase::Write, 0);
    let mut parts = Parts::new(job.output, score_schema(options));
    // Files that cannot be read were told by the stage that decided, if there is one.
    let unread = if job.judged.is_none() { found.events } else { Vec::new() };
    let (mut events, mut first_row, mut file) = (unread, 0, usize::MAX);
    for (number, (unit, facts)) in units.iter().zip(&facts).enumerate() {
        if unit.file != file {
            (file, first_row) = (unit.file, 0);
        }
        let source = &found.files[file];
        for batch in UnitFile::reopen(&path_of(&work, number), &facts.fingerprint, None)? {
            job.cancel.check()?;
            parts.add(named(&batch?, source, first_row, options)?)?;
        }
        events.extend(facts.events.iter().cloned().map(|mut event| {
            event.row = event.row.map(|row| row + first_row);
            event
        }));
        first_row += facts.summary.rows;
    }
    let mut files = parts.finish()?;
    in_file_order(&mut events);
    // What could not be read is told once, by the stage that read it first.
    let losses = match job.judged {
        Some(_) => Losses::default(),
        None => Losses::of(&found.files, &events),
    };
    if job.judged.is_none() {
        let documents = facts.iter().map(|facts| facts.summary.documents).sum();
        losses.refuse_nothing(documents, &found.notes)?;
    }
    let quarantined = write_quarantine(&job.output.join("quarantine"), &events)?;
    let rows = events.len() as u64;
    files.extend(quarantined.into_iter().map(|file| ShardFile { file, rows }));
    let fields = FieldUse::sum(facts.iter().map(|facts| &facts.summary.fields));
    let mut notes = found.notes;
    notes.extend(fields.notes(&options.read));
    let decoded: u64 = facts.iter().map(|facts| facts.summary.decoded_bytes).sum();
    Ok(json!({
        "files": files_json(job.output, &files),
        "inputs": inputs_json(&found.files),
        "quarantined": losses.records,
        "losses": losses.json(),
        "fields": fields,
        "notes": notes,
        "benchmark": options.benchmarks.as_ref().map(|benchmarks| {
            let [items, short, too_short, equal] = benchmarks.counts();
            json!({
                "items": items,
                "short": short,
                "too_short": too_short,
                "equal": equal,
                "from_packs_alone": benchmarks.from_packs_alone,
            })
        }),
        "run": {
            "input_bytes": input_bytes,
            "decoded_bytes": decoded,
            "units": units.len(),
            "units_reused": reused.into_inner(),
        },
    }))
}

/// The scores of a unit are bound to what would change them.
fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.scores"))
}

fn fingerprint(
    job: &Job<'_>,
    options: &Options,
    file: &InputFile,
    unit: &Unit,
    number: usize,
) -> String {
    let InputFile { root, relative, bytes, modified_ns, .. } = file;
    format!(
        "{VERSION} {:?} {:?} {:?} {:?} {root}/{relative} {bytes} {modified_ns} {}..{}",
        options.read,
        options.classifiers.iter().map(|(name, model)| (name, model.path())).collect::<Vec<_>>(),
        options.benchmarks.as_ref().map(|benchmarks| benchmarks.fingerprint()),
        (
            job.judged.map(|judged| judged.fingerprint(number)),
            options.languages.as_ref().map(|(telling, model)| (telling, model.print())),
            (options.segmenter.is_some(), options.offence),
        ),
        unit.start,
        unit.end
    )
}
