//! One Arrow file of a given name, for the tables that a stage keeps beside its shards.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use glmdata_base::Result;

use super::ShardFile;
use super::arrow::{ArrowShard, Buffers, encode};

/// Write `batches` to `target` as an Arrow IPC file with zstd-compressed buffers.
pub fn write_arrow(
    target: &Path,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch>>,
) -> Result<ShardFile> {
    let mut shard = ArrowShard::create(target, schema)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        shard.append(encode(&batch, Buffers::Zstd)?)?;
    }
    Ok(ShardFile { file: shard.finish()?, rows })
}
