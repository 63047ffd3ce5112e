//! Benchmark items as files hold them: a question, and options where there are some.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, MemoryBudget, Reservation, Result};
use glmdata_io::{QuarantineEvent, ReadOptions, UnitSink, discover, plan_units, read_unit};
use serde_json::{Map, Value};

use crate::contamination::{BENCHMARKS, Benchmarks};

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
    /// Of the records of files, named by their id, else by file and row.
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
        let found = discover(inputs, options)?.refuse_nothing()?;
        let (mut items, mut held, mut first_row) = (Vec::new(), Vec::new(), 0);
        for unit in plan_units(&found.files) {
            let file = &found.files[unit.file];
            if unit.start == 0 {
                first_row = 0;
            }
            let relative = &file.relative;
            let mut sink = Items {
                file: relative,
                first_row,
                items: &mut items,
                bad: None,
                memory,
                held: &mut held,
            };
            first_row += read_unit(file, &unit, options, cancel, &mut sink)?.rows;
            if let Some(event) = sink.bad {
                let row = event.row.map_or_else(String::new, |row| format!(" in record {row}"));
                let reason = format!("expected benchmark items, found {}{row}", event.kind.name());
                return Err(Error::Input { path: file.path.clone(), reason });
            }
        }
        Self::new(&items, memory)
    }
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
    items: &'a mut Vec<Item>,
    bad: Option<QuarantineEvent>,
    memory: &'a MemoryBudget,
    /// For the texts, which are held until all windows are known.
    held: &'a mut Vec<Reservation>,
}

impl UnitSink for Items<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let (texts, ids) = (batch["text"].as_string::<i64>(), batch["id"].as_string::<i32>());
        let rows = batch["row"].as_primitive::<UInt64Type>();
        let meta = batch["meta"].as_string::<i64>();
        self.held.push(self.memory.reserve(texts.value_data().len() as u64, BENCHMARKS)?);
        for row in 0..batch.num_rows() {
            let name = if ids.is_valid(row) && !ids.value(row).is_empty() {
                ids.value(row).to_owned()
            } else {
                format!("{}#{}", self.file, self.first_row + rows.value(row))
            };
            let fields = meta.is_valid(row).then(|| serde_json::from_str(meta.value(row)));
            let fields: Value = fields.transpose().map_err(Error::internal)?.unwrap_or_default();
            let options = options_of(&fields);
            self.items.push(Item { name, question: texts.value(row).to_owned(), options });
        }
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.bad.get_or_insert(event);
        Ok(())
    }
}
