//! The index: kept documents of earlier crawls, against which the next one is deduplicated.
//!
//! A crawl is one segment, a folder with the kept texts as Arrow shards, a scan file beside each shard
//! (the table and band keys that a scan of it would give), and the keys under which other files know
//! the documents. A run takes the segments as units behind its own: nothing of them is scanned again,
//! and only texts of candidates are read. Their documents come first in keep order, are never compared
//! with each other, and never removed.
//!
//! Texts and not shingle hashes are stored: a compressed text is a quarter of its hashes, and only the
//! text can tell a variant from a copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Error, MemoryBudget, Result, sync};
use glmdata_io::{
    EncodedBatch, InputFile, OutputFormat, ReadOptions, ShardFile, ShardWriter, StageFile, Unit,
    UnitSummary, discover, encode_batch, plan_units, write_arrow,
};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::corpus::Corpus;
use crate::decide::Decisions;
use crate::kept::key_column;
use crate::kept_keys::KeptKeys;
use crate::table::{Card, Table};
use crate::texts::Texts;
use crate::unit_scan::{Scanning, Stored, UnitScan, load, load_keys, path_of};

/// Stands where scans of a run say what they belong to.
const FINGERPRINT: &str = "segment 2";

/// Text bytes after which a shard ends: a shard is read as a whole.
const SHARD_BYTES: u64 = 16 << 20;

/// Where a run finds earlier crawls and leaves its own.
#[derive(Clone, Debug)]
pub struct Index {
    /// Segments of earlier crawls, the oldest first.
    pub segments: Vec<PathBuf>,
    /// An empty folder for the segment of this run.
    pub next: PathBuf,
}

/// The units of earlier crawls.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) files: Vec<InputFile>,
    pub(crate) units: Vec<Unit>,
    /// Segment and shard of every unit.
    places: Vec<(PathBuf, usize)>,
    /// Keys of all their documents.
    pub(crate) keys: Vec<[u8; 16]>,
}

/// How shards of an index are read, whatever the run's own inputs look like.
pub(crate) fn read_options() -> ReadOptions {
    ReadOptions { max_record: u64::MAX, ..ReadOptions::default() }
}

impl Earlier {
    pub(crate) fn open(segments: &[PathBuf]) -> Result<Self> {
        let mut earlier = Self::default();
        for segment in segments {
            let found = discover(&[segment.join("texts")], &read_options())?;
            for unit in plan_units(&found.files) {
                earlier.places.push((segment.clone(), unit.file));
                let file = earlier.files.len() + unit.file;
                earlier.units.push(Unit { file, ..unit });
            }
            earlier.files.extend(found.files);
            earlier.keys.extend(read_keys(&segment.join("documents.arrow"))?);
        }
        Ok(earlier)
    }

    /// The scan of unit number `unit` of these, which is unit number `number` of the run.
    pub(crate) fn scan(
        &self,
        unit: usize,
        number: usize,
        budget: &MemoryBudget,
        kept: &KeptKeys,
    ) -> Result<UnitScan> {
        let (segment, shard) = &self.places[unit];
        let damaged = || Error::corrupt(segment, "a scan of this segment is damaged");
        let stored = Stored { folder: segment, number: *shard, fingerprint: FINGERPRINT };
        load(stored, number, budget, kept)?.ok_or_else(damaged)
    }

    /// Only its band keys.
    pub(crate) fn load_keys(&self, unit: usize) -> Result<Vec<u64>> {
        let (segment, shard) = &self.places[unit];
        load_keys(segment, *shard, FINGERPRINT)
    }
}

fn read_keys(path: &Path) -> Result<Vec<[u8; 16]>> {
    let mut keys = Vec::new();
    for batch in StageFile::open(path)? {
        let batch = batch?;
        let column = batch.column_by_name("doc").and_then(|doc| doc.as_fixed_size_binary_opt());
        let column = column.ok_or_else(|| Error::corrupt(path, "its column doc holds no keys"))?;
        keys.extend(column.value_data().as_chunks::<16>().0);
    }
    Ok(keys)
}

fn text_schema() -> SchemaRef {
    let field = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
    Arc::new(Schema::new(vec![
        field("id", false),
        Field::new("text", DataType::LargeUtf8, false),
        field("source", false),
        field("lang", true),
        field("url", true),
    ]))
}

/// Band keys of a unit's documents, `bands` each.
pub(crate) struct BandKeys<'a> {
    pub(crate) bands: usize,
    pub(crate) of_unit: &'a dyn Fn(usize) -> Result<Vec<u64>>,
}

