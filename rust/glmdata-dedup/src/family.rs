//! Families: documents that dense buckets hold together, such as pages of one template. A document needs
//! one kept partner to leave, so members are not all compared with each other: the first ones in
//! keep order that still stand, the *pivots* of a round, are compared with all that stand and
//! share a bucket with them, decisions are made anew, and so on, with twice as many pivots
//! each time, until every document that stays was a pivot. Two documents of a bucket that both stay
//! have been compared then, whatever the bucket's size.
//!
//! Measuring J costs a fraction of a microsecond, reading both texts for what they say many; so of a
//! document's pairs at or above the threshold the texts of the [`NEAREST`] are read in a round, and
//! [`MOST_READ`] in all. The report says how many were not.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{ShardFile, write_arrow};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::candidates::pack;
use crate::decide::{Components, Decisions};
use crate::exact::ExactStage;
use crate::ledger::Pair;
use crate::partition::Candidates;
use crate::sort::{Sorted, Sorter};
use crate::verify::{All, CHUNK, Lookup, Verified, Verifier, if_similar};

/// Pivots of each family in the first round.
const FIRST_PIVOTS: usize = 4;

/// Pairs of a document whose texts are read in one round, those of highest J.
const NEAREST: usize = 4;

/// And in all rounds: who is a variant of so many is taken for one of the others too.
const MOST_READ: usize = 16;

/// Nothing has removed the document.
const STANDS: u8 = 1;
/// It is compared with all that stand.
const PIVOT: u8 = 2;
/// It was, and has stood since.
const CLOSED: u8 = 4;
/// It did not stand once, and may have missed pivots.
const FELL: u8 = 8;

/// What decides about documents, besides their pairs.
pub(crate) struct Deciding<'a> {
    pub(crate) exact: &'a ExactStage,
    pub(crate) ranks: &'a [u32],
    pub(crate) earlier: &'a (dyn Fn(u32) -> bool + Sync),
}

impl Deciding<'_> {
    /// The rank of the document that stands for `document`.
    fn rank(&self, document: u32) -> u32 {
        self.ranks[self.exact.winner[document as usize] as usize]
    }

    /// What stays in the place of `document`, itself if it stays; `None` if it left for nothing that is
    /// compared.
    fn stands_for(&self, document: u32, decisions: &Decisions) -> Option<u32> {
        match decisions.removal[self.exact.winner[document as usize] as usize] {
            None => Some(document),
            Some(removal) => removal.kept.map(|kept| self.exact.representative[kept as usize]),
        }
    }
}

/// The members of dense buckets, and how far they have been compared.
pub(crate) struct Families<'a> {
    members: &'a Sorted<u64>,
    deciding: &'a Deciding<'a>,
    /// Family and document of every member, families one after the other, each in keep order.
    order: Vec<(u32, u32)>,
    /// What is known of each document, flags.
    state: Vec<u8>,
    pivots: usize,
    /// Pairs of members that the ledger holds.
    known: HashSet<u64>,
    /// Pairs at or above the threshold that were read, and those that were not, by later document.
    looked_at: HashMap<u32, (usize, u64)>,
    held: Option<All>,
}

impl<'a> Families<'a> {
    /// Of `members`, pairs of bucket and document; `ledger` holds what was compared elsewhere.
    pub(crate) fn of(
        members: &'a Sorted<u64>,
        deciding: &'a Deciding<'a>,
        verifier: &Verifier<'_>,
        ledger: &[Pair],
    ) -> Result<Self> {
        let mut families = Components::new(deciding.ranks);
        let mut found: Vec<u32> = Vec::new();
        each_bucket(members, &mut |bucket| {
            for &document in bucket {
                families.union(bucket[0], document);
            }
            found.extend(bucket);
            // Members stand in many buckets: now and then each is left once.
            if found.len() > 1 << 20 {
                found.sort_unstable();
                found.dedup();
            }
            Ok(())
        })?;
        found.sort_unstable();
        found.dedup();
        let is_member = |document: &u32| found.binary_search(document).is_ok();
        let known = ledger.iter().filter(|pair| is_member(&pair.a) && is_member(&pair.b));
        let known = known.map(|pair| pack(pair.a, pair.b)).collect();
        let mut order: Vec<(u32, u32)> =
            found.iter().map(|&document| (families.root(document), document)).collect();
        order.sort_unstable_by_key(|&(family, document)| (family, deciding.rank(document)));
        let held = if found.is_empty() {
            None
        } else {
            verifier.hold(Candidates::of_documents(&found, verifier.table.len()))?.ok()
        };
        Ok(Self {
            members,
            deciding,
            order,
            state: vec![0; verifier.table.len()],
            pivots: FIRST_PIVOTS,
            known,
            looked_at: HashMap::new(),
            held,
        })
    }

