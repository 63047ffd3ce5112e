//! Learning merges from one inventory on top of a vocabulary.
//!
//! A pair's places are listed once, when the younger of its tokens is made, and only if the pair is
//! frequent enough to be merged in this round: its count can only fall. When the best pair falls
//! below the round's limit, the array is packed and counted anew with a lower one. So the long tail
//! of rare pairs, which is nearly all of them, is never stored, and the result is the same.

use std::collections::{HashMap, HashSet};

use glmdata_base::{Cancel, Progress, Result};

use super::guard::{Guards, Veto};
use super::pairs::{Pair, Pairs};
use super::queue::Queue;
use super::words::{BORDER, Words};
use crate::ranks::Ranks;

/// Rounds divide the limit by this at most.
const ROUND_FACTOR: u64 = 16;
/// How much lower than what should suffice the last round starts: another one costs more than it.
const LAST_MARGIN: f64 = 0.8;
/// The first limit is this share of all places: some hundreds of pairs exceed it.
const FIRST_SHARE: u64 = 20_000;
/// How many places ahead memory is asked for.
const AHEAD: usize = 24;
/// Merges between two looks at Ctrl-C and the counters that the terminal shows.
const REPORTED: usize = 256;

#[derive(Debug)]
pub(super) struct Learner<'a> {
    pub(super) ranks: Ranks,
    pub(super) vetoes: Vec<Veto>,
    words: Words,
    guards: &'a Guards,
    pairs: Pairs,
    vetoed: HashSet<(u32, u32)>,
    /// Pairs that the bytes alone forbid, and how often they occurred at most.
    inadmissible: HashMap<(u32, u32), u64>,
    queue: Queue,
    /// Pairs of the count that is being merged, the next one last.
    level: Vec<u32>,
    level_count: u64,
    limit: u64,
    /// No pair that occurs less often is merged; at least 1.
    least: u64,
    left: Side,
    right: Side,
}

/// What one merge does to the pairs on one side of it, by neighbour.
#[derive(Debug, Default)]
struct Side {
    count: Vec<u64>,
    places: Vec<u32>,
    neighbours: Vec<u32>,
    seen: Vec<(u32, u32)>,
}

impl Side {
    #[inline(always)]
    fn add(&mut self, neighbour: u32, place: u32, count: u64) {
        let at = neighbour as usize;
        if self.places[at] == 0 {
            self.neighbours.push(neighbour);
        }
        self.places[at] += 1;
        self.count[at] += count;
        self.seen.push((neighbour, place));
    }

    fn grow(&mut self, tokens: usize) {
        self.count.resize(tokens, 0);
        self.places.resize(tokens, 0);
    }

    fn clear(&mut self) {
        for neighbour in self.neighbours.drain(..) {
            self.count[neighbour as usize] = 0;
            self.places[neighbour as usize] = 0;
        }
        self.seen.clear();
    }
}

impl<'a> Learner<'a> {
    pub(super) fn new(ranks: Ranks, words: Words, guards: &'a Guards, least: u64) -> Self {
        let least = least.max(1);
        let places = words.total();
        let mut learner = Self {
            ranks,
            vetoes: Vec::new(),
            words,
            guards,
            pairs: Pairs::default(),
            vetoed: HashSet::new(),
            inadmissible: HashMap::new(),
            queue: Queue::new(),
            level: Vec::new(),
            level_count: 0,
            limit: (places / FIRST_SHARE).max(least),
            least,
            left: Side::default(),
            right: Side::default(),
        };
        learner.count_pairs();
        learner
    }

