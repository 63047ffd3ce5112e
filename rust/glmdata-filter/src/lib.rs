//! The compiled half of the filter stage: what is measured, and what is done with what was decided.
//!
//! ```text
//! score   every document -> one row of numbers          scores/part-*.arrow, quarantine/
//!           (Python decides: keep, or rule, value, threshold)
//! learn   labelled texts -> a model, which `score` asks about every document
//! take    or: scores that are there, of what an earlier stage kept     scores/, quarantine/
//! apply   decisions zipped with the documents           data/, decisions/, removed/
//! ```
//!
//! The texts are read twice, for nothing but numbers is kept of them in between. An
//! interrupted run resumes from the files of its units. `glmdata-text` measures; it knows no files, which is why this
//! crate exists.

mod apply;
mod benchmark_items;
mod benchmark_pack;
mod chunked;
mod classifier;
mod contamination;
mod folded;
mod hierarchy;
mod judged;
mod language;
mod learn;
mod mask;
mod measure;
mod prepared;
mod repair;
mod run;
mod score;
mod table;
mod taken;

pub use apply::apply;
pub use benchmark_items::Item;
pub use benchmark_pack::pack;
pub use classifier::Classifier;
pub use contamination::Benchmarks;
pub use folded::Reader;
pub use judged::Judged;
pub use language::{Languages, Telling};
pub use learn::{Lesson, learn};
pub use measure::Dictionary;
pub use run::{Job, Options};
pub use score::score;
pub use taken::take;
