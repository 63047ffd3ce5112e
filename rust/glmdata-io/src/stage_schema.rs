//! The columns of a stage folder that every stage which removes documents writes alike.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};

/// Text bytes after which a shard of documents ends.
pub const SHARD_BYTES: u64 = 256 << 20;

fn required(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

fn optional(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

fn doc_field(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::FixedSizeBinary(16), nullable)
}

/// `origin` of a document.
pub fn origin_fields() -> Fields {
    Fields::from(vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("row", DataType::UInt64, false),
        Field::new("offset", DataType::UInt64, false),
    ])
}

/// Schema of `data/part-*.arrow`.
pub fn document_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("doc", DataType::FixedSizeBinary(16), false),
        Field::new("id", DataType::Utf8, false),
        Field::new("text", DataType::LargeUtf8, false),
        Field::new("source", DataType::Utf8, false),
        Field::new("lang", DataType::Utf8, true),
        Field::new("url", DataType::Utf8, true),
        Field::new("meta", DataType::LargeUtf8, true),
        Field::new("origin", DataType::Struct(origin_fields()), false),
    ]))
}

/// Schema of `decisions/part-*.arrow`, one row an input row.
pub fn decision_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        doc_field("doc", false),
        required("keep", DataType::Boolean),
        optional("rule", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("threshold", DataType::Float64),
        doc_field("kept_doc", true),
        doc_field("cluster_id", true),
    ]))
}

/// Schema of `removed/part-*.arrow`, the same for all stages.
pub fn removed_schema() -> SchemaRef {
    let spans = DataType::List(Arc::new(Field::new_list_field(DataType::UInt64, true)));
    Arc::new(Schema::new(vec![
        doc_field("doc", false),
        required("id", DataType::Utf8),
        required("stage", DataType::Utf8),
        required("rule", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("threshold", DataType::Float64),
        doc_field("kept_doc", true),
        optional("kept_id", DataType::Utf8),
        optional("jaccard", DataType::Float64),
        optional("containment", DataType::Float64),
        doc_field("via_doc", true),
        optional("via_id", DataType::Utf8),
        doc_field("cluster_id", true),
        optional("spans", spans),
        optional("benchmark", DataType::Utf8),
        required("source", DataType::Utf8),
        optional("lang", DataType::Utf8),
        required("origin", DataType::Struct(origin_fields())),
        optional("text", DataType::LargeUtf8),
    ]))
}