    /// Compare the next pivots and add what was found to `ledger`; false if nobody is left to be one.
    pub(crate) fn round(
        &mut self,
        verifier: &Verifier<'_>,
        decisions: &Decisions,
        ledger: &mut Vec<Pair>,
        counts: &mut Verified,
    ) -> Result<bool> {
        let components = verifier.options.components;
        let deciding = self.deciding;
        let standing = |document: u32| deciding.stands_for(document, decisions);
        // A component goes as a whole, so who has left for it still has neighbours to find.
        let stands = |document: u32| match standing(document) {
            Some(kept) => components || kept == document,
            None => false,
        };
        let (mut any, mut closed, mut standing) = (false, 0, 0);
        for family in self.order.chunk_by(|a, b| a.0 == b.0) {
            let mut left = self.pivots;
            for &(_, document) in family {
                let state = &mut self.state[document as usize];
                *state &= !(STANDS | PIVOT);
                if !stands(document) {
                    // Should it stand again, it will have missed pivots.
                    *state = (*state | FELL) & !CLOSED;
                    continue;
                }
                *state |= STANDS;
                standing += 1;
                closed += u64::from(*state & CLOSED != 0);
                if *state & CLOSED == 0 && left > 0 {
                    *state |= PIVOT;
                    left -= 1;
                    any = true;
                }
            }
        }
        if !any {
            return Ok(false);
        }
        // Every member that stands in the end is a pivot once.
        verifier.rounds.reach(closed, standing);
        let memory = verifier.options.memory / 16;
        let (similar, measured) = self.similar(verifier, decisions)?;
        let mut chosen = Sorter::new(verifier.folder, "family-chosen", memory);
        for pair in self.nearest(similar) {
            chosen.push(pair)?;
        }
        let found = verifier.run(&chosen.finish(), self.held.as_ref())?;
        for pair in found.pairs {
            self.known.insert(pack(pair.a, pair.b));
            ledger.push(Pair { followed: true, ..pair });
        }
        counts.add(&Verified { followed: measured.candidates, ..measured });
        counts.add(&Verified { candidates: 0, ..found.counts });
        for state in self.state.iter_mut().filter(|state| **state & PIVOT != 0) {
            *state |= CLOSED;
        }
        self.pivots = self.pivots.saturating_mul(2);
        Ok(true)
    }

    /// Give every pair of a pivot and one that stands in a bucket with it, each once.
    fn each_pair(
        &self,
        verifier: &Verifier<'_>,
        decisions: &Decisions,
        give: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let is = |document: u32, flag: u8| self.state[document as usize] & flag != 0;
        let mut buckets: Vec<Box<[u32]>> = Vec::new();
        let mut of_pivots: Vec<(u32, u32)> = Vec::new();
        each_bucket(self.members, &mut |bucket| {
            let pivots = bucket.iter().filter(|&&document| is(document, PIVOT));
            let before = of_pivots.len();
            of_pivots.extend(pivots.map(|&document| (document, buckets.len() as u32)));
            if of_pivots.len() > before {
                let standing = bucket.iter().filter(|&&document| is(document, STANDS));
                buckets.push(standing.copied().collect());
            }
            Ok(())
        })?;
        of_pivots.sort_unstable();
        let Deciding { earlier, .. } = self.deciding;
        // Pairs share up to all buckets: a mark costs less than to sort and to drop them.
        let mut met = vec![u32::MAX; self.state.len()];
        for of_pivot in of_pivots.chunk_by(|a, b| a.0 == b.0) {
            verifier.cancel.check()?;
            let a = of_pivot[0].0;
            met[a as usize] = a;
            for &b in of_pivot.iter().flat_map(|&(_, bucket)| &buckets[bucket as usize]) {
                if std::mem::replace(&mut met[b as usize], a) == a {
                    continue;
                }
                let done = is(b, CLOSED) && !is(a, FELL) || is(b, PIVOT) && b < a;
                let one = verifier.options.components
                    && self.deciding.stands_for(a, decisions)
                        == self.deciding.stands_for(b, decisions);
                let earlier_both = earlier(a) && earlier(b);
                if !(done || one || earlier_both) {
                    give(pack(a, b))?;
                }
            }
            verifier.rounds.add(0, 1);
        }
        Ok(())
    }

    /// Of the pairs of this round those that may remove a document, by their later document.
    fn similar(
        &self,
        verifier: &Verifier<'_>,
        decisions: &Decisions,
    ) -> Result<(HashMap<u32, Nearest>, Verified)> {
        let mut similar: HashMap<u32, Nearest> = HashMap::new();
        let mut again = 0;
        let mut add = |chunk: &[u64], documents: &dyn Lookup| {
            verifier.rounds.add(chunk.len() as u64, 0);
            let found: Vec<(u32, Near)> = chunk
                .par_iter()
                .filter_map(|&packed| if_similar(packed, documents, verifier.options))
                .map(|pair| self.near(&pair))
                .collect();
            for (later, near) in found {
                if self.known.contains(&near.packed) {
                    again += 1;
                } else {
                    similar.entry(later).or_default().add(near);
                }
            }
        };
        let counts = if let Some(held) = &self.held {
            let (mut chunk, mut candidates) = (Vec::with_capacity(CHUNK), 0);
            self.each_pair(verifier, decisions, &mut |pair| {
                chunk.push(pair);
                if chunk.len() == CHUNK {
                    candidates += CHUNK as u64;
                    add(&chunk, held);
                    chunk.clear();
                }
                Ok(())
            })?;
            add(&chunk, held);
            Verified { candidates: candidates + chunk.len() as u64, ..Verified::default() }
        } else {
            let mut pairs = Sorter::new(verifier.folder, "family", verifier.options.memory / 16);
            self.each_pair(verifier, decisions, &mut |pair| pairs.push(pair))?;
            verifier.each(&pairs.finish(), None, &mut |chunk, documents| {
                add(chunk, documents);
                Ok(())
            })?
        };
        Ok((similar, Verified { candidates: counts.candidates - again, ..counts }))
    }

