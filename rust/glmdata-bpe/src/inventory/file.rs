//! Inventories as Arrow files, sorted by word: what `glmdata tokenizer count` writes, and what
//! counting puts aside when memory runs out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, UInt32Builder, UInt64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{ShardFile, StageFile, write_arrow};

use super::{Inventory, Word};

const ROWS: usize = 1 << 16;

fn schema(metadata: BTreeMap<String, String>) -> SchemaRef {
    let fields = vec![
        Field::new("word", DataType::Binary, false),
        Field::new("count", DataType::UInt64, false),
        Field::new("documents", DataType::UInt32, false),
        Field::new("document_sketch", DataType::UInt64, false),
        Field::new("source_sketch", DataType::UInt32, false),
    ];
    Arc::new(Schema::new_with_metadata(fields, metadata.into_iter().collect()))
}

#[derive(Default)]
struct Columns {
    word: BinaryBuilder,
    count: UInt64Builder,
    documents: UInt32Builder,
    sketch: UInt64Builder,
    sources: UInt32Builder,
}

impl Columns {
    fn push(&mut self, word: &Word<'_>) {
        self.word.append_value(word.bytes);
        self.count.append_value(word.count);
        self.documents.append_value(word.documents);
        self.sketch.append_value(word.sketch);
        self.sources.append_value(word.sources);
    }

    fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.word.finish()),
            Arc::new(self.count.finish()),
            Arc::new(self.documents.finish()),
            Arc::new(self.sketch.finish()),
            Arc::new(self.sources.finish()),
        ];
        RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)
    }
}

/// Write `inventory` by word. Equal inventories give equal bytes.
pub(crate) fn write_inventory(
    inventory: &Inventory,
    metadata: BTreeMap<String, String>,
    target: &Path,
) -> Result<ShardFile> {
    let schema = schema(metadata);
    let sorted = inventory.sorted();
    let batches = sorted.chunks(ROWS).map(|words| {
        let mut columns = Columns::default();
        for word in words {
            columns.push(word);
        }
        columns.finish(&schema)
    });
    write_arrow(target, &schema, batches)
}

/// Read a file of [`write_inventory`] into `inventory`; gives its metadata.
pub(crate) fn read_inventory(
    path: &Path,
    inventory: &mut Inventory,
) -> Result<BTreeMap<String, String>> {
    let mut words = Words::open(path)?;
    while let Some(word) = words.word() {
        inventory.add(word);
        words.advance()?;
    }
    Ok(words.metadata)
}

