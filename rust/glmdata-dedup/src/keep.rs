//! Which of several duplicates stays: source priority, then the keep policy, then (of texts that are as
//! long) the date, then `id`, then the text's hash, then where it stands. No step depends on how the run was cut or scheduled.

use std::cmp::Ordering;

use glmdata_base::{Error, Result};
use glmdata_io::own_fields;
use rayon::slice::ParallelSliceMut;
use sonic_rs::{JsonValueTrait, LazyValue};

use crate::date::seconds_of;
use crate::options::{Keep, Options};
use crate::table::Table;

/// What the policy looks at, as a number of which the larger wins; 0 when the field is missing or
/// cannot be read as a date or number.
/// `(says, written)` are the bytes of the text's normal form and of the text.
pub(crate) fn keep_value(keep: &Keep, (says, written): (u32, u32), meta: Option<&str>) -> u64 {
    match keep {
        // Of two that say as much the one with less around it.
        Keep::Longest => u64::from(says) << 32 | u64::from(!written),
        Keep::First => 0,
        Keep::Newest(field) => read_field(meta, field).map_or(0, |value| {
            let seconds = seconds_of(&value).map(|seconds| seconds as f64);
            seconds.or_else(|| value.parse().ok()).map_or(0, sortable)
        }),
        Keep::Best(field) => {
            read_field(meta, field).and_then(|value| value.parse().ok()).map_or(0, sortable)
        }
    }
}

/// Documents of this crawl that the policy has no value of; `None` for a policy that needs none.
///
/// # Errors
/// [`Error::Config`] if none of them has one: the policy decides nothing then.
pub(crate) fn without_value(table: &Table, new: u32, keep: &Keep) -> Result<Option<u64>> {
    let (Keep::Newest(field) | Keep::Best(field)) = keep else { return Ok(None) };
    let missing = table.keep[..new as usize].iter().filter(|value| **value == 0).count() as u64;
    if missing < u64::from(new) {
        return Ok(Some(missing));
    }
    let what = if matches!(keep, Keep::Newest(_)) { "a date or number" } else { "a number" };
    let expected = format!("a column that documents have, as {what}");
    let found = format!("`{field}`, which none of {new} documents has");
    Err(Error::config("keep", &expected, found))
}

fn read_field(meta: Option<&str>, field: &str) -> Option<String> {
    let fields = own_fields(meta?)?;
    let value: LazyValue<'_> = sonic_rs::get(fields.as_ref(), &[field]).ok()?;
    Some(value.as_str().map_or_else(|| value.as_raw_str().to_owned(), str::to_owned))
}

/// An order-preserving map of numbers to integers above 0; not-a-number goes to 0.
pub(crate) fn sortable(number: f64) -> u64 {
    if number.is_nan() {
        return 0;
    }
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The rank of every document in keep order: of two duplicates the one of lower rank stays.
///
/// Documents from number `new` on are of earlier crawls and come before all others.
pub(crate) fn ranks(table: &Table, new: u32, options: &Options) -> Vec<u32> {
    let priority: Vec<usize> =
        table.sources.all().iter().map(|name| options.priority(name)).collect();
    let mut order: Vec<u32> = (0..table.len() as u32).collect();
    let by_origin = options.keep == Keep::First;
    let by_date = options.keep == Keep::Longest;
    order.par_sort_unstable_by(|&a, &b| {
        if a.max(b) >= new {
            return (a < new).cmp(&(b < new)).then(a.cmp(&b));
        }
        let (i, j) = (a as usize, b as usize);
        let place = |k: usize| priority[usize::from(table.source[k])];
        let before = place(i).cmp(&place(j)).then(table.keep[j].cmp(&table.keep[i]));
        if by_origin {
            return before.then(a.cmp(&b));
        }
        let newer =
            || if by_date { table.date_of(j).cmp(&table.date_of(i)) } else { Ordering::Equal };
        before
            .then_with(newer)
            .then_with(|| table.ids.get(i).cmp(table.ids.get(j)))
            .then_with(|| table.raw[i].cmp(&table.raw[j]))
            .then(a.cmp(&b))
    });
    let mut ranks = vec![0; order.len()];
    for (rank, &document) in order.iter().enumerate() {
        ranks[document as usize] = rank as u32;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_keep_their_order() {
        let newest = |meta: &str| {
            keep_value(&Keep::Newest("d".to_owned()), (0, 0), Some(&format!("{{\"d\":{meta}}}")))
        };
        let rising = [
            "\"nonsense\"",
            "\"1969-12-31\"",
            "\"1970-01-01\"",
            "\"2000-02-29\"",
            "\"2000-03-01T00:00:00Z\"",
            "\"2000-03-01 00:00:01\"",
            "1.8e9",
            "1800000001",
        ];
        for pair in rising.windows(2) {
            assert!(newest(pair[0]) < newest(pair[1]), "{pair:?}");
        }
        assert_eq!(seconds_of("2000-03-01"), Some(951_868_800));
    }

    #[test]
    fn best_takes_numbers_of_either_spelling() {
        let best = |meta: &str| keep_value(&Keep::Best("q".to_owned()), (0, 0), Some(meta));
        assert!(best("{\"q\":-1}") < best("{\"q\":0.5}"));
        assert_eq!(best("{\"q\":\"0.5\"}"), best("{\"q\":0.5}"));
        assert_eq!(best("{\"z\":1}"), 0);
        assert_eq!(keep_value(&Keep::Best("q".to_owned()), (0, 0), None), 0);
    }
}
