//! A run from input files to a stage folder: scan, exact stage, candidates, verification,
//! decisions, files. Every step is a function of what the step before left.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use glmdata_base::{Cancel, Error, Phase, Progress, Reservation, Result};
use glmdata_io::{
    FieldUse, InputFile, Losses, QuarantineEvent, ShardFile, Unit, discover, files_json,
    in_file_order, inputs_json, plan_units, probe, write_quarantine,
};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde_json::{Value, json};

use crate::budgets::Budgets;
use crate::candidates::Buckets;
use crate::corpus::Corpus;
use crate::cut::{Cuts, cut_passages};
use crate::decide::Decisions;
use crate::early::EarlySets;
use crate::exact::{ExactStage, exact_of};
use crate::family::{Deciding, write_dense};
use crate::follow::settle;
use crate::index::{BandKeys, Earlier, Index, write_segment};
use crate::keep::{ranks, without_value};
use crate::kept::Kept;
use crate::kept_keys::{HeldKeys, KeptKeys};
use crate::ledger::Pair;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::plan::expected_text;
use crate::report::{Facts, Traffic, traffic_json};
use crate::scan::{ScannedUnit, Scanner, Shared, fingerprint};
use crate::scores::keep_by_scores;
use crate::sort::Sorted;
use crate::span::{SpansByDocument, write_edits};
use crate::table::Table;
use crate::texts::{TextKeeper, Texts, UnitTexts};
use crate::unit_scan::{Scanning, Stored, UnitScan, load};
use crate::unused::unused;
use crate::verify::{Compared, Verified, Verifier};

/// What a run is given besides its options.
#[derive(Debug)]
pub struct Job<'a> {
    /// Files, folders and globs.
    pub inputs: &'a [PathBuf],
    /// The stage folder.
    pub output: &'a Path,
    /// Earlier crawls, whose documents win.
    pub index: Option<&'a Index>,
    /// Scores of the inputs, in their order, one of which the keep policy names.
    pub scores: Option<&'a [PathBuf]>,
    /// Reuse finished units that an interrupted run left in `<output>/.work`.
    pub resume: bool,
    /// Raised on Ctrl-C.
    pub cancel: &'a Cancel,
    /// Shown to the user.
    pub progress: &'a Progress,
}

/// Deduplicate: writes all of the stage folder but `report.json`, `manifest.json` and `run.json`,
/// whose facts come back as `{"report", "files", "inputs", "run"}`.
///
/// # Errors
/// [`Error::Config`] for options that make no sense, [`Error::Input`] for an input that does not
/// exist or changes under way, [`Error::Storage`], [`Error::Budget`] and [`Error::Cancelled`].
/// Bad records and files are quarantined, never errors.
pub fn run(job: &Job<'_>, options: &Options) -> Result<Value> {
    options.check()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    pool.map_err(Error::internal)?.install(|| run_in_pool(job, options))
}

