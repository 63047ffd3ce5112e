//! A string column of any width, read alike.

use arrow_array::cast::AsArray;
use arrow_array::{Array, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;

/// Borrowed; the three layouts that Arrow has for text.
#[derive(Clone, Copy)]
pub(crate) enum Strings<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Strings<'a> {
    /// `None` if the column is not text.
    pub(crate) fn of(column: &'a dyn Array) -> Option<Self> {
        match column.data_type() {
            DataType::Utf8 => Some(Self::Small(column.as_string())),
            DataType::LargeUtf8 => Some(Self::Large(column.as_string())),
            DataType::Utf8View => Some(Self::View(column.as_string_view())),
            _ => None,
        }
    }

    /// The column itself.
    pub(crate) fn array(self) -> &'a dyn Array {
        match self {
            Self::Small(column) => column,
            Self::Large(column) => column,
            Self::View(column) => column,
        }
    }

    /// The value of a row; `None` if it is null.
    pub(crate) fn value(self, row: usize) -> Option<&'a str> {
        match self {
            Self::Small(column) => column.is_valid(row).then(|| column.value(row)),
            Self::Large(column) => column.is_valid(row).then(|| column.value(row)),
            Self::View(column) => column.is_valid(row).then(|| column.value(row)),
        }
    }
}
