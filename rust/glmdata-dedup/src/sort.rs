//! Sorting more fixed-size records than memory holds.
//!
//! Records are collected in a buffer; a full buffer is sorted and written as a run. The result can
//! be walked any number of times: one merge over the runs and what is still in memory. Equal
//! records come out once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use glmdata_base::{Error, Result};
use rayon::slice::ParallelSliceMut;

/// A fixed-size record with a total order.
pub(crate) trait Record: Copy + Ord + Send {
    /// Its size in a run file.
    const BYTES: usize;
    /// Write it to exactly [`Self::BYTES`] bytes.
    fn store(self, bytes: &mut [u8]);
    /// Read it back.
    fn load(bytes: &[u8]) -> Self;
}

macro_rules! integer_record {
    ($($integer:ty),*) => {$(
        impl Record for $integer {
            const BYTES: usize = size_of::<$integer>();
            fn store(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
            // Not 0 in its place: record 0 names documents that are there.
            fn load(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("as many bytes as a record has"))
            }
        }
    )*};
}
integer_record!(u32, u64, u128);

/// Collects records.
#[derive(Debug)]
pub(crate) struct Sorter<T> {
    folder: PathBuf,
    name: &'static str,
    capacity: usize,
    buffer: Vec<T>,
    /// Files and how many records each holds.
    runs: Vec<(PathBuf, u64)>,
}

/// Sorted records, to be walked with [`merge`](Self::merge).
#[derive(Debug)]
pub(crate) struct Sorted<T> {
    memory: Vec<T>,
    runs: Vec<(PathBuf, u64)>,
}

impl<T: Record> Sorter<T> {
    /// A sorter that holds at most `memory` bytes and puts runs named `name` into `folder`.
    pub(crate) fn new(folder: &Path, name: &'static str, memory: u64) -> Self {
        let capacity = (memory as usize / size_of::<T>()).max(1024);
        Self { folder: folder.to_path_buf(), name, capacity, buffer: Vec::new(), runs: Vec::new() }
    }

    /// Add a record.
    #[inline]
    pub(crate) fn push(&mut self, record: T) -> Result<()> {
        if self.buffer.len() >= self.capacity {
            self.spill()?;
        }
        self.buffer.push(record);
        Ok(())
    }

    /// No more records.
    pub(crate) fn finish(mut self) -> Sorted<T> {
        self.sort_buffer();
        Sorted { memory: self.buffer, runs: self.runs }
    }

    fn sort_buffer(&mut self) {
        self.buffer.par_sort_unstable();
        self.buffer.dedup();
    }

    fn spill(&mut self) -> Result<()> {
        self.sort_buffer();
        let path = self.folder.join(format!("{}-{:06}.run", self.name, self.runs.len()));
        let file = File::create(&path).map_err(|e| Error::storage("create", &path, e))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        let (mut bytes, records) = (vec![0; T::BYTES], self.buffer.len() as u64);
        for record in self.buffer.drain(..) {
            record.store(&mut bytes);
            out.write_all(&bytes).map_err(|e| Error::storage("write", &path, e))?;
        }
        out.flush().map_err(|e| Error::storage("write", &path, e))?;
        self.runs.push((path, records));
        Ok(())
    }
}

impl<T: Record> Sorted<T> {
    /// How many runs went to disk.
    pub(crate) fn runs_spilled(&self) -> u64 {
        self.runs.len() as u64
    }

    /// All records in order, each once.
    pub(crate) fn merge(&self) -> Result<Merge<'_, T>> {
        let mut sources = vec![Source::Memory(self.memory.iter())];
        for (path, left) in &self.runs {
            let file = File::open(path).map_err(|e| Error::storage("open", path, e))?;
            let file = BufReader::with_capacity(1 << 17, file);
            sources.push(Source::Run { path, file, left: *left });
        }
        let mut merge = Merge { sources, heads: BinaryHeap::new(), last: None };
        for index in 0..merge.sources.len() {
            if let Some(record) = merge.sources[index].next()? {
                merge.heads.push(Reverse((record, index)));
            }
        }
        Ok(merge)
    }
}

impl<T> Drop for Sorted<T> {
    fn drop(&mut self) {
        for (path, _) in &self.runs {
            // The work folder goes away as a whole; a run that stays is only space.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[derive(Debug)]
enum Source<'a, T> {
    Memory(std::slice::Iter<'a, T>),
    /// A file of which `left` records are still to come.
    Run {
        path: &'a Path,
        file: BufReader<File>,
        left: u64,
    },
}

impl<T: Record> Source<'_, T> {
    fn next(&mut self) -> Result<Option<T>> {
        match self {
            Self::Memory(records) => Ok(records.next().copied()),
            Self::Run { left: 0, .. } => Ok(None),
            Self::Run { path, file, left } => {
                let mut bytes = [0; 32];
                let bytes = &mut bytes[..T::BYTES];
                match file.read_exact(bytes) {
                    Ok(()) => {
                        *left -= 1;
                        Ok(Some(T::load(bytes)))
                    }
                    Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                        let missing = format!("it ends {left} records too early");
                        Err(Error::corrupt(path, missing))
                    }
                    Err(e) => Err(Error::storage("read", path, e)),
                }
            }
        }
    }
}

/// The merge over runs.
#[derive(Debug)]
pub(crate) struct Merge<'a, T> {
    sources: Vec<Source<'a, T>>,
    heads: BinaryHeap<Reverse<(T, usize)>>,
    last: Option<T>,
}

impl<T: Record> Merge<'_, T> {
    /// The next record that differs from the one before.
    pub(crate) fn next(&mut self) -> Result<Option<T>> {
        while let Some(mut head) = self.heads.peek_mut() {
            let Reverse((record, index)) = *head;
            match self.sources[index].next()? {
                Some(next) => *head = Reverse((next, index)),
                None => drop(PeekMut::pop(head)),
            }
            if self.last != Some(record) {
                self.last = Some(record);
                return Ok(Some(record));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_run_that_was_cut_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), "test", 0);
        (0..3_000u64).for_each(|record| sorter.push(record).unwrap());
        let sorted = sorter.finish();
        let run = File::options().write(true).open(&sorted.runs[0].0).unwrap();
        // At the end of a record, and within one.
        for bytes in [8 * 700, 8 * 699 + 3] {
            run.set_len(bytes).unwrap();
            let mut merge = sorted.merge().unwrap();
            let error = loop {
                match merge.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("the end was taken for that of all records"),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        }
    }

    proptest! {
        #[test]
        fn equals_a_set(records in prop::collection::vec(0u64..5_000, 0..6_000)) {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = Sorter::new(folder.path(), "test", 0);
            for &record in &records {
                sorter.push(record).unwrap();
            }
            let sorted = sorter.finish();
            prop_assert_eq!(sorted.runs_spilled(), (records.len().saturating_sub(1) / 1024) as u64);
            for _ in 0..2 {
                let mut merge = sorted.merge().unwrap();
                let mut found = Vec::new();
                while let Some(record) = merge.next().unwrap() {
                    found.push(record);
                }
                let expected: Vec<u64> = records.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
                prop_assert_eq!(found, expected);
            }
            drop(sorted);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