/// Write the documents that `decisions` keeps as a segment.
pub(crate) fn write_segment(
    segment: &Path,
    corpus: &Corpus<'_>,
    texts: &Texts<'_>,
    decisions: &Decisions,
    keys: &BandKeys<'_>,
) -> Result<()> {
    let kept = |i: u32| decisions.removal[i as usize].is_none();
    let mut shards = ShardWriter::new(
        &segment.join("texts"),
        "part",
        OutputFormat::Arrow,
        text_schema(),
        SHARD_BYTES,
    );
    let mut waiting = Vec::new();
    for unit in 0..corpus.new_units {
        let mut first = corpus.first_of_unit[unit];
        texts.each_batch(unit, &mut |batch| {
            let documents = first..first + batch.num_rows() as u32;
            first = documents.end;
            let kept: Vec<u32> = documents.clone().filter(|&i| kept(i)).collect();
            waiting.push((batch.clone(), documents.start, kept));
            if waiting.len() >= 4 * rayon::current_num_threads() {
                append(&mut shards, corpus, &mut waiting)?;
            }
            Ok(())
        })?;
    }
    append(&mut shards, corpus, &mut waiting)?;
    write_scans(segment, corpus, &shards.finish()?, &kept, keys)
}

/// A batch, its first document, and those of its documents that are kept.
type Piece = (RecordBatch, u32, Vec<u32>);

fn append(shards: &mut ShardWriter, corpus: &Corpus<'_>, waiting: &mut Vec<Piece>) -> Result<()> {
    let encoded: Vec<EncodedBatch> = std::mem::take(waiting)
        .into_par_iter()
        .map(|piece| encode_batch(OutputFormat::Arrow, &kept_rows(&piece, corpus)?))
        .collect::<Result<_>>()?;
    encoded.into_iter().try_for_each(|batch| shards.append(batch))
}

fn kept_rows((batch, first, kept): &Piece, corpus: &Corpus<'_>) -> Result<RecordBatch> {
    let mut mask = vec![false; batch.num_rows()];
    let mut ids = StringBuilder::new();
    for &document in kept {
        mask[(document - first) as usize] = true;
        ids.append_value(corpus.id(document));
    }
    let rows = filter_record_batch(batch, &BooleanArray::from(mask)).map_err(Error::internal)?;
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids.finish())];
    columns.extend(["text", "source", "lang", "url"].map(|name| rows[name].clone()));
    RecordBatch::try_new(text_schema(), columns).map_err(Error::internal)
}

fn write_scans(
    segment: &Path,
    corpus: &Corpus<'_>,
    shards: &[ShardFile],
    kept: &dyn Fn(u32) -> bool,
    BandKeys { bands, of_unit }: &BandKeys<'_>,
) -> Result<()> {
    let (mut documents, mut places) = (Vec::new(), Vec::new());
    // What they hold is charged already, as part of the run's own table.
    let (budget, nowhere) = (MemoryBudget::unlimited(), KeptKeys::nowhere());
    let open = |shard| Scanning::create(segment, shard, *bands, &budget, &nowhere);
    // Other than the scans of a run these outlive it, so they must survive a power cut.
    let keep = |shard: usize, scan: Scanning<'_>| {
        scan.finish(FINGERPRINT, UnitSummary::default())?;
        sync(&path_of(segment, shard))
    };
    let (mut shard, mut scan) = (0, open(0)?);
    for unit in 0..corpus.new_units {
        let range = corpus.first_of_unit[unit]..corpus.first_of_unit[unit + 1];
        let keys = of_unit(unit)?;
        let mut keys = keys.chunks_exact(*bands);
        for document in range {
            let is_compared = corpus.table.shingles[document as usize] != 0;
            let own = is_compared.then(|| keys.next()).flatten().unwrap_or_default();
            if !kept(document) {
                continue;
            }
            while scan.table.len() as u64 == shards[shard].rows {
                keep(shard, scan)?;
                shard += 1;
                scan = open(shard)?;
            }
            let row = scan.table.len() as u64;
            push(&mut scan.table, corpus, document, row)?;
            scan.fresh.extend_from_slice(own);
            documents.push(document);
            places.push((shard as u32, row));
        }
    }
    keep(shard, scan)?;
    for shard in shard + 1..shards.len() {
        keep(shard, open(shard)?)?;
    }
    let schema = Arc::new(Schema::new(vec![
        Field::new("doc", DataType::FixedSizeBinary(16), false),
        Field::new("shard", DataType::UInt32, false),
        Field::new("row", DataType::UInt64, false),
    ]));
    let columns = vec![
        key_column(corpus, &documents)?,
        Arc::new(places.iter().map(|&(shard, _)| shard).collect::<UInt32Array>()) as ArrayRef,
        Arc::new(places.iter().map(|&(_, row)| row).collect::<UInt64Array>()),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal);
    write_arrow(&segment.join("documents.arrow"), &schema, std::iter::once(batch))?;
    Ok(())
}

fn push(table: &mut Table, corpus: &Corpus<'_>, document: u32, row: u64) -> Result<()> {
    let id = corpus.id(document);
    let card = corpus.table.card(document as usize);
    table.push(&Card { row, offset: 0, keep: 0, id: &id, ..card })
}