    /// The later document of a pair, and how near it is.
    fn near(&self, pair: &Pair) -> (u32, Near) {
        let (rank_a, rank_b) = (self.deciding.rank(pair.a), self.deciding.rank(pair.b));
        let (later, first) = if rank_a < rank_b { (pair.b, rank_a) } else { (pair.a, rank_b) };
        // J lies in 0 to 1, where the bits of a number rise with it.
        let far = u64::MAX - pair.jaccard().to_bits();
        (later, Near { far, first, packed: pack(pair.a, pair.b) })
    }

    /// The pairs whose texts are to be read; the others are counted.
    fn nearest(&mut self, similar: HashMap<u32, Nearest>) -> Vec<u64> {
        let mut chosen = Vec::new();
        for (later, mut nearest) in similar {
            nearest.trim();
            let (read, unread) = self.looked_at.entry(later).or_default();
            let few = nearest.pairs.len().min(MOST_READ - *read);
            *unread += nearest.left_out + (nearest.pairs.len() - few) as u64;
            *read += few;
            nearest.pairs.truncate(few);
            chosen.extend(nearest.pairs.into_iter().map(|near| near.packed));
        }
        chosen
    }

    /// Note the pairs whose texts nobody has read: all, and those of documents that stay in the end.
    pub(crate) fn count_unread(&self, decisions: &Decisions, counts: &mut Verified) {
        let stays = |document: u32| self.deciding.stands_for(document, decisions) == Some(document);
        for (&document, &(_, unread)) in &self.looked_at {
            counts.unread += unread;
            counts.unread_of_kept += if stays(document) { unread } else { 0 };
        }
    }
}

/// A pair at or above the threshold; they sort by nearness, then by their earlier document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Near {
    far: u64,
    first: u32,
    packed: u64,
}

/// The nearest pairs of a document.
#[derive(Debug, Default)]
struct Nearest {
    pairs: Vec<Near>,
    left_out: u64,
}

impl Nearest {
    fn add(&mut self, near: Near) {
        self.pairs.push(near);
        if self.pairs.len() >= 4 * NEAREST {
            self.trim();
        }
    }

    fn trim(&mut self) {
        self.pairs.sort_unstable();
        self.left_out += self.pairs.len().saturating_sub(NEAREST) as u64;
        self.pairs.truncate(NEAREST);
    }
}

/// What a finished run leaves of dense buckets, so that it can be decided again.
pub(crate) const DENSE_FILE: &str = "buckets.arrow";

/// Rows of one batch of it.
const ROWS: usize = 1 << 16;

/// One row a member of a dense bucket; no file where there is none.
pub(crate) fn write_dense(folder: &Path, members: &Sorted<u64>) -> Result<Option<ShardFile>> {
    let field = |name: &str| Field::new(name, DataType::UInt32, false);
    let schema: SchemaRef = Arc::new(Schema::new(vec![field("bucket"), field("position")]));
    let mut merge = members.merge()?;
    let mut next = || -> Result<Option<RecordBatch>> {
        let (mut buckets, mut positions) = (Vec::new(), Vec::new());
        while buckets.len() < ROWS
            && let Some(member) = merge.next()?
        {
            buckets.push((member >> 32) as u32);
            positions.push(member as u32);
        }
        let columns: Vec<ArrayRef> =
            vec![Arc::new(UInt32Array::from(buckets)), Arc::new(UInt32Array::from(positions))];
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)?;
        Ok((batch.num_rows() > 0).then_some(batch))
    };
    let Some(first) = next()? else { return Ok(None) };
    let batches = std::iter::once(Ok(first)).chain(std::iter::from_fn(|| next().transpose()));
    write_arrow(&folder.join(DENSE_FILE), &schema, batches).map(Some)
}

/// Visit the documents of each bucket.
fn each_bucket(members: &Sorted<u64>, visit: &mut dyn FnMut(&[u32]) -> Result<()>) -> Result<()> {
    let mut merge = members.merge()?;
    let (mut bucket, mut number) = (Vec::new(), None);
    loop {
        let member = merge.next()?;
        if member.map(|member| member >> 32) != number {
            if !bucket.is_empty() {
                visit(&bucket)?;
            }
            bucket.clear();
            number = member.map(|member| member >> 32);
        }
        let Some(member) = member else { return Ok(()) };
        bucket.push(member as u32);
    }
}