/// Write the sum of several such files to one, holding a batch of each in memory.
pub(crate) fn merge_runs(
    runs: &[&Path],
    metadata: BTreeMap<String, String>,
    target: &Path,
) -> Result<ShardFile> {
    let schema = schema(metadata);
    let mut sum = Sum { runs: Vec::new(), least: BinaryHeap::new() };
    for (at, path) in runs.iter().enumerate() {
        let words = Words::open(path)?;
        sum.least.extend(words.word().map(|word| Reverse((word.bytes.to_vec(), at))));
        sum.runs.push(words);
    }
    let mut ended = false;
    let batches = std::iter::from_fn(|| {
        if ended {
            return None;
        }
        let mut columns = Columns::default();
        let mut rows = 0;
        while rows < ROWS {
            match sum.next(&mut columns) {
                Ok(true) => rows += 1,
                Ok(false) => {
                    ended = true;
                    break;
                }
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
        }
        (rows > 0).then(|| columns.finish(&schema))
    });
    write_arrow(target, &schema, batches)
}

struct Sum {
    runs: Vec<Words>,
    /// The next word of every run that has one.
    least: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Sum {
    /// Move the least word of all runs to `columns`; false if there is none.
    fn next(&mut self, columns: &mut Columns) -> Result<bool> {
        let Some(Reverse((bytes, first))) = self.least.pop() else { return Ok(false) };
        let mut same = vec![first];
        while self.least.peek().is_some_and(|Reverse((other, _))| *other == bytes) {
            same.extend(self.least.pop().map(|Reverse((_, at))| at));
        }
        let mut sum = Word { bytes: &bytes, count: 0, documents: 0, sketch: 0, sources: 0 };
        for at in same {
            let Some(run) = self.runs.get_mut(at) else { continue };
            if let Some(word) = run.word() {
                sum.count += word.count;
                sum.documents = sum.documents.saturating_add(word.documents);
                sum.sketch |= word.sketch;
                sum.sources |= word.sources;
            }
            run.advance()?;
            self.least.extend(run.word().map(|word| Reverse((word.bytes.to_vec(), at))));
        }
        columns.push(&sum);
        Ok(true)
    }
}

/// The words of a file, one after the other.
struct Words {
    reader: StageFile,
    metadata: BTreeMap<String, String>,
    batch: RecordBatch,
    row: usize,
}

impl Words {
    fn open(path: &Path) -> Result<Self> {
        let reader = StageFile::open(path)?;
        let found = reader.schema().clone();
        let metadata: BTreeMap<String, String> =
            found.metadata().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        if found.fields() != schema(BTreeMap::new()).fields() {
            return Err(Error::corrupt(path, "its columns are not those of an inventory"));
        }
        let batch = RecordBatch::new_empty(found);
        let mut words = Self { reader, metadata, batch, row: 0 };
        words.fill()?;
        Ok(words)
    }

    fn word(&self) -> Option<Word<'_>> {
        let row = self.row;
        if row >= self.batch.num_rows() {
            return None;
        }
        Some(Word {
            bytes: self.batch.column(0).as_binary_opt::<i32>()?.value(row),
            count: self.batch.column(1).as_primitive_opt::<UInt64Type>()?.value(row),
            documents: self.batch.column(2).as_primitive_opt::<UInt32Type>()?.value(row),
            sketch: self.batch.column(3).as_primitive_opt::<UInt64Type>()?.value(row),
            sources: self.batch.column(4).as_primitive_opt::<UInt32Type>()?.value(row),
        })
    }

    fn advance(&mut self) -> Result<()> {
        self.row += 1;
        self.fill()
    }

    /// Read on until there is a word or the file ends.
    fn fill(&mut self) -> Result<()> {
        while self.row >= self.batch.num_rows() {
            let Some(batch) = self.reader.next() else { return Ok(()) };
            self.batch = batch?;
            self.row = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counter, Counting};
    use super::*;

    #[test]
    fn runs_add_up_to_what_one_counter_counts() {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<String> =
            (0..300).map(|n| format!("龙王{} of river {}", n % 5, n)).collect();
        let counted = |texts: &[String]| {
            let mut counter = Counter::new(Counting::default());
            for text in texts {
                counter.add(text, "web");
            }
            counter.into_inventory()
        };
        let paths: Vec<_> = (0..3).map(|n| folder.path().join(format!("{n}.arrow"))).collect();
        for (path, texts) in paths.iter().zip(texts.chunks(100)) {
            write_inventory(&counted(texts), BTreeMap::new(), path).unwrap();
        }
        let runs: Vec<&Path> = paths.iter().map(std::path::PathBuf::as_path).collect();
        let (merged, whole) = (folder.path().join("m.arrow"), folder.path().join("w.arrow"));
        let metadata = BTreeMap::from([("language".to_owned(), "zh".to_owned())]);
        merge_runs(&runs, metadata.clone(), &merged).unwrap();
        write_inventory(&counted(&texts), metadata.clone(), &whole).unwrap();
        assert_eq!(std::fs::read(&merged).unwrap(), std::fs::read(&whole).unwrap());
        let mut read = Inventory::default();
        assert_eq!(read_inventory(&merged, &mut read).unwrap(), metadata);
        assert_eq!(read.sorted(), counted(&texts).sorted());
    }

    #[test]
    fn a_damaged_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.arrow");
        std::fs::write(&path, b"ARROW1 no").unwrap();
        let error = read_inventory(&path, &mut Inventory::default()).unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }
}
