//! Other decisions from a finished run, without comparing anything again: its table of documents,
//! its ledger of pairs and its quarantine are read back; only the kept documents are read from the
//! input.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use glmdata_base::{Error, MemoryBudget, Phase, Result};
use glmdata_io::{FieldUse, QuarantineEvent, StageFile, discover, plan_units};
use serde_json::Value;

use crate::candidates::{Buckets, pack};
use crate::corpus::Corpus;
use crate::exact::exact_of;
use crate::family::{DENSE_FILE, Deciding};
use crate::follow::settle;
use crate::keep::{keep_value, ranks, without_value};
use crate::ledger::{Pair, Relation, pairs_of_batch};
use crate::options::{Keep, Options};
use crate::outcome::stored_keep;
use crate::report::Traffic;
use crate::run::{Job, Measured};
use crate::shingles::Shingles;
use crate::sort::{Sorted, Sorter};
use crate::table::{Table, table_schema};
use crate::texts::{Texts, UnitTexts};
use crate::unused::unused;
use crate::verify::{Verified, Verifier};

/// Decide again with `options` from the complete stage folder `stage`; writes what
/// [`run`](crate::run::run) with the same options would write.
///
/// Sketch, shingles, scope and the fields that documents are made of are those of the finished
/// run: the caller sees to that.
///
/// # Errors
/// [`Error::Config`] if the threshold is lower than that of the run, whose bands would have missed
/// pairs; [`Error::Corrupt`] if the ledger is damaged; else as [`run`](crate::run::run).
pub fn rethreshold(job: &Job<'_>, stage: &Path, options: &Options) -> Result<Value> {
    options.check()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    pool.map_err(Error::internal)?.install(|| decide_again(job, stage, options))
}

fn decide_again(job: &Job<'_>, stage: &Path, options: &Options) -> Result<Value> {
    job.progress.enter(Phase::Match, 0);
    let found = discover(job.inputs, &options.read)?;
    let units = plan_units(&found.files);
    let report = read_report(&stage.join("report.json"))?;
    let before = report["threshold"].as_f64().unwrap_or(1.0);
    if options.threshold < before {
        let expected = format!("at least the {before} of the finished run");
        return Err(Error::config("rethreshold", &expected, options.threshold));
    }
    let (mut table, measured_for, first_of_unit) =
        read_table(&stage.join("documents.arrow"), units.len())?;
    let ledger = read_ledger(&stage.join("pairs.arrow"), options)?;
    let count = |group: &str, name: &str| report[group][name].as_u64().unwrap_or(0);
    let buckets = Buckets {
        band_records: count("buckets", "band_records"),
        buckets: count("buckets", "with_several"),
        largest: count("buckets", "largest"),
        dense: count("buckets", "dense"),
    };
    // What followed from the decisions of then may not follow from those of now.
    let (followed, mut ledger): (Vec<Pair>, Vec<Pair>) =
        ledger.into_iter().partition(|pair| pair.followed);
    let known = followed.into_iter().map(|pair| (pack(pair.a, pair.b), pair)).collect();
    let candidates = count("pairs", "candidates") - count("pairs", "followed");
    let mut verified = Verified { candidates, ..Verified::default() };
    let texts = Texts {
        files: &found.files,
        units: &units,
        options: &options.read,
        cancel: job.cancel,
        texts: units.iter().map(|_| UnitTexts::Input).collect(),
        new_units: units.len(),
        read_again: AtomicU64::new(0),
    };
    if measured_for.as_deref() != Some(&stored_keep(&options.keep)) {
        measure_keep(&mut table, options, &texts)?;
        if table.keep.len() != table.len() {
            return Err(Error::corrupt(stage, "the inputs have changed since"));
        }
    }
    let (new_units, earlier) = (units.len(), Vec::new());
    let corpus =
        Corpus { files: &found.files, units: &units, first_of_unit, table, new_units, earlier };
    let without_keep = without_value(&corpus.table, corpus.new_documents(), &options.keep)?;
    let ranks = ranks(&corpus.table, corpus.new_documents(), options);
    let exact = exact_of(&corpus.table, &ranks, options);
    let work = job.output.join(".work");
    std::fs::create_dir_all(&work).map_err(|e| Error::storage("create folder", &work, e))?;
    let verifier = Verifier {
        table: &corpus.table,
        texts: &texts,
        first_of_unit: &corpus.first_of_unit,
        early: Mutex::default(),
        options,
        budget: &MemoryBudget::new(options.memory / 5),
        folder: &work,
        cancel: job.cancel,
        progress: job.progress,
        rounds: job.progress,
    };
    let dense = if buckets.dense > 0 {
        read_dense(&stage.join(DENSE_FILE), corpus.table.len(), &work, options.memory / 16)?
    } else {
        Sorter::new(&work, "dense", 0).finish()
    };
    let deciding = Deciding { exact: &exact, ranks: &ranks, earlier: &|_| false };
    let decisions = settle(&verifier, &deciding, &dense, &mut ledger, &mut verified, &known)?;
    let traffic = Traffic {
        input_bytes: found.files.iter().map(|file| file.bytes).sum(),
        units: units.len() as u64,
        ..Traffic::default()
    };
    let events = read_events(&stage.join("quarantine"))?;
    let fields: FieldUse = serde_json::from_value(report["fields"].clone())
        .map_err(|e| Error::corrupt(&stage.join("report.json"), e))?;
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

fn read_report(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::storage("read", path, e))?;
    serde_json::from_str(&text).map_err(|e| Error::corrupt(path, e))
}