    /// Learn until the vocabulary has `size` tokens or no pair occurs often enough. Gives the count
    /// of every merge.
    pub(super) fn learn(
        &mut self,
        size: usize,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<Vec<u64>> {
        let mut counts = Vec::new();
        while self.ranks.len() < size {
            match self.best() {
                Some(pair) => {
                    counts.push(self.level_count);
                    self.merge(pair);
                    if counts.len() % REPORTED == 0 {
                        progress.add(0, REPORTED as u64);
                        cancel.check()?;
                    }
                }
                None if self.limit <= self.least => break,
                None => {
                    cancel.check()?;
                    self.limit = self.next_limit(counts.len(), size - self.ranks.len());
                    self.words = self.words.packed()?;
                    self.count_pairs();
                }
            }
        }
        progress.add(0, (counts.len() % REPORTED) as u64);
        self.note_inadmissible(counts.last().copied().unwrap_or(self.limit));
        Ok(counts)
    }

    /// The limit of the next round. In Chinese and in English the tokens learned grew by its power of
    /// -0.7; a last round that goes no deeper than it must lists a tenth of the pairs.
    fn next_limit(&self, learned: usize, missing: usize) -> u64 {
        let share = learned as f64 / (learned + missing) as f64;
        let enough = (self.limit as f64 * share.powf(1.0 / 0.7) * LAST_MARGIN) as u64;
        enough.max(self.limit / ROUND_FACTOR).max(self.least)
    }

    /// Note the pairs whose turn would have come, had their bytes allowed it.
    fn note_inadmissible(&mut self, least: u64) {
        let ranks = &self.ranks;
        let token =
            |&(left, right): &(u32, u32)| [known(ranks, left), known(ranks, right)].concat();
        let mut vetoes: Vec<Veto> = self
            .inadmissible
            .iter()
            .filter(|&(_, &count)| count >= least)
            .map(|(pair, &count)| Veto {
                token: token(pair),
                count,
                documents: None,
                sources: None,
                reason: "whole_characters",
            })
            .collect();
        vetoes.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.token.cmp(&b.token)));
        self.vetoes.append(&mut vetoes);
    }

    /// The pair to merge next, while its count reaches the limit.
    fn best(&mut self) -> Option<u32> {
        loop {
            while let Some(pair) = self.level.pop() {
                let count = self.pairs.get(pair).count;
                if count == self.level_count {
                    if self.refused(pair) {
                        continue;
                    }
                    return Some(pair);
                }
                if count >= self.limit {
                    self.queue.push(pair, count);
                }
            }
            let mut drained = Vec::new();
            self.level_count = self.queue.pop_level(&mut drained)?;
            for pair in drained {
                let count = self.pairs.get(pair).count;
                if count == self.level_count {
                    self.level.push(pair);
                } else if count >= self.limit {
                    self.queue.push(pair, count);
                }
            }
            let (pairs, ranks) = (&self.pairs, &self.ranks);
            self.level
                .sort_unstable_by(|&a, &b| bytes(ranks, pairs, b).cmp(&bytes(ranks, pairs, a)));
        }
    }

    /// Ask the guards that judge a pair when its turn comes; what they refuse is noted.
    fn refused(&mut self, pair: u32) -> bool {
        let &Pair { left, right, count, ref places } = self.pairs.get(pair);
        let (first, second) = bytes(&self.ranks, &self.pairs, pair);
        let token = [first, second].concat();
        let by_text = self.guards.refuses(&token).map(|reason| Veto {
            token: token.clone(),
            count,
            documents: None,
            sources: None,
            reason,
        });
        let veto = by_text.or_else(|| {
            let evidence = self
                .guards
                .asks_evidence(&token)
                .then(|| self.words.evidence(places, left, right))?;
            let veto = self.guards.refuses_evidence(&token, evidence)?;
            Some(Veto { count, ..veto })
        });
        let Some(veto) = veto else { return false };
        self.vetoes.push(veto);
        self.vetoed.insert((left, right));
        true
    }

    /// Note a pair that reaches the limit, unless a guard forbids it.
    fn add_pair(&mut self, left: u32, right: u32, count: u64, places: Vec<u32>) {
        if !self.admits(left, right, count) {
            return;
        }
        let pair = self.pairs.add(Pair { left, right, count, places });
        if count == self.level_count {
            let own = bytes(&self.ranks, &self.pairs, pair);
            let place =
                self.level.partition_point(|&other| bytes(&self.ranks, &self.pairs, other) > own);
            self.level.insert(place, pair);
        } else {
            self.queue.push(pair, count);
        }
    }

    fn admits(&mut self, left: u32, right: u32, count: u64) -> bool {
        if !self.guards.admits(known(&self.ranks, left), known(&self.ranks, right)) {
            let most = self.inadmissible.entry((left, right)).or_default();
            *most = count.max(*most);
            return false;
        }
        !self.vetoed.contains(&(left, right))
    }

    /// Start a round: find the pairs that reach the limit, and their places.
    fn count_pairs(&mut self) {
        self.pairs = Pairs::count(&self.words, self.limit);
        self.queue = Queue::new();
        self.level.clear();
        self.level_count = u64::MAX;
        for at in 0..self.pairs.len() {
            let &Pair { left, right, count, .. } = self.pairs.get(at);
            if count >= self.limit && self.admits(left, right, count) {
                self.queue.push(at, count);
            }
        }
    }

    /// Make the pair a token, everywhere.
    fn merge(&mut self, pair: u32) {
        let &Pair { left, right, .. } = self.pairs.get(pair);
        let places = std::mem::take(&mut self.pairs.get_mut(pair).places);
        self.pairs.get_mut(pair).count = 0;
        let (first, second) = bytes(&self.ranks, &self.pairs, pair);
        let token = [first, second].concat();
        let merged = self.ranks.len() as u32;
        self.ranks.push(&token);
        self.words.add_token(left, right);
        self.left.grow(merged as usize + 1);
        self.right.grow(merged as usize + 1);

        // How often the right neighbour merged as well: (merged, left) was counted and is gone.
        let mut chained = 0;
        let mut step = 0;
        for (number, &at) in places.iter().enumerate() {
            if let Some(&later) = places.get(number + AHEAD) {
                self.words.prefetch(later);
            }
            let found = self.words.merge(at as usize, left, right, merged);
            let Some((before, place, after)) = found else { continue };
            let count = self.words.count(at as usize, &mut step);
            if before != BORDER {
                self.left.add(before, place, count);
                chained += if before == merged { count } else { 0 };
            }
            if after != BORDER {
                self.right.add(after, at, count);
            }
        }
        self.settle(left, right, merged, chained);
    }

    /// Lower the pairs that a merge broke up, and add those it made.
    fn settle(&mut self, left: u32, right: u32, merged: u32, chained: u64) {
        let (mut before, mut after) =
            (std::mem::take(&mut self.left), std::mem::take(&mut self.right));
        for (is_left, side) in [(true, &mut before), (false, &mut after)] {
            let mut made: Vec<(u32, u64, Vec<u32>)> = Vec::new();
            for &neighbour in &side.neighbours {
                let mut count = side.count[neighbour as usize];
                // A neighbour that is the new token lost its old pair as the right side of another
                // merge.
                let (old, same) =
                    if is_left { ((neighbour, left), merged) } else { ((right, neighbour), left) };
                if (!is_left || neighbour != same)
                    && let Some(old) = self.pairs.find(old.0, old.1)
                {
                    let lowered = &mut self.pairs.get_mut(old).count;
                    *lowered = lowered.saturating_sub(count);
                }
                if !is_left && neighbour == same {
                    count -= chained;
                }
                let places = side.places[neighbour as usize] as usize;
                // From here on the number says where the neighbour's list stands in `made`.
                side.places[neighbour as usize] = 0;
                if count >= self.limit {
                    made.push((neighbour, count, Vec::with_capacity(places)));
                    side.places[neighbour as usize] = made.len() as u32;
                }
            }
            for &(neighbour, place) in &side.seen {
                let list = side.places[neighbour as usize] as usize;
                if let Some((_, _, places)) = list.checked_sub(1).and_then(|at| made.get_mut(at)) {
                    places.push(place);
                }
            }
            for (neighbour, count, places) in made {
                let pair = if is_left { (neighbour, merged) } else { (merged, neighbour) };
                self.add_pair(pair.0, pair.1, count, places);
            }
            side.clear();
        }
        (self.left, self.right) = (before, after);
    }
}

/// What ties go by: the bytes of the left token, then of the right one.
fn bytes<'r>(ranks: &'r Ranks, pairs: &Pairs, pair: u32) -> (&'r [u8], &'r [u8]) {
    let &Pair { left, right, .. } = pairs.get(pair);
    (known(ranks, left), known(ranks, right))
}

/// The bytes of a token that is in use.
#[expect(clippy::expect_used, reason = "a pair without bytes would be learned in another's place")]
fn known(ranks: &Ranks, token: u32) -> &[u8] {
    ranks.token(token).expect("pairs are made of tokens that were learned")
}
