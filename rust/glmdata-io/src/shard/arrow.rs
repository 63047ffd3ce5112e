//! Arrow IPC *files* from batches that were encoded elsewhere.
//!
//! arrow-ipc's own `FileWriter` compresses while it writes, on one thread. Here the messages come
//! ready made and only the frame of the file is written: magic, schema message, messages, end
//! mark, footer with the place of every message.

use std::io::{BufWriter, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::{
    DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteContext, IpcWriteOptions,
    write_message,
};
use arrow_ipc::{Block, CompressionType, FooterBuilder, MetadataVersion};
use arrow_schema::{Schema, SchemaRef};
use glmdata_base::{AtomicFile, Error, Result, WrittenFile};

use super::write_error;

const MAGIC: &[u8; 6] = b"ARROW1";
/// The magic at the start, padded to the 64-byte alignment of all messages.
const HEADER_BYTES: usize = 64;
/// Continuation marker and a length of zero: no more messages.
const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// Text is written once and read a few times: level 1 is three times faster than the default 3
/// and costs a few percent of size.
const ZSTD_LEVEL: i32 = 1;

/// One record-batch message.
pub(super) struct EncodedArrow(EncodedData);

impl std::fmt::Debug for EncodedArrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedArrow").field("body_bytes", &self.0.arrow_data.len()).finish()
    }
}

/// Whether the buffers of a message are compressed.
#[derive(Clone, Copy)]
pub(super) enum Buffers {
    Zstd,
    Plain,
}

/// The frame of the file is the same for both kinds of buffers.
fn options(buffers: Buffers) -> Result<IpcWriteOptions> {
    let options = IpcWriteOptions::try_new(64, false, MetadataVersion::V5);
    match buffers {
        Buffers::Plain => options,
        Buffers::Zstd => options
            .and_then(|options| options.try_with_compression(Some(CompressionType::ZSTD)))
            .and_then(|options| options.try_with_compression_level(Some(ZSTD_LEVEL))),
    }
    .map_err(Error::internal)
}

pub(super) fn encode(batch: &RecordBatch, buffers: Buffers) -> Result<EncodedArrow> {
    let mut dictionaries = DictionaryTracker::new(true);
    let (dictionary_messages, message) = IpcDataGenerator::default()
        .encode(batch, &mut dictionaries, &options(buffers)?, &mut IpcWriteContext::default())
        .map_err(|e| Error::internal(format!("encoding a batch: {e}")))?;
    if !dictionary_messages.is_empty() {
        // A file holds one dictionary for all its batches; batches encoded apart have their own.
        return Err(Error::internal("dictionary columns cannot be encoded batch by batch"));
    }
    Ok(EncodedArrow(message))
}

/// An Arrow file under construction.
#[derive(Debug)]
pub(super) struct ArrowShard {
    out: BufWriter<AtomicFile>,
    schema: SchemaRef,
    options: IpcWriteOptions,
    blocks: Vec<Block>,
    position: usize,
}

impl ArrowShard {
    pub(super) fn create(target: &Path, schema: &SchemaRef) -> Result<Self> {
        let options = options(Buffers::Zstd)?;
        let mut out = BufWriter::with_capacity(1 << 20, AtomicFile::create(target)?);
        let mut header = [0_u8; HEADER_BYTES];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        out.write_all(&header).map_err(|e| Error::storage("write", target, e))?;
        let message = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
            schema,
            &mut DictionaryTracker::new(true),
            &options,
        );
        let (metadata, body) =
            write_message(&mut out, message, &options).map_err(|e| write_error(target, e))?;
        Ok(Self {
            out,
            schema: schema.clone(),
            options,
            blocks: Vec::new(),
            position: HEADER_BYTES + metadata + body,
        })
    }

    pub(super) fn append(&mut self, batch: EncodedArrow) -> Result<()> {
        let (metadata, body) = write_message(&mut self.out, batch.0, &self.options)
            .map_err(|e| write_error(self.out.get_ref().target(), e))?;
        self.blocks.push(Block::new(self.position as i64, metadata as i32, body as i64));
        self.position += metadata + body;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<WrittenFile> {
        let footer = footer(&self.schema, &self.blocks);
        let written = self
            .out
            .write_all(&END_OF_STREAM)
            .and_then(|()| self.out.write_all(&footer))
            .and_then(|()| self.out.write_all(&(footer.len() as i32).to_le_bytes()))
            .and_then(|()| self.out.write_all(MAGIC))
            .and_then(|()| self.out.flush());
        written.map_err(|e| Error::storage("write", self.out.get_ref().target(), e))?;
        let target = self.out.get_ref().target().to_path_buf();
        let file =
            self.out.into_inner().map_err(|e| Error::storage("write", &target, e.into_error()))?;
        file.commit()
    }
}

/// The footer: schema and the place of every message.
///
/// The builder is taken from `schema_to_fb` and reset, because arrow-ipc does not re-export the
/// flatbuffers crate and a second version of it beside arrow's own would not fit these types.
fn footer(schema: &Schema, blocks: &[Block]) -> Vec<u8> {
    let mut builder = IpcSchemaEncoder::new().schema_to_fb(&Schema::empty());
    builder.reset();
    let dictionaries = builder.create_vector::<Block>(&[]);
    let batches = builder.create_vector(blocks);
    let mut tracker = DictionaryTracker::new(true);
    let schema = IpcSchemaEncoder::new()
        .with_dictionary_tracker(&mut tracker)
        .schema_to_fb_offset(&mut builder, schema);
    let mut footer = FooterBuilder::new(&mut builder);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(schema);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    let root = footer.finish();
    builder.finish(root, None);
    builder.finished_data().to_vec()
}