fn run_in_pool(job: &Job<'_>, options: &Options) -> Result<Value> {
    job.progress.enter(Phase::Discover, 0);
    let found = discover(job.inputs, &options.read)?.refuse_nothing()?;
    probe(&found, &options.read)?;
    let mut units = plan_units(&found.files);
    let earlier = Earlier::open(job.index.map_or(&[][..], |index| &index.segments))?;
    let (new_files, mut files) = (found.files.len(), found.files);
    units.extend(earlier.units.iter().map(|unit| Unit { file: unit.file + new_files, ..*unit }));
    files.extend(earlier.files.iter().cloned());
    let work = job.output.join(".work");
    std::fs::create_dir_all(&work).map_err(|e| Error::storage("create folder", &work, e))?;
    let budgets = Budgets::of(options.memory);
    let scan = Scan { job, options, files: &files, units: &units, work: &work, earlier: &earlier };

    let Scanned { mut corpus, texts, sets, keys, mut events, fields, mut traffic, _table } =
        scan.run(&budgets)?;
    events.extend(found.events);
    in_file_order(&mut events);
    let losses = Losses::of(corpus.new_files(), &events);
    losses.refuse_nothing(u64::from(corpus.new_documents()), &found.notes)?;
    job.progress.enter(Phase::Match, 0);
    if let Some(scores) = job.scores {
        keep_by_scores(&mut corpus, &options.keep, scores)?;
    }
    let new = corpus.new_documents();
    let without_keep = without_value(&corpus.table, new, &options.keep)?;
    let ranks = ranks(&corpus.table, new, options);
    let exact = exact_of(&corpus.table, &ranks, options);
    let records = scan.band_records(&corpus, &exact, keys.as_ref(), &budgets.verify)?;
    drop(keys);
    let verifier = Verifier {
        table: &corpus.table,
        texts: &texts,
        first_of_unit: &corpus.first_of_unit,
        early: Mutex::new(sets),
        options,
        budget: &budgets.verify,
        folder: &work,
        cancel: job.cancel,
        progress: job.progress,
        rounds: job.progress,
    };
    let is_earlier = |document: u32| exact.winner[document as usize] >= new;
    let (compared, buckets, dense) =
        scan.compare(&records, &verifier, &is_earlier, &mut traffic)?;
    drop(records);
    let Compared { pairs: mut ledger, counts: mut verified } = compared;
    let deciding = Deciding { exact: &exact, ranks: &ranks, earlier: &is_earlier };
    let known = HashMap::new();
    let decisions = settle(&verifier, &deciding, &dense, &mut ledger, &mut verified, &known)?;
    if let Some(index) = job.index {
        let bands = options.banding.bands;
        let keys = BandKeys { bands, of_unit: &|unit| scan.keys_of(unit) };
        write_segment(&index.next, &corpus, &texts, &decisions, &keys)?;
    }
    let mut notes = found.notes;
    notes.extend(unused(&fields, &corpus, buckets, options));
    let measured = Measured {
        corpus,
        texts,
        exact,
        ledger,
        dense,
        events,
        fields,
        notes,
        without_keep,
        buckets,
        verified,
        traffic,
    };
    measured.write(job, options, decisions)
}

/// All that decisions and reports are made of.
pub(crate) struct Measured<'a> {
    pub(crate) corpus: Corpus<'a>,
    pub(crate) texts: Texts<'a>,
    pub(crate) exact: ExactStage,
    pub(crate) ledger: Vec<Pair>,
    /// Members of dense buckets, as (number of the bucket, document).
    pub(crate) dense: Sorted<u64>,
    pub(crate) events: Vec<QuarantineEvent>,
    /// Documents by the field that they had.
    pub(crate) fields: FieldUse,
    pub(crate) notes: Vec<String>,
    /// Documents that the keep policy has no value of.
    pub(crate) without_keep: Option<u64>,
    pub(crate) buckets: Buckets,
    pub(crate) verified: Verified,
    pub(crate) traffic: Traffic,
}

