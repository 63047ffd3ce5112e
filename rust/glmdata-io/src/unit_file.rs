//! What a stage made of one unit, on disk: what an interrupted run does not make again.
//!
//! An Arrow IPC stream, [`UnitFacts`] as JSON and their length, then a checksum of all of it. Written
//! while the unit is worked on, so that a unit of any size takes no memory. Not fsynced: a torn file
//! fails its checksum, and what it held is made again.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Take, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use glmdata_base::{Error, Result};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::quarantine::QuarantineEvent;
use crate::read::UnitSummary;
use crate::shard::write_error;

const CHECKSUM_BYTES: u64 = 16;
/// Length of the facts, then the checksum.
const TRAILER_BYTES: u64 = 8 + CHECKSUM_BYTES;
const BLOCK_BYTES: usize = 1 << 18;

/// What is known of a unit besides the rows that were made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFacts {
    /// What the file belongs to.
    pub fingerprint: String,
    /// What the unit held.
    pub summary: UnitSummary,
    /// What could not be read.
    pub events: Vec<QuarantineEvent>,
}

/// The file of a unit under construction.
pub struct UnitFileWriter {
    path: PathBuf,
    stream: StreamWriter<Hashed>,
}

impl UnitFileWriter {
    /// Start the file that will appear at `path`, for batches of `schema`.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be made.
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<Self> {
        let temporary = path.with_extension("tmp");
        let file = File::create(&temporary).map_err(|e| Error::storage("create", &temporary, e))?;
        let file = BufWriter::with_capacity(BLOCK_BYTES, file);
        let stream = StreamWriter::try_new(Hashed { file, hasher: Xxh3::new() }, schema)
            .map_err(|e| write_error(path, e))?;
        Ok(Self { path: path.to_path_buf(), stream })
    }

    /// Write the next rows.
    ///
    /// # Errors
    /// [`Error::Storage`] if the disk takes no more.
    pub fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.stream.write(batch).map_err(|e| write_error(&self.path, e))
    }

    /// Write the facts and move the file into its place.
    ///
    /// # Errors
    /// [`Error::Storage`] if the disk takes no more.
    pub fn finish(self, facts: &UnitFacts) -> Result<()> {
        let Self { path, stream } = self;
        let facts = serde_json::to_vec(facts).map_err(Error::internal)?;
        let mut out = stream.into_inner().map_err(|e| write_error(&path, e))?;
        let finished = out
            .write_all(&facts)
            .and_then(|()| out.write_all(&(facts.len() as u64).to_le_bytes()))
            .and_then(|()| out.file.write_all(&out.hasher.digest128().to_le_bytes()))
            .and_then(|()| out.file.flush())
            .and_then(|()| std::fs::rename(path.with_extension("tmp"), &path));
        finished.map_err(|e| Error::storage("write", &path, e))
    }
}

/// A file that is hashed while it is written.
struct Hashed {
    file: BufWriter<File>,
    hasher: Xxh3,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A whole file of a unit; as an iterator, its batches.
#[derive(Debug)]
pub struct UnitFile {
    /// What was known when it was finished.
    pub facts: UnitFacts,
    path: PathBuf,
    stream: StreamReader<BufReader<Take<File>>>,
}

impl UnitFile {
    /// The file at `path`, if it is there, whole, and of this `fingerprint`; of its columns those of
    /// `projection`, or all.
    pub fn open(path: &Path, fingerprint: &str, projection: Option<Vec<usize>>) -> Option<Self> {
        let (facts, body) = open_whole(path)?;
        let facts: UnitFacts = serde_json::from_slice(&facts).ok()?;
        if facts.fingerprint != fingerprint {
            return None;
        }
        let stream = StreamReader::try_new_buffered(body, projection).ok()?;
        Some(Self { facts, path: path.to_path_buf(), stream })
    }

    /// The same where it must be there.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is not.
    pub fn reopen(path: &Path, fingerprint: &str, projection: Option<Vec<usize>>) -> Result<Self> {
        Self::open(path, fingerprint, projection)
            .ok_or_else(|| Error::corrupt(path, "changed since it was written"))
    }
}

impl Iterator for UnitFile {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        // Its checksum was right a moment ago.
        self.stream.next().map(|batch| batch.map_err(|e| Error::corrupt(&self.path, e)))
    }
}

/// The facts and the body of a file, if it is there and its checksum is right.
fn open_whole(path: &Path) -> Option<(Vec<u8>, Take<File>)> {
    let mut file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let facts_end = size.checked_sub(TRAILER_BYTES)?;
    let mut hasher = Xxh3::new();
    let mut checked = (&file).take(size - CHECKSUM_BYTES);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = checked.read(&mut block).ok()?;
        if read == 0 {
            break;
        }
        hasher.update(&block[..read]);
    }
    let mut trailer = [0; TRAILER_BYTES as usize];
    file.seek(SeekFrom::Start(facts_end)).ok()?;
    file.read_exact(&mut trailer).ok()?;
    let (length, checksum) = trailer.split_first_chunk::<8>()?;
    if hasher.digest128().to_le_bytes() != checksum {
        return None;
    }
    let body_end = facts_end.checked_sub(u64::from_le_bytes(*length))?;
    let mut facts = vec![0; (facts_end - body_end) as usize];
    file.seek(SeekFrom::Start(body_end)).ok()?;
    file.read_exact(&mut facts).ok()?;
    file.rewind().ok()?;
    Some((facts, file.take(body_end)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, UInt64Array};

    use super::*;

    fn batch(numbers: std::ops::Range<u64>) -> RecordBatch {
        let column = |factor: u64| {
            Arc::new(numbers.clone().map(|n| n * factor).collect::<UInt64Array>()) as ArrayRef
        };
        RecordBatch::try_from_iter([("one", column(1)), ("two", column(2))]).unwrap()
    }

    fn read(path: &Path, fingerprint: &str) -> Option<(UnitFacts, Vec<RecordBatch>)> {
        let mut file = UnitFile::open(path, fingerprint, None)?;
        let batches = file.by_ref().collect::<Result<_>>().unwrap();
        Some((file.facts, batches))
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("unit.rows");
        let batches = vec![batch(0..50_000), batch(7..9)];
        let mut writer = UnitFileWriter::create(&path, &batches[0].schema()).unwrap();
        for batch in &batches {
            writer.append(batch).unwrap();
        }
        assert!(read(&path, "print").is_none());
        let summary = UnitSummary { rows: 3, ..UnitSummary::default() };
        let facts = UnitFacts { fingerprint: "print".to_owned(), summary, events: Vec::new() };
        writer.finish(&facts).unwrap();
        assert_eq!(read(&path, "print"), Some((facts, batches)));
        assert!(read(&path, "another").is_none());
        let second = UnitFile::reopen(&path, "print", Some(vec![1])).unwrap().next();
        assert_eq!(second.unwrap().unwrap(), batch(0..50_000).project(&[1]).unwrap());

        let whole = std::fs::read(&path).unwrap();
        for (at, change) in [(0, 1), (whole.len() - 20, 0x80), (whole.len() - 1, 1)] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            std::fs::write(&path, &bytes).unwrap();
            assert!(read(&path, "print").is_none(), "byte {at}");
        }
        for length in [0, 10, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(read(&path, "print").is_none(), "{length} bytes");
        }
        let gone = UnitFile::reopen(&path, "print", None).unwrap_err();
        assert!(matches!(gone, Error::Corrupt { .. }));
    }
}
