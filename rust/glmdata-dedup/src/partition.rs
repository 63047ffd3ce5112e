//! Bringing candidates together on disk, when their shingle sets do not fit into memory.
//!
//! Documents that are candidates of each other, directly or through others, form a group. Groups
//! are laid one after the other and cut into parts that fit; a pair lies in one part, or, where a
//! group is larger than a part, in two. The texts are written to their parts in one pass over the
//! corpus, and pairs are compared part by part.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use glmdata_base::{Error, Result};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::shingles::Shingles;
use crate::sort::{Sorted, Sorter};
use crate::table::Table;
use crate::verify::{Loaded, Lookup, Measure, Verifier, next_chunk};

/// The documents that occur in candidate pairs.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Number among the candidates, `u32::MAX` for others.
    slots: Vec<u32>,
    count: u32,
    pub(crate) pairs: u64,
}

impl Candidates {
    pub(crate) fn of(pairs: &Sorted<u64>, documents: usize) -> Result<Self> {
        let mut candidates = Self { slots: vec![u32::MAX; documents], count: 0, pairs: 0 };
        let mut merge = pairs.merge()?;
        while let Some(pair) = merge.next()? {
            candidates.pairs += 1;
            candidates.slots[(pair >> 32) as usize] = 0;
            candidates.slots[pair as u32 as usize] = 0;
        }
        for slot in &mut candidates.slots {
            if *slot == 0 {
                *slot = candidates.count;
                candidates.count += 1;
            }
        }
        Ok(candidates)
    }

    /// These documents, in rising order, without pairs.
    pub(crate) fn of_documents(found: &[u32], documents: usize) -> Self {
        let mut slots = vec![u32::MAX; documents];
        for (slot, &document) in found.iter().enumerate() {
            slots[document as usize] = slot as u32;
        }
        Self { slots, count: found.len() as u32, pairs: 0 }
    }

    pub(crate) fn contains(&self, document: u32) -> bool {
        self.slots[document as usize] != u32::MAX
    }

    pub(crate) fn slot(&self, document: u32) -> usize {
        self.slots[document as usize] as usize
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = u32> {
        (0..self.slots.len() as u32).filter(|&document| self.contains(document))
    }

    /// Bytes that all of them take in memory.
    pub(crate) fn memory(&self, table: &Table, texts_in_memory: bool) -> u64 {
        self.documents().map(|document| memory_of(table, document, !texts_in_memory)).sum()
    }
}

fn memory_of(table: &Table, document: u32, with_text: bool) -> u64 {
    let i = document as usize;
    let bytes = u64::from(table.bytes[i]);
    let text = if with_text { bytes } else { 0 };
    // The outline takes 16 bytes a line.
    text + bytes / 4 + size_of::<Loaded>() as u64 + 8 * u64::from(table.shingles[i])
}

/// Candidates' texts in files, and the pairs in the order of those files.
#[derive(Debug)]
pub(crate) struct Partitioned {
    /// Part of every document; `u32::MAX` for documents that are no candidates.
    part: Vec<u32>,
    files: Vec<PathBuf>,
    /// Documents that each part holds, and the bytes that they take.
    documents: Vec<u32>,
    memory: Vec<u64>,
    /// Bytes that a part may take, unless one document takes more.
    room: u64,
    pairs: Sorted<u128>,
    written: u64,
    read: Cell<u64>,
}

/// Documents of a part.
type Part = HashMap<u32, Loaded>;

/// The parts that are in memory.
struct Held<'a> {
    part: &'a [u32],
    held: &'a HashMap<u32, Part>,
}

impl Lookup for Held<'_> {
    fn get(&self, document: u32) -> &Loaded {
        &self.held[&self.part[document as usize]][&document]
    }
}

/// Bytes that a thread gathers for all parts together before it takes their locks.
const WAITING_BYTES: usize = 4 << 20;
/// And for one of them.
const WAITING_FOR_PART: usize = 1 << 18;

/// A part that is being written; the order of documents in it does not matter.
struct PartWriter(zstd::Encoder<'static, BufWriter<File>>);

impl PartWriter {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|e| Error::storage("create", path, e))?;
        let encoder = zstd::Encoder::new(BufWriter::new(file), 1);
        encoder.map(Self).map_err(|e| Error::storage("write", path, e))
    }

    /// End the file; gives its size.
    fn finish(self, path: &Path) -> Result<u64> {
        let finished = self.0.finish().and_then(|mut buffer| {
            buffer.flush()?;
            buffer.get_ref().metadata()
        });
        finished.map(|about| about.len()).map_err(|e| Error::storage("write", path, e))
    }
}

