//! Benchmark items as files hold them: a question, and options where there are some.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, MemoryBudget, Result};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};
use serde_json::{Map, Value};

use crate::benchmark_pack::unpack;
use crate::contamination::{BENCHMARKS, Benchmarks};
use crate::folded::{Reader, Units};
use crate::prepared::Prepared;

/// Fields with all options of an item: a list, or a table with a list `text` or with letters.
const LISTS: [&str; 4] = ["choices", "options", "Choices", "Options"];
/// Fields with one option each.
const LETTERS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// An item to be found.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What a hit is called.
    pub name: String,
    /// The question, or the whole text.
    pub question: String,
    /// Answers to choose from.
    pub options: Vec<String>,
}

impl Benchmarks {
    /// Of the records of files, named by their id, else by file and row, and of packs.
    ///
    /// # Errors
    /// [`Error::Input`] if a file is missing or holds records without a text: an item that is not
    /// looked for would be missed in silence. [`Error::Budget`] if `memory` has no room for them.
    pub fn read(
        inputs: &[PathBuf],
        options: &ReadOptions,
        memory: &MemoryBudget,
        cancel: &Cancel,
    ) -> Result<Self> {
        let mut found = Self::default();
        let fields = each(inputs, options, memory, cancel, &mut |item| found.take(item, memory))?;
        found.from_packs_alone = !fields;
        Ok(found.finish())
    }
}

/// Give the items of files and packs to `take`, in the order of the files; whether any was no pack.
pub(crate) fn each(
    inputs: &[PathBuf],
    options: &ReadOptions,
    memory: &MemoryBudget,
    cancel: &Cancel,
    take: &mut dyn FnMut(Prepared) -> Result<()>,
) -> Result<bool> {
    let found = discover(inputs, options)?.refuse_nothing()?;
    let (mut units, mut reader) = (Units::default(), Reader::default());
    let (mut first_row, mut packed, mut fields) = (0, None, false);
    for unit in plan_units(&found.files) {
        let file = &found.files[unit.file];
        if unit.start == 0 {
            first_row = 0;
            if file.path.extension().is_some_and(|end| end == "jsonl") && unpack(&file.path, take)?
            {
                packed = Some(unit.file);
            }
        }
        if packed == Some(unit.file) {
            continue;
        }
        fields = true;
        let (units, reader) = (&mut units, &mut reader);
        let mut sink =
            Items { file: &file.relative, first_row, take, bad: None, memory, units, reader };
        first_row += read_unit(file, &unit, options, cancel, &mut sink)?.rows;
        if let Some(event) = sink.bad {
            let row = event.row.map_or_else(String::new, |row| format!(" in record {row}"));
            let reason = format!("expected benchmark items, found {}{row}", event.kind.name());
            return Err(Error::Input { path: file.path.clone(), reason });
        }
    }
    Ok(fields)
}

/// The options of an item whose other fields are `meta`.
fn options_of(meta: &Value) -> Vec<String> {
    let letters = |fields: &Map<String, Value>| -> Vec<String> {
        LETTERS.iter().filter_map(|letter| said(fields.get(*letter)?)).collect()
    };
    let Some(fields) = meta.as_object() else { return Vec::new() };
    match LISTS.iter().find_map(|name| fields.get(*name)) {
        Some(Value::Array(all)) => all.iter().filter_map(said).collect(),
        Some(Value::Object(table)) => match table.get("text") {
            Some(Value::Array(all)) => all.iter().filter_map(said).collect(),
            _ => letters(table),
        },
        _ => letters(fields),
    }
}

fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

struct Items<'a> {
    file: &'a str,
    first_row: u64,
    take: &'a mut dyn FnMut(Prepared) -> Result<()>,
    bad: Option<QuarantineEvent>,
    memory: &'a MemoryBudget,
    units: &'a mut Units,
    reader: &'a mut Reader,
}

impl UnitSink for Items<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let (texts, ids) = (batch["text"].as_string::<i64>(), batch["id"].as_string::<i32>());
        let rows = batch["row"].as_primitive::<UInt64Type>();
        let meta = batch["meta"].as_string::<i64>();
        let _held = self.memory.reserve(texts.value_data().len() as u64, BENCHMARKS)?;
        for row in 0..batch.num_rows() {
            let name = if ids.is_valid(row) && !ids.value(row).is_empty() {
                ids.value(row).to_owned()
            } else {
                format!("{}#{}", self.file, self.first_row + rows.value(row))
            };
            let fields = meta.is_valid(row).then(|| serde_json::from_str(meta.value(row)));
            let fields: Value = fields.transpose().map_err(Error::internal)?.unwrap_or_default();
            let options = options_of(&fields);
            let item = Item { name, question: texts.value(row).to_owned(), options };
            (self.take)(Prepared::of(&item, self.units, self.reader))?;
        }
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.bad.get_or_insert(event);
        Ok(())
    }
}