impl Measured<'_> {
    /// Write the stage folder; the facts for report, manifest and run record come back.
    pub(crate) fn write(
        self,
        job: &Job<'_>,
        options: &Options,
        mut decisions: Decisions,
    ) -> Result<Value> {
        let cuts = cut_passages(job, &self.corpus, &self.texts, options, &mut decisions)?;
        let cuts = cuts.as_ref();
        let mut notes = self.notes.clone();
        notes.extend(
            cuts.and_then(|cuts| cuts.hosts.as_ref()).and_then(|hosts| hosts.note(&self.fields)),
        );
        let files = self.write_files(job, options, &decisions, cuts)?;
        let facts = Facts {
            corpus: &self.corpus,
            decisions: &decisions,
            cuts,
            options,
            losses: &Losses::of(self.corpus.new_files(), &self.events),
            buckets: self.buckets,
            verified: self.verified,
            fields: &self.fields,
            notes: &notes,
            without_keep: self.without_keep,
        };
        let read_again = self.texts.read_again.load(Ordering::Relaxed);
        let runs_spilled = self.traffic.runs_spilled + cuts.map_or(0, |cuts| cuts.runs_spilled);
        let traffic = Traffic { read_again, runs_spilled, ..self.traffic };
        Ok(json!({
            "report": facts.report(),
            "files": files_json(job.output, &files),
            "inputs": inputs_json(self.corpus.new_files()),
            "run": traffic_json(traffic, self.verified),
            "versions": { "unicode": unicode_version() },
        }))
    }

    fn write_files(
        &self,
        job: &Job<'_>,
        options: &Options,
        decisions: &Decisions,
        cuts: Option<&Cuts>,
    ) -> Result<Vec<ShardFile>> {
        let Self { corpus, texts, .. } = self;
        let kept = |i: u32| decisions.removal[i as usize].is_none();
        let documents = 0..corpus.new_documents();
        let bytes_of = |i: u32| u64::from(corpus.table.bytes[i as usize]);
        job.progress.enter(Phase::Write, documents.filter(|&i| kept(i)).map(bytes_of).sum());
        let done = |documents, bytes| job.progress.add(documents, bytes);
        let outcome = Outcome { corpus, decisions, options };
        // The small files beside the large one: they wait for the disk while it is compressed.
        let (kept, small) = rayon::join(
            || {
                let mut files = Vec::new();
                if options.write_documents {
                    let spans = cuts.map(|cuts| SpansByDocument::new(&cuts.spans)).transpose()?;
                    let format = options.format;
                    let kept = Kept { corpus, texts, format, is_kept: &kept, done: &done };
                    files = kept.write(job.output, spans)?;
                }
                if let Some(cuts) = cuts {
                    files.extend(write_edits(job.output, corpus, &cuts.spans)?);
                }
                Ok(files)
            },
            || {
                let mut files = outcome.write_decisions(job.output)?;
                files.extend(outcome.write_removed(job.output, texts)?);
                files.push(outcome.write_clusters(job.output)?);
                files.push(outcome.write_pairs(job.output, &self.ledger, &self.exact)?);
                files.push(outcome.write_table(job.output)?);
                files.extend(write_dense(job.output, &self.dense)?);
                Ok(files)
            },
        );
        let mut files: Vec<ShardFile> = kept?;
        files.extend::<Vec<ShardFile>>(small?);
        let quarantined = write_quarantine(&job.output.join("quarantine"), &self.events)?;
        let rows = self.events.len() as u64;
        files.extend(quarantined.into_iter().map(|file| ShardFile { file, rows }));
        Ok(files)
    }
}

/// What all steps of a run look at.
pub(crate) struct Scan<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) options: &'a Options,
    pub(crate) files: &'a [InputFile],
    pub(crate) units: &'a [Unit],
    pub(crate) work: &'a Path,
    /// Its units stand behind those of this crawl.
    pub(crate) earlier: &'a Earlier,
}

