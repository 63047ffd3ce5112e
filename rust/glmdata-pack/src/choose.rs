//! Which documents are taken, and how often: whole passes first, the rest by key.
//!
//! A group wants a number of tokens. As often as all its tokens fit into it, all its documents are
//! taken; of what is left, documents in the order of their hashes as long as they bring the sum
//! nearer. What a group misses is carried to the next one of its source, so a source misses at most
//! half its longest document.

use rayon::slice::ParallelSliceMut;

use crate::document::{Document, Group};
use crate::keyed::Keyed;

/// One pass over one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its place in the order of all items, and the seed of all that is drawn for it.
    pub key: u64,
    /// An index into the documents.
    pub document: u32,
    /// 0 for the first pass over the document.
    pub repeat: u16,
}

/// Take of every group about `wanted` tokens, never a document more than `max_passes` times.
///
/// `groups` are sorted, so those of a source are neighbours. Documents without a token are left out.
/// The result is in the order of keys.
pub fn choose(
    documents: &[Document],
    groups: &[Group],
    wanted: &[u64],
    max_passes: u16,
) -> Vec<Item> {
    let of = |index: u32| &documents[index as usize];
    let mut members: Vec<u32> =
        (0..documents.len() as u32).filter(|&index| of(index).tokens > 0).collect();
    members.par_sort_unstable_by_key(|&index| {
        let Document { order, shard, row, group, .. } = *of(index);
        (group, order, shard, row)
    });
    let (mut items, mut rest, mut missed) = (Vec::new(), members.as_slice(), 0_i64);
    for (number, group) in groups.iter().enumerate() {
        let end = rest.partition_point(|&index| of(index).group <= number as u32);
        let (own, behind) = rest.split_at(end);
        rest = behind;
        if number > 0 && groups[number - 1].source != group.source {
            missed = 0;
        }
        let tokens: u64 = own.iter().map(|&index| u64::from(of(index).tokens)).sum();
        if wanted[number] == 0 || tokens == 0 {
            continue;
        }
        let asked = wanted[number].saturating_add_signed(missed);
        let asked_within = asked.min(tokens * u64::from(max_passes));
        let passes = (asked_within / tokens) as u16;
        let (taken, sum) =
            nearest_prefix(own.iter().map(|&index| of(index).tokens), asked_within % tokens);
        for (at, &document) in own.iter().enumerate() {
            for repeat in 0..passes + u16::from(at < taken) {
                let key = key_of(of(document).order, repeat);
                items.push(Item { key, document, repeat });
            }
        }
        missed = asked as i64 - (u64::from(passes) * tokens + sum) as i64;
    }
    items.par_sort_unstable_by_key(|item| {
        let Document { shard, row, .. } = *of(item.document);
        (item.key, shard, row, item.repeat)
    });
    items
}

/// How many of the first lengths, and their sum, come nearest to `wanted`.
fn nearest_prefix(lengths: impl Iterator<Item = u32>, wanted: u64) -> (usize, u64) {
    let (mut count, mut sum) = (0, 0);
    for length in lengths {
        // The document is taken if half of it fits.
        if 2 * (wanted.saturating_sub(sum)) <= u64::from(length) {
            break;
        }
        count += 1;
        sum += u64::from(length);
    }
    (count, sum)
}

/// The key of a pass: a number of the stream that starts at the document's hash.
fn key_of(order: u64, repeat: u16) -> u64 {
    Keyed::from_state(order).at(u64::from(repeat))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(lengths: &[(u32, u32)]) -> Vec<Document> {
        let each = lengths.iter().enumerate().map(|(row, &(group, tokens))| Document {
            order: crate::document::order_of([row as u8; 16], 1),
            shard: 0,
            row: row as u32,
            tokens,
            group,
        });
        each.collect()
    }

    fn groups(sources: &[&str]) -> Vec<Group> {
        let lang = |at: usize| format!("{at}");
        let each = sources.iter().enumerate();
        each.map(|(at, &s)| Group { source: s.to_owned(), lang: lang(at), factor: 1 }).collect()
    }

    #[test]
    fn whole_passes_come_before_a_part() {
        let documents = documents(&[(0, 10), (0, 20), (0, 0), (0, 30)]);
        let times = |wanted, max| {
            let mut times = [0; 4];
            let items = choose(&documents, &groups(&["a"]), &[wanted], max);
            for item in &items {
                times[item.document as usize] += 1;
            }
            (times, items.iter().map(|i| u64::from(documents[i.document as usize].tokens)).sum())
        };
        assert_eq!(times(120, 4), ([2, 2, 0, 2], 120));
        assert_eq!(times(1_000, 4), ([4, 4, 0, 4], 240));
        for wanted in 0..240 {
            let (times, sum): ([i32; 4], u64) = times(wanted, 4);
            assert!(sum.abs_diff(wanted) <= 15, "{wanted}: {sum}");
            let whole = (wanted / 60) as i32;
            assert!(
                times.iter().enumerate().all(|(i, &n)| i == 2 || (whole..whole + 2).contains(&n))
            );
        }
    }

    #[test]
    fn a_source_misses_half_a_document_however_many_groups_it_has() {
        let lengths: Vec<(u32, u32)> = (0..200).map(|n| (n % 10, 100)).collect();
        let documents = documents(&lengths);
        let items = choose(&documents, &groups(&["a"; 10]), &[149; 10], 4);
        assert!((items.len() as i64 * 100 - 1490).abs() <= 50, "{}", items.len());
        let items = choose(
            &documents,
            &groups(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]),
            &[149; 10],
            4,
        );
        assert_eq!(items.len(), 10, "each source for itself");
    }
}
