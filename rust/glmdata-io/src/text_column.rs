//! A column that may hold texts: strings, bytes that are UTF-8, or keys of a dictionary of either.

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryType, BinaryViewType, LargeBinaryType};
use arrow_array::{AnyDictionaryArray, Array, GenericByteArray, GenericByteViewArray};
use arrow_schema::DataType;

use crate::strings::Strings;

/// Borrowed; nothing is written out, so a dictionary takes no more than it does in the file.
pub(crate) enum TextColumn<'a> {
    Strings(Strings<'a>),
    Bytes(Bytes<'a>),
    Dictionary { column: &'a dyn Array, keys: Vec<usize>, values: Box<TextColumn<'a>> },
}

#[derive(Clone, Copy)]
pub(crate) enum Bytes<'a> {
    Small(&'a GenericByteArray<BinaryType>),
    Large(&'a GenericByteArray<LargeBinaryType>),
    View(&'a GenericByteViewArray<BinaryViewType>),
}

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextCell<'a> {
    Null,
    Text(&'a str),
    /// Bytes that are no UTF-8 from a place on.
    NotUtf8(&'a [u8], usize),
}

impl<'a> TextCell<'a> {
    /// The text, if it is one.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::NotUtf8(..) => None,
        }
    }
}

impl<'a> TextColumn<'a> {
    /// `None` if the column holds something else.
    pub(crate) fn of(column: &'a dyn Array) -> Option<Self> {
        match column.data_type() {
            DataType::Binary => Some(Self::Bytes(Bytes::Small(column.as_binary()))),
            DataType::LargeBinary => Some(Self::Bytes(Bytes::Large(column.as_binary()))),
            DataType::BinaryView => Some(Self::Bytes(Bytes::View(column.as_binary_view()))),
            DataType::Dictionary(..) => {
                let dictionary = column.as_any_dictionary();
                let values = Box::new(Self::of(dictionary.values().as_ref())?);
                Some(Self::Dictionary { column, keys: keys_of(dictionary), values })
            }
            _ => Strings::of(column).map(Self::Strings),
        }
    }

    /// Whether no row has a value.
    pub(crate) fn is_empty(&self) -> bool {
        let column: &dyn Array = match self {
            Self::Strings(strings) => strings.array(),
            Self::Bytes(Bytes::Small(column)) => column,
            Self::Bytes(Bytes::Large(column)) => column,
            Self::Bytes(Bytes::View(column)) => column,
            Self::Dictionary { column, .. } => *column,
        };
        column.logical_null_count() == column.len()
    }

    /// Whether the type says that it is text.
    pub(crate) fn is_declared(&self) -> bool {
        match self {
            Self::Strings(_) => true,
            Self::Bytes(_) => false,
            Self::Dictionary { values, .. } => values.is_declared(),
        }
    }

    pub(crate) fn cell(&self, row: usize) -> TextCell<'a> {
        match self {
            Self::Strings(strings) => strings.value(row).map_or(TextCell::Null, TextCell::Text),
            Self::Bytes(bytes) => {
                let Some(bytes) = bytes.value(row) else { return TextCell::Null };
                match simdutf8::compat::from_utf8(bytes) {
                    Ok(text) => TextCell::Text(text),
                    Err(e) => TextCell::NotUtf8(bytes, e.valid_up_to()),
                }
            }
            Self::Dictionary { column, keys, values } => {
                match keys.get(row).filter(|_| column.is_valid(row)) {
                    Some(&key) => values.cell(key),
                    None => TextCell::Null,
                }
            }
        }
    }
}

/// The place of every row's value among those of a dictionary, which may have none: then all rows are null.
pub(crate) fn keys_of(dictionary: &dyn AnyDictionaryArray) -> Vec<usize> {
    if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() }
}

impl<'a> Bytes<'a> {
    fn value(self, row: usize) -> Option<&'a [u8]> {
        match self {
            Self::Small(column) => column.is_valid(row).then(|| column.value(row)),
            Self::Large(column) => column.is_valid(row).then(|| column.value(row)),
            Self::View(column) => column.is_valid(row).then(|| column.value(row)),
        }
    }
}
