//! Arrow files that a stage wrote, for a later one to read back: what is damaged is told as damage.
//!
//! Nobody checks their hashes on this way, so they are looked over as crawled files are: a decoder
//! that panics, or a claim of more memory than there is, would end the process otherwise.

use std::fmt;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use glmdata_base::{Error, Result};

use crate::arrow_file::open_whole;
use crate::columnar::{Batches, guarded};
use crate::decode::Stop;
use crate::delivery::Delivered;
use crate::parquet_file::by_owner;

/// An open Arrow file of a stage; as an iterator, its batches.
pub struct StageFile {
    source: Delivered,
    schema: SchemaRef,
    batches: Batches,
}

impl fmt::Debug for StageFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StageFile").field("path", &self.source.path()).finish_non_exhaustive()
    }
}

impl StageFile {
    /// Open the file at `path`.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be opened, [`Error::Corrupt`] if it is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        Self::new(Delivered::at_path(path)?, None)
    }

    /// The same file from its start, of these of its columns.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if there are fewer columns.
    pub fn only(self, columns: Vec<usize>) -> Result<Self> {
        Self::new(self.source.from(0), Some(columns))
    }

    fn new(source: Delivered, projection: Option<Vec<usize>>) -> Result<Self> {
        match guarded(|| open_whole(source.clone(), projection)) {
            Ok((schema, batches)) => Ok(Self { source, schema, batches }),
            Err(stop) => Err(told(&source, stop)),
        }
    }

    /// Its columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Iterator for StageFile {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = guarded(|| self.batches.next().transpose());
        next.map_err(|stop| told(&self.source, stop)).transpose()
    }
}

fn told(source: &Delivered, stop: Stop) -> Error {
    match by_owner(source, stop) {
        Ok(fault) => Error::corrupt(source.path(), fault.detail),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::UInt64Array;
    use arrow_ipc::writer::FileWriter;

    use super::*;

    #[test]
    fn a_file_gives_its_batches_or_an_error() {
        let numbers = Arc::new(UInt64Array::from_iter_values(0..100)) as arrow_array::ArrayRef;
        let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let whole = writer.into_inner().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.arrow");
        let read = |content: &[u8]| -> Result<Vec<RecordBatch>> {
            std::fs::write(&path, content).unwrap();
            StageFile::open(&path)?.collect()
        };
        assert_eq!(read(&whole).unwrap(), [batch]);
        for length in 0..whole.len() {
            let error = read(&whole[..length]).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{length}: {error}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(StageFile::open(&path), Err(Error::Storage { .. })));
    }
}
