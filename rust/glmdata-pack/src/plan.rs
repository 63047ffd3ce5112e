//! From a survey and a number of tokens for each group to a plan on disk.

use std::collections::BTreeMap;
use std::path::Path;

use glmdata_base::{Cancel, MemoryBudget, Phase, Progress, Result};
use glmdata_io::ShardFile;

use crate::assign::{Shares, assign};
use crate::choose::{Item, choose};
use crate::concat::concat;
use crate::document::refuse_too_many;
use crate::fit::{best_fit, buckets};
use crate::keyed::Keyed;
use crate::mode::Mode;
use crate::pack::{Piece, Rows};
use crate::plan_file::{Part, PlanWriter, RowFacts, write_shards};
use crate::survey::Survey;

/// How documents become rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// One behind the other, cut where a row ends.
    Concat,
    /// None is cut that fits into a row.
    BestFit,
    /// Rows of several lengths, from this one on: a document in the smallest that holds it.
    Buckets(u32),
}

/// What a plan is made by.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Tokens of the longest row.
    pub row_length: u32,
    /// How documents become rows.
    pub packing: Packing,
    /// How often a document may be taken at most.
    pub max_passes: u16,
    /// How documents are trained on.
    pub shares: Shares,
}

/// Where a plan goes.
#[derive(Clone, Debug)]
pub struct PlanTarget<'a> {
    /// The folder that gets `part-*.arrow` and `shards.arrow`.
    pub folder: &'a Path,
    /// What the schema of every part says.
    pub metadata: BTreeMap<String, String>,
    /// Path below the store's folder, and sha256, of each shard.
    pub shards: &'a [(String, String)],
    /// A part ends before it has more bytes of slices.
    pub part_bytes: u64,
}

/// What was planned of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupPlan {
    /// Documents that are taken at least once.
    pub documents: u64,
    /// Passes over documents.
    pub passes: u64,
    /// Their tokens, without separators.
    pub tokens: u64,
    /// The most passes over one document.
    pub most: u64,
}

/// Sums over the rows of one mode and length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowTally {
    /// Rows.
    pub rows: u64,
    /// Tokens of documents.
    pub tokens: u64,
    /// Separators and inserted tokens.
    pub added: u64,
    /// What is left empty.
    pub padding: u64,
    /// Slices.
    pub parts: u64,
}

/// What a plan holds.
#[derive(Debug, Default)]
pub struct Planned {
    /// In the order of groups.
    pub groups: Vec<GroupPlan>,
    /// By mode and row length.
    pub rows: BTreeMap<(Mode, u32), RowTally>,
    /// Passes over a document that are cut into several rows.
    pub cut: u64,
    /// Of those, the ones that no row would have held.
    pub longer_than_a_row: u64,
    /// The files, `shards.arrow` last.
    pub files: Vec<ShardFile>,
}

/// Bytes that packing takes for one pass over a document: the item, its mode's copy, its piece, and
/// the piece with its row while rows are brought together.
const BYTES_PER_PASS: u64 = 16 + 16 + 4 + 16 + 4 + 24;

/// Seeds of rows, told apart from what else is drawn of an item's key: see `assign.rs`.
const ROW_SEEDS: u64 = 2;

