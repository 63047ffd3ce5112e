//! Bad records of a unit on their way to being events.
//!
//! A small file may claim a billion rows without a text. Equal rows that follow each other are one
//! event, and of very many different ones the last are counted and not listed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::quarantine::{QuarantineEvent, Reason};

/// Records of one event at most: whoever looks for the first few must not wait for the last.
const MAX_RUN: u64 = 1 << 16;
/// Events of a unit that are listed one by one.
const LISTED: usize = 1 << 14;

#[derive(Default)]
pub(crate) struct SetAside {
    /// The event that the next record may belong to.
    open: Option<QuarantineEvent>,
    listed: usize,
    /// Those that are counted only, by reason.
    rest: BTreeMap<Reason, QuarantineEvent>,
}

impl SetAside {
    /// Take the next record, or several; an event that is complete comes back.
    pub(crate) fn add(&mut self, event: QuarantineEvent) -> Option<QuarantineEvent> {
        if let Some(open) = &mut self.open
            && open.records() < MAX_RUN
            && continues(open, &event)
        {
            open.rows = Some(open.records() + event.records());
            return None;
        }
        let whole = self.open.replace(event)?;
        self.list(whole)
    }

    /// Close the open event, so that something else may come.
    pub(crate) fn close(&mut self) -> Option<QuarantineEvent> {
        let whole = self.open.take()?;
        self.list(whole)
    }

    /// What was only counted.
    pub(crate) fn finish(self) -> impl Iterator<Item = QuarantineEvent> {
        self.rest.into_values()
    }

    fn list(&mut self, mut event: QuarantineEvent) -> Option<QuarantineEvent> {
        if self.listed < LISTED {
            self.listed += 1;
            return Some(event);
        }
        match self.rest.entry(event.kind) {
            Entry::Occupied(mut held) => {
                let held = held.get_mut();
                held.rows = Some(held.records() + event.records());
                let bytes = held.bytes.unwrap_or(0) + event.bytes.unwrap_or(0);
                held.bytes = (bytes > 0).then_some(bytes);
            }
            Entry::Vacant(free) => {
                event.rows = Some(event.records());
                event.detail.push_str("; this record and later ones of its kind, listed as one");
                free.insert(event);
            }
        }
        None
    }
}

/// Whether a record stands behind those of an event and is like them. Where places are bytes, every
/// record has an event of its own: nobody could tell the place of the others.
fn continues(event: &QuarantineEvent, next: &QuarantineEvent) -> bool {
    let behind = |at: Option<u64>| at.map(|at| at + event.records());
    (behind(event.row), behind(event.offset)) == (next.row, next.offset)
        && (event.kind, &event.detail, &event.sample) == (next.kind, &next.detail, &next.sample)
        && event.bytes.is_none()
        && next.bytes.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(row: u64, detail: &str) -> QuarantineEvent {
        QuarantineEvent {
            root: "crawl".into(),
            relative: "a.jsonl".into(),
            kind: Reason::MissingText,
            offset: Some(row),
            row: Some(row),
            rows: None,
            bytes: None,
            detail: detail.into(),
            sample: String::new(),
        }
    }

    #[test]
    fn equal_records_in_a_row_are_one_event() {
        let mut aside = SetAside::default();
        let mut told = Vec::new();
        for event in [bad(0, "a"), bad(1, "a"), bad(2, "b"), bad(4, "b"), bad(5, "b")] {
            told.extend(aside.add(event));
        }
        told.extend(aside.close());
        let found: Vec<_> = told.iter().map(|e| (e.row, e.records())).collect();
        assert_eq!(found, [(Some(0), 2), (Some(2), 1), (Some(4), 2)]);
        assert_eq!(aside.finish().count(), 0);
    }

    #[test]
    fn of_very_many_the_last_are_counted() {
        let mut aside = SetAside::default();
        let rows = LISTED as u64 + 500;
        let mut told: Vec<_> =
            (0..rows).filter_map(|row| aside.add(bad(row, &row.to_string()))).collect();
        told.extend(aside.close());
        assert_eq!(told.len(), LISTED);
        told.extend(aside.finish());
        assert_eq!(told.iter().map(QuarantineEvent::records).sum::<u64>(), rows);
        assert_eq!(told[LISTED].row, Some(LISTED as u64));
    }

    #[test]
    fn no_event_is_longer_than_its_bound() {
        let mut aside = SetAside::default();
        let rows = 3 * MAX_RUN + 7;
        let mut told: Vec<_> = (0..rows).filter_map(|row| aside.add(bad(row, ""))).collect();
        told.extend(aside.close());
        assert_eq!(
            told.iter().map(QuarantineEvent::records).collect::<Vec<_>>(),
            [MAX_RUN, MAX_RUN, MAX_RUN, 7]
        );
    }
}
