//! What is remembered of every document between reading it and deciding about it: about 90 bytes
//! and its id, one column a fact. A document is its position in canonical input order.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};

use crate::date::{NO_DATE, UNREAD, known};

/// Small strings that repeat (sources, languages), numbered in order of first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u16>,
}

impl Names {
    /// The number of `name`. More than 65,535 different sources or languages are a mistake in the
    /// field names, not a corpus.
    pub(crate) fn number(&mut self, name: &str) -> Result<u16> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        let number = u16::try_from(self.names.len()).map_err(|_| {
            Error::config("source_field", "at most 65,535 different sources and languages", name)
        })?;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        Ok(number)
    }

    pub(crate) fn name(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or("", String::as_str)
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }
}

/// Ids, end to end. An empty id is a missing one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    bytes: String,
    ends: Vec<u64>,
}

impl Ids {
    pub(crate) fn push(&mut self, id: &str) {
        self.bytes.push_str(id);
        self.ends.push(self.bytes.len() as u64);
    }

    pub(crate) fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start as usize..self.ends[i] as usize]
    }
}

/// The columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// xxh3-128 of the text.
    pub(crate) raw: Vec<u128>,
    /// xxh3-128 of its normal form; of the text itself for code.
    pub(crate) normal: Vec<u128>,
    /// Length of the text in bytes.
    pub(crate) bytes: Vec<u32>,
    /// Shingles, repeats included; 0 when the document is not compared with others.
    pub(crate) shingles: Vec<u32>,
    /// What the keep policy looks at, larger is better.
    pub(crate) keep: Vec<u64>,
    pub(crate) source: Vec<u16>,
    pub(crate) lang: Vec<u16>,
    /// Record number in its file.
    pub(crate) row: Vec<u64>,
    /// Where the record starts in the decoded file.
    pub(crate) offset: Vec<u64>,
    pub(crate) ids: Ids,
    /// xxh3-128 of the addresses' normal forms, 0 without one. Shorter than the table where no
    /// further document has one, so that runs without `--url-dedup` pay nothing.
    urls: Vec<u128>,
    /// Dates as `date.rs` reads them, shorter in the same way.
    dates: Vec<i64>,
    pub(crate) sources: Names,
    pub(crate) langs: Names,
}

/// One document, as the scan sees it.
#[derive(Debug)]
pub(crate) struct Card<'a> {
    pub(crate) raw: u128,
    pub(crate) normal: u128,
    pub(crate) bytes: u32,
    pub(crate) shingles: u32,
    pub(crate) keep: u64,
    pub(crate) source: &'a str,
    pub(crate) lang: &'a str,
    pub(crate) row: u64,
    pub(crate) offset: u64,
    pub(crate) id: &'a str,
    pub(crate) url: u128,
    pub(crate) date: i64,
}

