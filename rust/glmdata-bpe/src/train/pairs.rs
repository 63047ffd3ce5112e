//! The pairs of a round: who they are, how often they occur and where.

use hashbrown::HashTable;
use rayon::prelude::*;

use super::words::Words;

/// Counters of the first, approximate count: pairs below the limit end there. 2 MiB, so that they
/// stay in the second-level cache.
const SIEVE_BITS: u32 = 19;

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) count: u64,
    /// Rising; some may be stale.
    pub(super) places: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Pairs {
    list: Vec<Pair>,
    index: HashTable<u32>,
}

fn key_hash(left: u32, right: u32) -> u64 {
    let key = u64::from(left) << 32 | u64::from(right);
    let mixed = (key ^ key >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

fn sieve_slot(hash: u64) -> usize {
    (hash >> (64 - SIEVE_BITS)) as usize
}

impl Pairs {
    /// All pairs of `words` that occur `limit` times, and perhaps some rarer ones without places.
    pub(super) fn count(words: &Words, limit: u64) -> Self {
        let stretches = words.stretches(rayon::current_num_threads());
        let sieve = stretches
            .par_iter()
            .map(|stretch| {
                let mut sieve = vec![0_u32; 1 << SIEVE_BITS];
                words.pairs(stretch.clone(), |_, left, right, count| {
                    let slot = &mut sieve[sieve_slot(key_hash(left, right))];
                    *slot = slot.saturating_add(count.min(u64::from(u32::MAX)) as u32);
                });
                sieve
            })
            .reduce(Vec::new, |mut sum, other| {
                if sum.is_empty() {
                    return other;
                }
                sum.iter_mut().zip(other).for_each(|(a, b)| *a = a.saturating_add(b));
                sum
            });
        // Growing the table step by step took a twentieth of a training.
        let expected = sieve.iter().filter(|&&slot| u64::from(slot) >= limit).count();
        let tables: Vec<Self> = stretches
            .into_par_iter()
            .map(|stretch| {
                let mut table = Self::with_capacity(expected);
                words.pairs(stretch, |place, left, right, count| {
                    let hash = key_hash(left, right);
                    let slot = sieve.get(sieve_slot(hash)).copied().unwrap_or(0);
                    if u64::from(slot) >= limit || slot == u32::MAX {
                        let pair = table.entry(left, right, hash);
                        pair.count += count;
                        pair.places.push(place);
                    }
                });
                table
            })
            .collect();
        let mut tables = tables.into_iter();
        let mut all = tables.next().unwrap_or_default();
        for table in tables {
            for mut pair in table.list {
                let same = all.entry(pair.left, pair.right, key_hash(pair.left, pair.right));
                same.count += pair.count;
                same.places.append(&mut pair.places);
            }
        }
        for pair in all.list.iter_mut().filter(|pair| pair.count < limit) {
            pair.places = Vec::new();
        }
        all
    }

    fn with_capacity(pairs: usize) -> Self {
        Self { list: Vec::with_capacity(pairs), index: HashTable::with_capacity(pairs) }
    }

    fn entry(&mut self, left: u32, right: u32, hash: u64) -> &mut Pair {
        let known = self.find_hashed(left, right, hash);
        let at = known.unwrap_or_else(|| {
            self.insert(Pair { left, right, count: 0, places: Vec::new() }, hash)
        });
        &mut self.list[at as usize]
    }

    fn insert(&mut self, pair: Pair, hash: u64) -> u32 {
        let at = self.list.len() as u32;
        self.list.push(pair);
        let list = &self.list;
        self.index.insert_unique(hash, at, |&at| {
            let pair = &list[at as usize];
            key_hash(pair.left, pair.right)
        });
        at
    }

    fn find_hashed(&self, left: u32, right: u32, hash: u64) -> Option<u32> {
        let same = |&at: &u32| {
            let pair = &self.list[at as usize];
            pair.left == left && pair.right == right
        };
        self.index.find(hash, same).copied()
    }

    pub(super) fn find(&self, left: u32, right: u32) -> Option<u32> {
        self.find_hashed(left, right, key_hash(left, right))
    }

    /// Add a pair that is not there.
    pub(super) fn add(&mut self, pair: Pair) -> u32 {
        let hash = key_hash(pair.left, pair.right);
        self.insert(pair, hash)
    }

    pub(super) fn get(&self, at: u32) -> &Pair {
        &self.list[at as usize]
    }

    pub(super) fn get_mut(&mut self, at: u32) -> &mut Pair {
        &mut self.list[at as usize]
    }

    pub(super) fn len(&self) -> u32 {
        self.list.len() as u32
    }
}