/// Choose about `wanted` tokens of each group and plan rows of them into `target`.
pub fn plan(
    survey: &Survey,
    wanted: &[u64],
    options: &PlanOptions,
    target: &PlanTarget<'_>,
    budget: &MemoryBudget,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Planned> {
    progress.enter(Phase::Match, 0);
    let expected = survey.tallies.iter().zip(wanted).map(|(tally, &wanted)| {
        let passes = wanted.div_ceil(tally.tokens.max(1)).min(u64::from(options.max_passes));
        tally.documents * passes
    });
    let expected: u64 = expected.sum();
    refuse_too_many("passes over documents", expected)?;
    let _held = budget.reserve(expected * BYTES_PER_PASS, "the plan")?;
    progress.enter(Phase::Pack, expected);
    let items = choose(&survey.documents, &survey.groups, wanted, options.max_passes);
    let mut planned = Planned { groups: tally(survey, &items), ..Planned::default() };
    let by_mode = assign(&items, &survey.documents, &survey.groups, &options.shares);
    drop(items);
    let mut packed = Vec::new();
    for (mode, items) in Mode::ALL.into_iter().zip(by_mode) {
        cancel.check()?;
        let lengths: Vec<u32> =
            items.iter().map(|item| survey.documents[item.document as usize].tokens).collect();
        let rows = match options.packing {
            Packing::Concat => concat(&lengths, mode, options.row_length),
            Packing::BestFit => best_fit(&lengths, mode, options.row_length),
            Packing::Buckets(shortest) => buckets(&lengths, mode, shortest, options.row_length),
        };
        progress.add(items.len() as u64, items.len() as u64);
        planned.count(mode, &rows, &lengths, options.row_length);
        packed.push((mode, items, rows));
    }
    progress.enter(Phase::Rows, packed.iter().map(|(_, _, rows)| rows.each().count() as u64).sum());
    let balance = matches!(options.packing, Packing::Buckets(_)).then(|| planned.balance());
    let mut writer = PlanWriter::new(target.folder, &target.metadata, target.part_bytes);
    for (mode, items, rows) in packed {
        for (pieces, bucket) in rows.each() {
            cancel.check()?;
            let facts = RowFacts {
                n_tokens: pieces.iter().map(|piece| piece.cost(mode)).sum(),
                mode,
                seed: if mode == Mode::Causal { 0 } else { seed_of(pieces, &items) },
                weight: balance.map_or(1.0, |balance| (pieces.len() as f64 * balance) as f32),
                bucket,
            };
            writer.push(pieces.iter().map(|piece| part_of(survey, &items, piece)), facts)?;
            progress.add(1, 1);
        }
    }
    planned.files = writer.finish()?;
    planned.files.push(write_shards(target.folder, target.shards, &survey.shards)?);
    Ok(planned)
}

impl Planned {
    fn count(&mut self, mode: Mode, rows: &Rows, lengths: &[u32], row_length: u32) {
        let mut starts = vec![0_u32; lengths.len()];
        for (pieces, length) in rows.each() {
            let sum = |of: &dyn Fn(&Piece) -> u32| pieces.iter().map(|p| u64::from(of(p))).sum();
            let (tokens, cost): (u64, u64) = (sum(&|p| p.length), sum(&|p| p.cost(mode)));
            let tally = self.rows.entry((mode, length)).or_default();
            tally.rows += 1;
            tally.tokens += tokens;
            tally.added += cost - tokens;
            tally.padding += u64::from(length) - cost;
            tally.parts += pieces.len() as u64;
            // A separator alone in the next row leaves its document whole.
            for piece in pieces.iter().filter(|piece| piece.length > 0) {
                starts[piece.item as usize] += 1;
            }
        }
        for (&starts, &length) in starts.iter().zip(lengths) {
            let whole = Piece { item: 0, start: 0, length, eod: true };
            self.cut += u64::from(starts > 1);
            self.longer_than_a_row += u64::from(whole.cost(mode) > row_length);
        }
    }

    /// Rows over slices: what a row's weight is for each document in it, so that weights are 1 on
    /// average.
    fn balance(&self) -> f64 {
        let (rows, parts) = self
            .rows
            .values()
            .fold((0, 0), |(rows, parts), tally| (rows + tally.rows, parts + tally.parts));
        rows as f64 / parts.max(1) as f64
    }
}

fn tally(survey: &Survey, items: &[Item]) -> Vec<GroupPlan> {
    let mut groups = vec![GroupPlan::default(); survey.groups.len()];
    for item in items {
        let document = &survey.documents[item.document as usize];
        let group = &mut groups[document.group as usize];
        group.documents += u64::from(item.repeat == 0);
        group.passes += 1;
        group.tokens += u64::from(document.tokens);
        group.most = group.most.max(u64::from(item.repeat) + 1);
    }
    groups
}

fn part_of(survey: &Survey, items: &[Item], piece: &Piece) -> Part {
    let item = &items[piece.item as usize];
    let document = &survey.documents[item.document as usize];
    Part {
        shard: document.shard,
        row: document.row,
        start: piece.start,
        length: piece.length,
        repeat: item.repeat,
        eod: piece.eod,
    }
}

/// Of the slice that opens a row, which opens no other.
fn seed_of(pieces: &[Piece], items: &[Item]) -> u64 {
    let first = pieces.first();
    first.map_or(0, |piece| {
        Keyed::new(items[piece.item as usize].key, ROW_SEEDS).at(u64::from(piece.start))
    })
}