fn read_batches(path: &Path) -> Result<Vec<RecordBatch>> {
    StageFile::open(path)?.collect()
}

/// The table, the keep policy its column `keep` was filled for, the first document of every unit.
fn read_table(path: &Path, units: usize) -> Result<(Table, Option<String>, Vec<u32>)> {
    let mut table = Table::default();
    let mut documents_of_unit = vec![0u32; units];
    let columns: Vec<usize> = (0..table_schema().fields().len()).collect();
    let other = || Error::corrupt(path, "its columns are those of another version");
    let mut measured_for = None;
    for batch in read_batches(path)? {
        measured_for = batch.schema().metadata().get("keep").cloned();
        let known = batch.project(&columns).map_err(|_| other())?;
        table.append_batch(&known).ok_or_else(other)??;
        let unit = batch.column_by_name("unit").ok_or_else(other)?;
        for &unit in unit.as_primitive_opt::<UInt32Type>().ok_or_else(other)?.values() {
            let count = documents_of_unit.get_mut(unit as usize);
            *count.ok_or_else(|| Error::corrupt(path, "the inputs have changed since"))? += 1;
        }
    }
    let mut first_of_unit = vec![0];
    for (unit, count) in documents_of_unit.into_iter().enumerate() {
        first_of_unit.push(first_of_unit[unit] + count);
    }
    Ok((table, measured_for, first_of_unit))
}

/// What another keep policy looks at; a field of the records has to be read from the input again.
fn measure_keep(table: &mut Table, options: &Options, texts: &Texts<'_>) -> Result<()> {
    let keep = &options.keep;
    table.keep.clear();
    match keep {
        Keep::Longest => {
            let mut shingles = Shingles::new(options);
            for unit in 0..texts.units.len() {
                texts.each_batch(unit, &mut |batch| {
                    let column = batch["text"].as_string::<i64>();
                    let sources = batch["source"].as_string::<i32>();
                    for (row, text) in column.iter().enumerate() {
                        let text = text.unwrap_or_default();
                        let says = shingles.length(text, sources.value(row));
                        table.keep.push(keep_value(keep, (says, text.len() as u32), None));
                    }
                    Ok(())
                })?;
            }
        }
        Keep::First => table.keep.resize(table.raw.len(), 0),
        Keep::Newest(_) | Keep::Best(_) => {
            for unit in 0..texts.units.len() {
                texts.each_batch(unit, &mut |batch| {
                    let meta = batch["meta"].as_string::<i64>();
                    table.keep.extend(meta.iter().map(|meta| keep_value(keep, (0, 0), meta)));
                    Ok(())
                })?;
            }
        }
    }
    Ok(())
}

/// The pairs, with those that the new options would not look at no longer called same or variant.
fn read_ledger(path: &Path, options: &Options) -> Result<Vec<Pair>> {
    let mut ledger = Vec::new();
    for batch in read_batches(path)? {
        let pairs = pairs_of_batch(&batch);
        let other = || Error::corrupt(path, "its columns are those of another version");
        ledger.extend(pairs.ok_or_else(other)?);
    }
    for pair in &mut ledger {
        if !options.judges(pair) {
            pair.relation = Relation::Related;
            pair.same_opening &= options.is_near(pair);
            (pair.extra_a, pair.extra_b) = (0, 0);
        }
    }
    Ok(ledger)
}

/// The members of dense buckets among `documents` documents.
fn read_dense(path: &Path, documents: usize, work: &Path, memory: u64) -> Result<Sorted<u64>> {
    let mut members = Sorter::new(work, "dense", memory);
    for batch in read_batches(path)? {
        let column = |name: &str| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<UInt32Type>()?;
            Some(column.values())
        };
        let other = || Error::corrupt(path, "its columns are those of another version");
        let (buckets, positions) = column("bucket").zip(column("position")).ok_or_else(other)?;
        for (&bucket, &position) in buckets.iter().zip(positions) {
            if position as usize >= documents {
                return Err(Error::corrupt(path, "it names documents that are not there"));
            }
            members.push(u64::from(bucket) << 32 | u64::from(position))?;
        }
    }
    Ok(members.finish())
}

fn read_events(folder: &Path) -> Result<Vec<QuarantineEvent>> {
    let path = folder.join("part-000000.jsonl");
    let text = std::fs::read_to_string(&path).map_err(|e| Error::storage("read", &path, e))?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|e| Error::corrupt(&path, e)))
        .collect()
}
