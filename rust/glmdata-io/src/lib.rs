//! Crawled files in, record batches out; record batches in, shard files out.
//!
//! ```text
//! discover -> plan_units -> read_unit -> UnitSink      (documents and quarantine events)
//! encode_batch (parallel) -> ShardWriter               (part-000000.arrow, ...)
//! ```
//!
//! The capabilities (`glmdata-dedup`, ...) call these in that order: [`discover`] lists files,
//! [`plan_units`] cuts them into pieces of work by size alone, [`read_unit`] turns one piece into
//! batches of [`raw_schema`] and sets bad records aside, [`encode_batch`] compresses batches on
//! any thread, [`ShardWriter`] puts them on disk in canonical order. [`UnitFile`] is what a run that
//! was interrupted finds of a unit.
//!
//! Nothing read here can end a run: whatever a crawl holds becomes a [`QuarantineEvent`].

mod adapted;
mod arrow_file;
mod arrow_message;
mod batch;
mod blocks;
mod cell;
mod collect;
mod columnar;
mod csv;
mod decode;
mod delivery;
mod discover;
mod facts;
mod fetch;
mod fields;
mod folders;
mod identity;
mod input;
mod json;
mod jsonl;
mod language;
mod lines;
mod losses;
mod notes;
mod options;
mod parquet_file;
mod pattern;
mod probe;
mod quarantine;
mod read;
mod record;
mod roots;
mod set_aside;
mod shard;
mod sniff;
mod source;
mod stage_file;
mod stage_schema;
mod strings;
mod text;
mod text_column;
mod unit;
mod unit_file;
mod values;
mod vouch;

pub use batch::raw_schema;
pub use blocks::BlockMemory;
pub use discover::{Discovered, discover};
pub use facts::{files_json, inputs_json};
pub use fetch::fetch;
pub use fields::FieldUse;
pub use folders::DOCUMENTS;
pub use glmdata_base::WrittenFile;
pub use identity::{Identity, own_fields};
pub use input::{Compression, Format, InputFile, Vouched};
pub use losses::Losses;
pub use options::{Field, Links, ReadOptions, Split, ZST_WINDOW};
pub use probe::probe;
pub use quarantine::{QuarantineEvent, Reason, in_file_order, sample, write_quarantine};
pub use read::{UnitSink, UnitSummary, read_unit};
pub use shard::{
    EncodedBatch, OutputFormat, ShardFile, ShardWriter, encode_batch, write_arrow, write_error,
};
pub use source::SourceRule;
pub use stage_file::StageFile;
pub use stage_schema::{
    SHARD_BYTES, decision_schema, document_schema, origin_fields, removed_schema,
};
pub use unit::{UNIT_BYTES, Unit, plan_units};
pub use unit_file::{UnitFacts, UnitFile, UnitFileWriter};

#[cfg(test)]
mod tests;