impl Table {
    /// Documents.
    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Memory held, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        const ROW: usize = 16 + 16 + 4 + 4 + 8 + 2 + 2 + 8 + 8 + 8;
        (self.len() * ROW + 16 * self.urls.len() + 8 * self.dates.len() + self.ids.bytes.len())
            as u64
    }

    pub(crate) fn push(&mut self, card: &Card<'_>) -> Result<()> {
        if card.url != 0 {
            self.urls.resize(self.len(), 0);
            self.urls.push(card.url);
        }
        if card.date != NO_DATE {
            self.dates.resize(self.len(), NO_DATE);
            self.dates.push(card.date);
        }
        self.raw.push(card.raw);
        self.normal.push(card.normal);
        self.bytes.push(card.bytes);
        self.shingles.push(card.shingles);
        self.keep.push(card.keep);
        self.source.push(self.sources.number(card.source)?);
        self.lang.push(self.langs.number(card.lang)?);
        self.row.push(card.row);
        self.offset.push(card.offset);
        self.ids.push(card.id);
        Ok(())
    }

    /// The card of document `i`.
    pub(crate) fn card(&self, i: usize) -> Card<'_> {
        Card {
            raw: self.raw[i],
            normal: self.normal[i],
            bytes: self.bytes[i],
            shingles: self.shingles[i],
            keep: self.keep[i],
            source: self.source_of(i),
            lang: self.lang_of(i),
            row: self.row[i],
            offset: self.offset[i],
            id: self.ids.get(i),
            url: self.url_of(i),
            date: self.stored_date(i),
        }
    }

    /// Append all of `other`, whose rows count from `first_row` of their file.
    pub(crate) fn append(&mut self, other: &Self, first_row: u64) -> Result<()> {
        for i in 0..other.len() {
            let card = other.card(i);
            self.push(&Card { row: card.row + first_row, ..card })?;
        }
        Ok(())
    }

    pub(crate) fn source_of(&self, i: usize) -> &str {
        self.sources.name(self.source[i])
    }

    pub(crate) fn lang_of(&self, i: usize) -> &str {
        self.langs.name(self.lang[i])
    }

    /// Key of the address of document `i`, 0 if it has none.
    pub(crate) fn url_of(&self, i: usize) -> u128 {
        self.urls.get(i).copied().unwrap_or(0)
    }

    /// Seconds since 1970 of the date of document `i`, if it has one.
    pub(crate) fn date_of(&self, i: usize) -> Option<i64> {
        known(self.stored_date(i))
    }

    /// Of the first `documents`: those with a date, and those with a field that holds none.
    pub(crate) fn dates(&self, documents: u32) -> (usize, usize) {
        let dates = || self.dates.iter().take(documents as usize);
        let unread = dates().filter(|&&date| date == UNREAD).count();
        (dates().filter(|&&date| known(date).is_some()).count(), unread)
    }

    fn stored_date(&self, i: usize) -> i64 {
        self.dates.get(i).copied().unwrap_or(NO_DATE)
    }

    /// These rows as an Arrow batch; [`append_batch`](Self::append_batch) reads it back.
    pub(crate) fn to_batch(&self, rows: Range<usize>) -> Result<RecordBatch> {
        let key = |get: &dyn Fn(usize) -> u128, nullable: bool| -> Result<ArrayRef> {
            let mut builder = FixedSizeBinaryBuilder::with_capacity(rows.len(), 16);
            for key in rows.clone().map(get) {
                if nullable && key == 0 {
                    builder.append_null();
                } else {
                    builder.append_value(key.to_be_bytes()).map_err(Error::internal)?;
                }
            }
            Ok(Arc::new(builder.finish()))
        };
        let text = |get: &dyn Fn(usize) -> String| -> ArrayRef {
            let mut builder = StringBuilder::new();
            rows.clone().for_each(|i| builder.append_value(get(i)));
            Arc::new(builder.finish())
        };
        let columns: Vec<ArrayRef> = vec![
            key(&|i| self.raw[i], false)?,
            key(&|i| self.normal[i], false)?,
            Arc::new(UInt32Array::from(self.bytes[rows.clone()].to_vec())),
            Arc::new(UInt32Array::from(self.shingles[rows.clone()].to_vec())),
            Arc::new(UInt64Array::from(self.keep[rows.clone()].to_vec())),
            text(&|i| self.source_of(i).to_owned()),
            text(&|i| self.lang_of(i).to_owned()),
            Arc::new(UInt64Array::from(self.row[rows.clone()].to_vec())),
            Arc::new(UInt64Array::from(self.offset[rows.clone()].to_vec())),
            text(&|i| self.ids.get(i).to_owned()),
            key(&|i| self.url_of(i), true)?,
            Arc::new(
                rows.clone()
                    .map(|i| Some(self.stored_date(i)).filter(|&date| date != NO_DATE))
                    .collect::<Int64Array>(),
            ),
        ];
        RecordBatch::try_new(table_schema(), columns).map_err(Error::internal)
    }

    /// Append what [`to_batch`](Self::to_batch) wrote; `None` if the schema is another.
    pub(crate) fn append_batch(&mut self, batch: &RecordBatch) -> Option<Result<()>> {
        if batch.schema().fields() != table_schema().fields() {
            return None;
        }
        let key = |column: usize, i: usize| {
            let bytes = batch.column(column).as_fixed_size_binary().value(i);
            #[expect(clippy::expect_used, reason = "key 0 would make documents equal")]
            let bytes = bytes.try_into().expect("the schema says 16 bytes");
            u128::from_be_bytes(bytes)
        };
        let small = |column: usize| batch.column(column).as_primitive::<UInt32Type>().values();
        let large = |column: usize| batch.column(column).as_primitive::<UInt64Type>().values();
        let text = |column: usize| batch.column(column).as_string::<i32>();
        let (bytes, shingles, keep, row, offset) =
            (small(2), small(3), large(4), large(7), large(8));
        let (source, lang, id) = (text(5), text(6), text(9));
        let urls = batch.column(10);
        let dates = batch.column(11).as_primitive::<Int64Type>();
        Some((0..batch.num_rows()).try_for_each(|i| {
            self.push(&Card {
                raw: key(0, i),
                normal: key(1, i),
                bytes: bytes[i],
                shingles: shingles[i],
                keep: keep[i],
                source: source.value(i),
                lang: lang.value(i),
                row: row[i],
                offset: offset[i],
                id: id.value(i),
                url: if urls.is_null(i) { 0 } else { key(10, i) },
                date: if dates.is_null(i) { NO_DATE } else { dates.value(i) },
            })
        }))
    }
}

/// Schema of `ledger/documents-*.arrow`.
pub(crate) fn table_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("raw_key", DataType::FixedSizeBinary(16)),
        field("normalised_key", DataType::FixedSizeBinary(16)),
        field("text_bytes", DataType::UInt32),
        field("shingles", DataType::UInt32),
        field("keep", DataType::UInt64),
        field("source", DataType::Utf8),
        field("lang", DataType::Utf8),
        field("row", DataType::UInt64),
        field("offset", DataType::UInt64),
        field("id", DataType::Utf8),
        Field::new("url_key", DataType::FixedSizeBinary(16), true),
        // Seconds since 1970; the least but one where the field holds no date.
        Field::new("date", DataType::Int64, true),
    ]))
}
