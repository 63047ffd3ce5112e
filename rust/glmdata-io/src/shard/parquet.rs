//! Parquet files: every encoded batch becomes one row group.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use glmdata_base::{AtomicFile, Error, Result, WrittenFile};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

/// The column chunks of one row group.
#[derive(Debug)]
pub(super) struct EncodedParquet(Vec<ArrowColumnChunk>);

/// A file writer for `schema`.
///
/// Dictionaries are off for `text` and `meta`: nearly every value differs, and trying costs a hash
/// map of all of them. Statistics are off for the same two: a page's smallest text tells nothing.
fn file_writer<W: std::io::Write + Send>(
    out: W,
    schema: &SchemaRef,
) -> ParquetResult<SerializedFileWriter<W>> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("glmdata".to_owned());
    for name in ["text", "meta"] {
        properties = properties
            .set_column_dictionary_enabled(name.into(), false)
            .set_column_statistics_enabled(
                name.into(),
                parquet::file::properties::EnabledStatistics::None,
            );
    }
    let mut properties = properties.build();
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    let root = ArrowSchemaConverter::new().convert(schema)?.root_schema_ptr();
    SerializedFileWriter::new(out, root, Arc::new(properties))
}

pub(super) fn encode(batch: &RecordBatch) -> Result<EncodedParquet> {
    encode_columns(batch).map_err(|e| Error::internal(format!("encoding a batch: {e}")))
}

/// The factory of column writers wants a file writer; one that writes nowhere serves.
fn encode_columns(batch: &RecordBatch) -> ParquetResult<EncodedParquet> {
    let schema = batch.schema();
    let nowhere = file_writer(std::io::sink(), &schema)?;
    let factory = ArrowRowGroupWriterFactory::new(&nowhere, schema.clone());
    let mut writers = factory.create_column_writers(0)?.into_iter();
    let mut chunks = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        for leaf in compute_leaves(field, column)? {
            let mut writer = writers
                .next()
                .ok_or_else(|| ParquetError::General("more leaves than columns".to_owned()))?;
            writer.write(&leaf)?;
            chunks.push(writer.close()?);
        }
    }
    Ok(EncodedParquet(chunks))
}

/// A Parquet file under construction.
pub(super) struct ParquetShard(SerializedFileWriter<AtomicFile>);

impl std::fmt::Debug for ParquetShard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ParquetShard").field(&self.0.inner().target()).finish()
    }
}

impl ParquetShard {
    pub(super) fn create(target: &Path, schema: &SchemaRef) -> Result<Self> {
        let file = AtomicFile::create(target)?;
        file_writer(file, schema).map(Self).map_err(|e| write_error(target, e))
    }

    pub(super) fn append(&mut self, batch: EncodedParquet) -> Result<()> {
        let written = self.append_row_group(batch);
        written.map_err(|e| write_error(self.0.inner().target(), e))
    }

    fn append_row_group(&mut self, batch: EncodedParquet) -> ParquetResult<()> {
        let mut group = self.0.next_row_group()?;
        for chunk in batch.0 {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close().map(|_| ())
    }

    pub(super) fn finish(self) -> Result<WrittenFile> {
        let target = self.0.inner().target().to_path_buf();
        self.0.into_inner().map_err(|e| write_error(&target, e))?.commit()
    }
}

/// The file system's error if it was one: a full disk must not read as an internal error.
fn write_error(target: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(source) => Error::storage("write", target, *source),
            Err(other) => Error::internal(format!("{}: {other}", target.display())),
        },
        other => Error::internal(format!("{}: {other}", target.display())),
    }
}
