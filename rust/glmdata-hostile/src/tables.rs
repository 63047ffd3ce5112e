//! Column files: Parquet, Arrow files and Arrow streams.

use glmdata_io::{Field, ReadOptions};

use crate::reading::read;

pub(crate) fn check_parquet(data: &[u8]) {
    read("a.parquet", data, &options());
}

/// The first byte names the layout; discovery may see another one in the bytes.
pub(crate) fn check_arrow(data: &[u8]) {
    let Some((&choice, content)) = data.split_first() else { return };
    let name = if choice & 1 == 0 { "a.arrow" } else { "a.arrows" };
    read(name, content, &options());
}

/// Short records, and a text within a struct, so that all of the mapping is reached.
fn options() -> ReadOptions {
    let text_field = Field::parse("text_field", "text,content,data.text").expect("sound names");
    ReadOptions { text_field, max_record: 1 << 16, ..ReadOptions::default() }
}
