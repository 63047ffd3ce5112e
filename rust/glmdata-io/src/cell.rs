//! A cell of a column file as JSON, for `meta`.

use std::fmt::Write as _;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, Float32Array, Float64Array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};

use crate::strings::Strings;
use crate::text_column::keys_of;

/// Writes the cells of one column; made once a batch.
pub(crate) struct CellWriter<'a> {
    column: &'a dyn Array,
    kind: CellKind<'a>,
    /// Bytes after which a list is not written on: the record is too large whatever follows. A list of
    /// keys into a dictionary may stand for any multiple of what the file holds.
    limit: usize,
}

enum CellKind<'a> {
    Null,
    Text(Strings<'a>),
    /// Numbers and booleans, as Arrow prints them.
    Bare(ArrayFormatter<'a>),
    /// Times and what else has no JSON form, printed and quoted.
    Quoted(ArrayFormatter<'a>),
    Float32(&'a Float32Array),
    Float64(&'a Float64Array),
    List(Box<dyn Fn(usize) -> Range<usize> + 'a>, Box<CellWriter<'a>>),
    Struct(Vec<(&'a str, CellWriter<'a>)>),
    /// Keys that are text: an object; other maps are lists of entries.
    Map(Box<dyn Fn(usize) -> Range<usize> + 'a>, Strings<'a>, Box<CellWriter<'a>>),
    Dictionary(Vec<usize>, Box<CellWriter<'a>>),
}

fn ranges<O: arrow_array::OffsetSizeTrait>(
    offsets: &[O],
) -> Box<dyn Fn(usize) -> Range<usize> + '_> {
    Box::new(|row| offsets[row].as_usize()..offsets[row + 1].as_usize())
}

impl<'a> CellWriter<'a> {
    pub(crate) fn new(column: &'a dyn Array, limit: u64) -> Result<Self, ArrowError> {
        let boxed = |column| Self::new(column, limit).map(Box::new);
        let formatter = || {
            // Display errors (a date past the calendar) are cells without a value.
            ArrayFormatter::try_new(column, &FormatOptions::new().with_display_error(false))
        };
        let kind = match column.data_type() {
            DataType::Null => CellKind::Null,
            DataType::Boolean
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => CellKind::Bare(formatter()?),
            DataType::Float32 => CellKind::Float32(column.as_primitive::<Float32Type>()),
            DataType::Float64 => CellKind::Float64(column.as_primitive::<Float64Type>()),
            DataType::List(_) => {
                let list = column.as_list::<i32>();
                CellKind::List(ranges(list.value_offsets()), boxed(list.values().as_ref())?)
            }
            DataType::LargeList(_) => {
                let list = column.as_list::<i64>();
                CellKind::List(ranges(list.value_offsets()), boxed(list.values().as_ref())?)
            }
            DataType::FixedSizeList(..) => {
                let list = column.as_fixed_size_list();
                let size = list.value_length() as usize;
                let range = move |row| {
                    let start = list.value_offset(row) as usize;
                    start..start + size
                };
                CellKind::List(Box::new(range), boxed(list.values().as_ref())?)
            }
            DataType::Struct(fields) => {
                let mut cells = Vec::with_capacity(fields.len());
                for (field, child) in fields.iter().zip(column.as_struct().columns()) {
                    cells.push((field.name().as_str(), CellWriter::new(child.as_ref(), limit)?));
                }
                CellKind::Struct(cells)
            }
            DataType::Map(..) => {
                let map = column.as_map();
                let range = ranges(map.value_offsets());
                match Strings::of(map.keys().as_ref()) {
                    Some(keys) => CellKind::Map(range, keys, boxed(map.values().as_ref())?),
                    None => CellKind::List(range, boxed(map.entries())?),
                }
            }
            DataType::Dictionary(..) => {
                let dictionary = column.as_any_dictionary();
                CellKind::Dictionary(keys_of(dictionary), boxed(dictionary.values().as_ref())?)
            }
            _ => match Strings::of(column) {
                Some(strings) => CellKind::Text(strings),
                None => CellKind::Quoted(formatter()?),
            },
        };
        Ok(Self { column, kind, limit: usize::try_from(limit).unwrap_or(usize::MAX) })
    }

    /// Append the cell; `false`, with nothing written, if it is null or has no value.
    pub(crate) fn write(&self, out: &mut String, row: usize) -> bool {
        if self.column.is_null(row) {
            return false;
        }
        let start = out.len();
        let written = self.write_value(out, row);
        if !written {
            out.truncate(start);
        }
        written
    }

    fn write_value(&self, out: &mut String, row: usize) -> bool {
        match &self.kind {
            CellKind::Null => false,
            CellKind::Text(strings) => {
                strings.value(row).is_some_and(|text| write_string(out, text))
            }
            CellKind::Bare(formatter) => write!(out, "{}", formatter.value(row)).is_ok(),
            CellKind::Quoted(formatter) => {
                let mut shown = String::new();
                write!(shown, "{}", formatter.value(row)).is_ok() && write_string(out, &shown)
            }
            // NaN and the infinities have no JSON form; serde_json writes null for them.
            CellKind::Float32(column) => {
                column.value(row).is_finite() && write_json(out, &column.value(row))
            }
            CellKind::Float64(column) => {
                column.value(row).is_finite() && write_json(out, &column.value(row))
            }
            CellKind::List(range, values) => {
                out.push('[');
                for (at, item) in range(row).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    if out.len() > self.limit {
                        break;
                    }
                    values.write_or_null(out, item);
                }
                out.push(']');
                true
            }
            CellKind::Struct(cells) => {
                out.push('{');
                for (at, (name, cell)) in cells.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_string(out, name);
                    out.push(':');
                    cell.write_or_null(out, row);
                }
                out.push('}');
                true
            }
            CellKind::Map(range, keys, values) => {
                out.push('{');
                for (at, item) in range(row).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    if out.len() > self.limit {
                        break;
                    }
                    write_string(out, keys.value(item).unwrap_or_default());
                    out.push(':');
                    values.write_or_null(out, item);
                }
                out.push('}');
                true
            }
            CellKind::Dictionary(keys, values) => {
                keys.get(row).is_some_and(|&key| values.write(out, key))
            }
        }
    }

    /// Inside a container every place must be filled.
    fn write_or_null(&self, out: &mut String, row: usize) {
        if !self.write(out, row) {
            out.push_str("null");
        }
    }
}

fn write_string(out: &mut String, text: &str) -> bool {
    write_json(out, text)
}

fn write_json<T: serde::Serialize + ?Sized>(out: &mut String, value: &T) -> bool {
    serde_json::to_string(value).is_ok_and(|json| {
        out.push_str(&json);
        true
    })
}

/// Append `"name":cell` to the object under construction; nothing for a null.
pub(crate) fn push_cell(object: &mut String, name: &str, cell: &CellWriter<'_>, row: usize) {
    let start = object.len();
    object.push(if start == 0 { '{' } else { ',' });
    write_string(object, name);
    object.push(':');
    if !cell.write(object, row) {
        object.truncate(start);
    }
}