/// Move the buffer's bytes to the part.
fn append(writer: &Mutex<PartWriter>, path: &Path, buffer: &mut Vec<u8>) -> Result<()> {
    let mut writer = writer.lock().map_err(Error::internal)?;
    writer.0.write_all(buffer).map_err(|e| Error::storage("write", path, e))?;
    buffer.clear();
    Ok(())
}

impl Partitioned {
    /// Write the texts of the candidates to their parts.
    pub(crate) fn spill(
        verifier: &Verifier<'_>,
        pairs: &Sorted<u64>,
        candidates: &Candidates,
    ) -> Result<Self> {
        let budget = verifier.budget;
        // Two parts are in memory at a time.
        let room = (budget.limit().saturating_sub(budget.used()) / 2).max(1 << 20);
        let (part, count) = assign(verifier.table, pairs, candidates, room)?;
        let files: Vec<PathBuf> =
            (0..count).map(|i| verifier.folder.join(format!("part-{i:06}.texts"))).collect();
        let writers: Vec<Mutex<PartWriter>> = files
            .iter()
            .map(|path| PartWriter::create(path).map(Mutex::new))
            .collect::<Result<_>>()?;
        let waiting_bytes = (WAITING_BYTES / writers.len().max(1)).min(WAITING_FOR_PART);
        (0..verifier.texts.units.len()).into_par_iter().try_for_each(|unit| {
            let mut waiting: Vec<Vec<u8>> = vec![Vec::new(); writers.len()];
            verifier.each_candidate(unit, candidates, &mut |document, column, row| {
                let (number, text) = (part[document as usize] as usize, column.value(row));
                let Some(buffer) = waiting.get_mut(number) else { return Ok(()) };
                buffer.extend_from_slice(&document.to_le_bytes());
                buffer.extend_from_slice(&(text.len() as u32).to_le_bytes());
                buffer.extend_from_slice(text.as_bytes());
                if buffer.len() >= waiting_bytes {
                    append(&writers[number], &files[number], buffer)?;
                }
                Ok(())
            })?;
            let left = waiting.iter_mut().zip(writers.iter().zip(&files));
            left.filter(|(buffer, _)| !buffer.is_empty())
                .try_for_each(|(buffer, (writer, path))| append(writer, path, buffer))
        })?;
        let mut written = 0;
        for (writer, path) in writers.into_iter().zip(&files) {
            let writer = writer.into_inner().map_err(Error::internal)?;
            written += writer.finish(path)?;
        }
        let sort_memory = verifier.options.memory / 16;
        let mut sorter = Sorter::new(verifier.folder, "pairs-by-part", sort_memory);
        let mut merge = pairs.merge()?;
        while let Some(pair) = merge.next()? {
            let of = |document: u64| u128::from(part[document as usize]);
            let (p, q) = (of(pair >> 32), of(pair & u64::from(u32::MAX)));
            sorter.push(p.min(q) << 96 | p.max(q) << 64 | u128::from(pair))?;
        }
        let pairs = sorter.finish();
        let (mut documents, mut memory) = (vec![0; files.len()], vec![0; files.len()]);
        for document in candidates.documents() {
            let number = part[document as usize] as usize;
            documents[number] += 1;
            memory[number] += memory_of(verifier.table, document, true);
        }
        Ok(Self { part, files, documents, memory, room, pairs, written, read: Cell::new(0) })
    }

    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    /// Bytes written to and read from the parts.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.written, self.read.get())
    }

    /// Give the pairs to `measure`, with the documents of the parts they lie in.
    pub(crate) fn each_group(
        &self,
        verifier: &Verifier<'_>,
        measure: &mut Measure<'_>,
    ) -> Result<()> {
        let mut merge = self.pairs.merge()?;
        let mut held: HashMap<u32, Part> = HashMap::new();
        let mut charged = verifier.budget.nothing();
        let mut ahead = merge.next()?;
        while let Some(first) = ahead {
            let parts = first >> 64;
            let (p, q) = ((parts >> 32) as u32, parts as u32);
            held.retain(|&number, _| number == p || number == q);
            // A document that is larger than a part is a part of its own; there was room for two others.
            let more = if p == q { 0 } else { self.memory[q as usize] };
            let bytes = self.memory[p as usize] + more;
            let bytes = if bytes > 2 * self.room { bytes } else { 0 };
            let room = charged.resize(bytes, "comparing long texts");
            room.map_err(|error| error.of(&self.longest(verifier, [p, q])))?;
            for number in [p, q] {
                if let Entry::Vacant(place) = held.entry(number) {
                    place.insert(self.load(verifier, number)?);
                }
            }
            loop {
                let chunk = next_chunk(|| match ahead {
                    Some(record) if record >> 64 == parts => {
                        ahead = merge.next()?;
                        Ok(Some(record as u64))
                    }
                    _ => Ok(None),
                })?;
                let Some(chunk) = chunk else { break };
                measure(&chunk, &Held { part: &self.part, held: &held })?;
            }
        }
        Ok(())
    }

    /// Where the longest document of these parts stands.
    fn longest(&self, verifier: &Verifier<'_>, parts: [u32; 2]) -> String {
        let Table { bytes, row, .. } = verifier.table;
        let within = (0..bytes.len()).filter(|&i| parts.contains(&self.part[i]));
        let Some(longest) = within.max_by_key(|&i| bytes[i]) else { return String::new() };
        let unit = verifier.first_of_unit.partition_point(|&first| first as usize <= longest) - 1;
        let file = &verifier.texts.files[verifier.texts.units[unit].file];
        format!("{}: record {}", file.path.display(), row[longest])
    }

    fn load(&self, verifier: &Verifier<'_>, number: u32) -> Result<Part> {
        let path = &self.files[number as usize];
        let fail = |e| Error::storage("read", path, e);
        let file = File::open(path).map_err(fail)?;
        self.read.set(self.read.get() + file.metadata().map_err(fail)?.len());
        let mut reader = zstd::Decoder::new(BufReader::new(file)).map_err(fail)?;
        let mut texts: Vec<(u32, Box<str>)> = Vec::new();
        let mut head = [0; 8];
        while read_or_end(&mut reader, &mut head).map_err(fail)? {
            let [document, length] = {
                let both = u64::from_le_bytes(head);
                [both as u32, (both >> 32) as u32]
            };
            let mut text = vec![0; length as usize];
            reader.read_exact(&mut text).map_err(fail)?;
            let text = String::from_utf8(text).map_err(|e| Error::corrupt(path, e))?;
            texts.push((document, text.into_boxed_str()));
        }
        let expected = self.documents[number as usize];
        if texts.len() != expected as usize {
            let reason = format!("expected {expected} texts, found {}", texts.len());
            return Err(Error::corrupt(path, reason));
        }
        let loaded: Vec<(u32, Loaded)> = texts
            .into_par_iter()
            .map_init(
                || Shingles::new(verifier.options),
                |shingles, (document, text)| {
                    let source = verifier.table.source_of(document as usize);
                    let set = shingles.set_of(&text, source);
                    (document, Loaded::new(set, verifier.compared(text)))
                },
            )
            .collect();
        Ok(loaded.into_iter().collect())
    }
}

