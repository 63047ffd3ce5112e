//! One line of JSON: find its fields, check its grammar, undo its escapes.
//!
//! Written here rather than taken from a parser crate for four reasons. A lazy skip in the fast
//! parsers accepts broken escapes inside skipped values; they descend by recursion, so a crawled
//! `[[[[...` can exhaust the stack, which no process survives; a record must be known good before
//! its text goes into a column that cannot be rolled back; and `meta` needs the spelling of every
//! other field as it stands in the line. The tests hold it to serde_json's verdicts.

mod marks;
mod mend;
mod scan;
mod unescape;

pub(crate) use marks::Marks;
pub(crate) use mend::mend;
pub(crate) use scan::{Entry, Fault, FaultKind, Kind, scan_object};
pub(crate) use unescape::{unescape, unescape_marked};

#[cfg(test)]
mod tests;