struct Scanned<'a> {
    corpus: Corpus<'a>,
    texts: Texts<'a>,
    sets: Vec<EarlySets>,
    /// Band keys, if there was room for them.
    keys: Option<HeldKeys>,
    events: Vec<QuarantineEvent>,
    fields: FieldUse,
    traffic: Traffic,
    _table: Vec<Reservation>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new_units(&self) -> usize {
        self.units.len() - self.earlier.units.len()
    }

    fn run(&self, budgets: &Budgets) -> Result<Scanned<'a>> {
        let Job { cancel, progress, .. } = self.job;
        let new_files = &self.files[..self.files.len() - self.earlier.files.len()];
        let total = new_files.iter().map(|file| file.bytes).sum();
        progress.enter(Phase::Scan, total);
        let reused = AtomicU64::new(0);
        // Texts that find no room in memory are compared part by part, and each part makes its own sets.
        let fits = expected_text(new_files) <= budgets.texts.limit();
        let shared = Shared::new(self.options, total, &budgets.verify, fits);
        let kept = KeptKeys::new(&budgets.table);
        let scans: Vec<ScannedUnit> = (0..self.units.len())
            .into_par_iter()
            .with_max_len(1)
            .map_init(
                || Scanner::new(&shared),
                |scanner, number| {
                    if let Some(earlier) = number.checked_sub(self.new_units()) {
                        let scan = self.earlier.scan(earlier, number, &budgets.table, &kept)?;
                        return Ok(ScannedUnit::of_another_run(scan));
                    }
                    let unit = &self.units[number];
                    let file = &self.files[unit.file];
                    let print = fingerprint(self.options, file, unit);
                    let stored = Stored { folder: self.work, number, fingerprint: &print };
                    if self.job.resume
                        && let Some(scan) = load(stored, number, &budgets.table, &kept)?
                    {
                        reused.fetch_add(1, Ordering::Relaxed);
                        progress.add(scan.table.len() as u64, scan.summary.bytes_read);
                        return Ok(ScannedUnit::of_another_run(scan));
                    }
                    let keeper = TextKeeper::new(&budgets.texts, self.work, number);
                    let bands = self.options.banding.bands;
                    let room = &budgets.table;
                    let scan = Scanning::create(self.work, number, bands, room, &kept)?;
                    scanner.scan_unit((file, unit), scan, keeper, cancel, progress)
                },
            )
            .collect::<Result<_>>()?;
        let mut traffic = Traffic {
            input_bytes: total,
            units: self.new_units() as u64,
            units_reused: reused.into_inner(),
            ..Traffic::default()
        };
        self.join(scans, kept.finish(), &mut traffic)
    }

    /// One table of all units, with rows that count from the start of their file.
    fn join(
        &self,
        scans: Vec<ScannedUnit>,
        keys: Option<HeldKeys>,
        traffic: &mut Traffic,
    ) -> Result<Scanned<'a>> {
        let mut table = Table::default();
        let (mut first_of_unit, mut texts, mut sets) = (vec![0], vec![], vec![]);
        let (mut events, mut first_row, mut file) = (Vec::new(), 0, usize::MAX);
        let mut charged = Vec::with_capacity(scans.len());
        let new = scans.iter().take(self.new_units());
        let fields = FieldUse::sum(new.map(|unit| &unit.scan.summary.fields));
        for (number, unit) in scans.into_iter().enumerate() {
            let ScannedUnit { scan, texts: unit_texts, sets: unit_sets } = unit;
            let UnitScan { table: rows, summary, events: of_unit, held } = scan;
            charged.push(held);
            if self.units[number].file != file {
                (file, first_row) = (self.units[number].file, 0);
            }
            table.append(&rows, first_row)?;
            for mut event in of_unit {
                event.row = event.row.map(|row| row + first_row);
                events.push(event);
            }
            first_row += summary.rows;
            traffic.decoded_bytes += summary.decoded_bytes;
            traffic.units_spooled += u64::from(matches!(unit_texts, UnitTexts::Spool(_)));
            texts.push(unit_texts);
            sets.push(unit_sets);
            first_of_unit.push(u32::try_from(table.len()).map_err(|_| {
                let reason = "more than 4,294,967,295 documents; split the run".to_owned();
                Error::Input { path: self.job.output.to_path_buf(), reason }
            })?);
        }
        let texts = Texts {
            files: self.files,
            units: self.units,
            options: &self.options.read,
            cancel: self.job.cancel,
            texts,
            new_units: self.new_units(),
            read_again: AtomicU64::new(0),
        };
        if first_of_unit[self.new_units()] as usize + self.earlier.keys.len() != table.len() {
            return Err(Error::corrupt(self.job.output, "the index does not hold what it lists"));
        }
        let corpus = Corpus {
            files: self.files,
            units: self.units,
            first_of_unit,
            table,
            new_units: self.new_units(),
            earlier: self.earlier.keys.clone(),
        };
        let traffic = *traffic;
        Ok(Scanned { corpus, texts, sets, keys, events, fields, traffic, _table: charged })
    }
}

/// The version of the tables that normal forms and shingles are made with.
fn unicode_version() -> String {
    let (major, minor, update) = glmdata_text::UNICODE_VERSION;
    format!("{major}.{minor}.{update}")
}
