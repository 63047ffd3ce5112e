//! Sorting more fixed-size records than memory holds.
//!
//! Records are collected in a buffer; a full buffer is sorted and written as a run. The result can
//! be walked any number of times: one merge over the runs and what is still in memory. Equal
//! records come out once.
//!
//! So many runs of one size are merged into one at once, or a merge would open more files than a process
//! may have: it opens fewer than that for each power of that number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use glmdata_base::{Error, Result};
use rayon::slice::ParallelSliceMut;

/// Runs of one level that become one of the next. A limit of 256 open files leaves room for two merges.
const FAN_IN: usize = 32;

/// The largest record.
const MOST_BYTES: usize = 32;

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
    runs: Vec<Run>,
    /// Files that were written, those that are merged by now among them.
    files: usize,
    spilled: u64,
}

/// A file of sorted records.
#[derive(Debug)]
struct Run {
    path: PathBuf,
    records: u64,
    /// How often its records were merged.
    level: u32,
}

/// Sorted records, to be walked with [`merge`](Self::merge).
#[derive(Debug)]
pub(crate) struct Sorted<T> {
    memory: Vec<T>,
    runs: Vec<Run>,
    spilled: u64,
}

impl<T: Record> Sorter<T> {
    /// A sorter that holds at most `memory` bytes and puts runs named `name` into `folder`.
    pub(crate) fn new(folder: &Path, name: &'static str, memory: u64) -> Self {
        let capacity = (memory as usize / size_of::<T>()).max(1024);
        Self {
            folder: folder.to_path_buf(),
            name,
            capacity,
            buffer: Vec::new(),
            runs: Vec::new(),
            files: 0,
            spilled: 0,
        }
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
        Sorted { memory: self.buffer, runs: self.runs, spilled: self.spilled }
    }

    fn sort_buffer(&mut self) {
        self.buffer.par_sort_unstable();
        self.buffer.dedup();
    }

    fn spill(&mut self) -> Result<()> {
        self.sort_buffer();
        let mut out = RunWriter::create(self.next_path())?;
        for record in self.buffer.drain(..) {
            out.push(record)?;
        }
        self.runs.push(out.finish(0)?);
        self.spilled += 1;
        self.merge_levels()
    }

    /// Merge the last runs as long as there are [`FAN_IN`] of one level.
    fn merge_levels(&mut self) -> Result<()> {
        while let Some(first) = self.runs.len().checked_sub(FAN_IN)
            && self.runs[first].level == self.runs[self.runs.len() - 1].level
        {
            let level = self.runs[first].level + 1;
            let mut out = RunWriter::create(self.next_path())?;
            let mut merge = Merge::<T>::of(&[], &self.runs[first..])?;
            while let Some(record) = merge.next()? {
                out.push(record)?;
            }
            drop(merge);
            remove(&self.runs[first..]);
            self.runs.truncate(first);
            self.runs.push(out.finish(level)?);
        }
        Ok(())
    }

    fn next_path(&mut self) -> PathBuf {
        self.files += 1;
        self.folder.join(format!("{}-{:06}.run", self.name, self.files - 1))
    }
}

struct RunWriter {
    path: PathBuf,
    out: BufWriter<File>,
    records: u64,
}

impl RunWriter {
    fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(|e| Error::storage("create", &path, e))?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 18, file), records: 0 })
    }

    fn push<T: Record>(&mut self, record: T) -> Result<()> {
        let mut bytes = [0; MOST_BYTES];
        record.store(&mut bytes[..T::BYTES]);
        self.records += 1;
        let written = self.out.write_all(&bytes[..T::BYTES]);
        written.map_err(|e| Error::storage("write", &self.path, e))
    }

    fn finish(mut self, level: u32) -> Result<Run> {
        self.out.flush().map_err(|e| Error::storage("write", &self.path, e))?;
        Ok(Run { path: self.path, records: self.records, level })
    }
}

impl<T: Record> Sorted<T> {
    /// How many runs went to disk.
    pub(crate) fn runs_spilled(&self) -> u64 {
        self.spilled
    }

    /// All records in order, each once.
    pub(crate) fn merge(&self) -> Result<Merge<'_, T>> {
        Merge::of(&self.memory, &self.runs)
    }
}

impl<T> Drop for Sorted<T> {
    fn drop(&mut self) {
        remove(&self.runs);
    }
}

fn remove(runs: &[Run]) {
    for run in runs {
        // The work folder goes away as a whole; a run that stays is only space.
        let _ = std::fs::remove_file(&run.path);
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
                let mut bytes = [0; MOST_BYTES];
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

impl<'a, T: Record> Merge<'a, T> {
    fn of(memory: &'a [T], runs: &'a [Run]) -> Result<Self> {
        let mut sources = vec![Source::Memory(memory.iter())];
        for Run { path, records, .. } in runs {
            let file = File::open(path).map_err(|e| Error::storage("open", path, e))?;
            let file = BufReader::with_capacity(1 << 17, file);
            sources.push(Source::Run { path, file, left: *records });
        }
        let mut merge = Merge { sources, heads: BinaryHeap::new(), last: None };
        for index in 0..merge.sources.len() {
            if let Some(record) = merge.sources[index].next()? {
                merge.heads.push(Reverse((record, index)));
            }
        }
        Ok(merge)
    }

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
        let run = File::options().write(true).open(&sorted.runs[0].path).unwrap();
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

    /// 100 runs are three merged ones and four more.
    #[test]
    fn many_runs_are_merged_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), "test", 0);
        let all = 100 * 1024 + 7;
        for record in (0..all).rev() {
            sorter.push(u64::from(record as u32 / 2)).unwrap();
        }
        let sorted = sorter.finish();
        assert_eq!((sorted.runs_spilled(), sorted.runs.len()), (100, 3 + 4));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 7);
        let mut merge = sorted.merge().unwrap();
        for expected in 0..=(all / 2) as u64 {
            assert_eq!(merge.next().unwrap(), Some(expected));
        }
        assert_eq!(merge.next().unwrap(), None);
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
