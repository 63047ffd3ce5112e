//! Deduplication of text corpora: exact, near-exact and fuzzy, every fuzzy removal verified.
//!
//! ```text
//! scan (one pass: exact keys, sketch, band keys)
//!   -> exact    equal texts, equal normal forms
//!   -> bands, candidates    which pairs are worth comparing
//!   -> verify   exact Jaccard similarity of the shingle sets; difference: same text or a variant
//!   -> decide   who stays
//!   -> cut      lines and paragraphs of many documents, templates of sites, repeated passages, if asked for
//!   -> kept, outcome, report    the stage folder
//! ```
//!
//! [`run`] does all of it. `table` is what is remembered of a document, `texts` where its text is,
//! `sort` and `partition` are what happens when memory does not suffice, `unit_scan` is what an
//! interrupted run resumes from.

mod affine;
mod bands;
mod block;
mod budgets;
mod candidates;
mod clean;
mod compare;
mod corpus;
mod cut;
mod date;
mod decide;
mod difference;
mod early;
mod exact;
mod excise;
mod family;
mod follow;
mod forms;
mod frequent;
mod index;
mod keep;
mod kept;
mod kept_keys;
mod layout;
mod ledger;
mod marks;
mod options;
mod outcome;
mod page;
mod partition;
mod passage;
mod plan;
mod removal;
mod repeats;
mod report;
mod rethreshold;
mod run;
mod scan;
mod scores;
mod shingles;
mod sketch;
mod sort;
mod span;
mod substring;
mod table;
mod template;
mod texts;
mod unit_scan;
mod unused;
mod verify;

pub use affine::AffineSketcher;
pub use bands::Banding;
pub use difference::side_by_side;
pub use index::Index;
pub use options::{Keep, Options, Scheme, Scope};
pub use plan::plan;
pub use rethreshold::rethreshold;
pub use run::{Job, run};
pub use sketch::{Sketcher, estimate};