impl Drop for Partitioned {
    fn drop(&mut self) {
        for path in &self.files {
            // The work folder goes away as a whole; a part that stays is only space.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn read_or_end(reader: &mut impl Read, bytes: &mut [u8; 8]) -> std::io::Result<bool> {
    match reader.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

/// The part of every candidate, and how many parts there are.
fn assign(
    table: &Table,
    pairs: &Sorted<u64>,
    candidates: &Candidates,
    room: u64,
) -> Result<(Vec<u32>, u32)> {
    let mut group: Vec<u32> = (0..table.len() as u32).collect();
    let root = |group: &mut Vec<u32>, mut i: u32| {
        while group[i as usize] != i {
            group[i as usize] = group[group[i as usize] as usize];
            i = group[i as usize];
        }
        i
    };
    let mut merge = pairs.merge()?;
    while let Some(pair) = merge.next()? {
        let (a, b) = (root(&mut group, (pair >> 32) as u32), root(&mut group, pair as u32));
        group[a.max(b) as usize] = a.min(b);
    }
    let mut order: Vec<(u32, u32)> =
        candidates.documents().map(|i| (root(&mut group, i), i)).collect();
    order.sort_unstable();
    let (mut number, mut filled) = (0, 0);
    let mut part = vec![u32::MAX; table.len()];
    for (_, document) in order {
        let memory = memory_of(table, document, true);
        if filled > 0 && filled + memory > room {
            number += 1;
            filled = 0;
        }
        filled += memory;
        part[document as usize] = number;
    }
    Ok((part, number + 1))
}
