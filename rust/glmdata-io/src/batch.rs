//! The columns every reader delivers.

use std::sync::{Arc, OnceLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef};

/// Schema of the batches a [`UnitSink`](crate::UnitSink) gets.
///
/// | column | type | meaning |
/// |---|---|---|
/// | id | Utf8, nullable | as given; numbers as their text |
/// | text | LargeUtf8 | the document |
/// | source | Utf8 | rule, field, first folder or root label |
/// | lang | Utf8, nullable | as given; null for words that name none, such as `und` |
/// | url | Utf8, nullable | as given |
/// | meta | LargeUtf8, nullable | JSON object of all other fields, order and spelling kept |
/// | row | UInt64 | record number in the unit; blank lines do not count, quarantined records do |
/// | offset | UInt64 | byte offset in the decoded file; for Parquet and Arrow the row in the file |
pub fn raw_schema() -> SchemaRef {
    static SCHEMA: OnceLock<SchemaRef> = OnceLock::new();
    Arc::clone(SCHEMA.get_or_init(|| {
        Arc::new(Schema::new(vec![
            Field::new("id", DataType::Utf8, true),
            Field::new("text", DataType::LargeUtf8, false),
            Field::new("source", DataType::Utf8, false),
            Field::new("lang", DataType::Utf8, true),
            Field::new("url", DataType::Utf8, true),
            Field::new("meta", DataType::LargeUtf8, true),
            Field::new("row", DataType::UInt64, false),
            Field::new("offset", DataType::UInt64, false),
        ]))
    }))
}
