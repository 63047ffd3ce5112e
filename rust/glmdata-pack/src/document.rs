//! What the planner keeps of a store in memory: 24 bytes a document, and the groups they belong to.

use glmdata_base::{Error, Result, hash64};

/// A document of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// Hash of seed and document key: what all choices about it are made by.
    pub order: u64,
    /// Number of its shard.
    pub shard: u32,
    /// Its row there.
    pub row: u32,
    /// Its tokens, without separator.
    pub tokens: u32,
    /// Its group, an index.
    pub group: u32,
}

/// Documents that are weighted alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// As given.
    pub source: String,
    /// As given, empty for none.
    pub lang: String,
    /// How many documents of the crawl each of them stands for, by the table of re-hydration.
    pub factor: u32,
}

/// The hash by which a document is chosen and shuffled: equal for any layout of shards.
pub fn order_of(doc: [u8; 16], seed: u64) -> u64 {
    let mut bytes = [0; 24];
    bytes[..16].copy_from_slice(&doc);
    bytes[16..].copy_from_slice(&seed.to_le_bytes());
    hash64(&bytes)
}

/// Documents, and passes over them, are known by numbers of 32 bits.
pub(crate) fn refuse_too_many(what: &str, count: u64) -> Result<()> {
    if u32::try_from(count).is_err() {
        let found = format!("{count}; plan a part of the store at a time");
        return Err(Error::config(what, "at most 4294967295", found));
    }
    Ok(())
}
