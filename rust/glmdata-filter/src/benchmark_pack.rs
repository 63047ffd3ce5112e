//! Benchmark items that can be handed on: a line of JSON with hashes for each, and no text.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use glmdata_base::{Cancel, Error, MemoryBudget, Result, hash64};
use glmdata_io::ReadOptions;
use serde_json::{Map, Value, json};

use crate::contamination::BENCHMARKS;
use crate::prepared::{Prepared, Whole};

/// How every line of a pack begins. Windows of another version are other hashes.
const BEGINS: &str = r#"{"glmdata_benchmark_pack":"#;
const VERSION: u64 = 1;
/// What stands before the hash of a line.
const CHECK: &str = r#","check":""#;
/// The longest line: an item of some twenty million characters.
const MOST_BYTES: u64 = 256 << 20;

/// The bytes of a pack of the items of files and packs, and how many items it holds.
///
/// # Errors
/// As for `Benchmarks::read`.
pub fn pack(
    inputs: &[PathBuf],
    options: &ReadOptions,
    memory: &MemoryBudget,
    cancel: &Cancel,
) -> Result<(Vec<u8>, usize)> {
    let (mut lines, mut items) = (Vec::new(), 0);
    let mut held = memory.nothing();
    crate::benchmark_items::each(inputs, options, memory, cancel, &mut |item| {
        lines.extend(line_of(&item).into_bytes());
        items += 1;
        // Python gets a copy.
        held.resize(2 * lines.len() as u64, BENCHMARKS)
    })?;
    Ok((lines, items))
}

fn line_of(item: &Prepared) -> String {
    let windows: Vec<u8> = item.windows.iter().flat_map(|window| window.to_le_bytes()).collect();
    let fields = json!({
        "glmdata_benchmark_pack": VERSION,
        "name": item.name,
        "says": format!("{:032x}", item.says),
        "windows": BASE64_STANDARD.encode(windows),
        "question_windows": item.asked,
        "units": item.units,
        "long_question": item.long[0],
        "long": item.long[1],
        "short": item.short,
        "whole": format!("{:016x}", item.whole.hash),
        "head": format!("{:016x}", item.whole.head),
        "question_units": item.whole.units,
    });
    let text = fields.to_string();
    let hash = hash64(text.as_bytes());
    format!("{}{CHECK}{hash:016x}\"}}\n", text.trim_end_matches('}'))
}

/// Give the items of a pack to `take`; false if the file is none.
///
/// # Errors
/// [`Error::Input`] for a pack that is damaged or of another version, and what `take` answers.
pub(crate) fn unpack(path: &Path, take: &mut dyn FnMut(Prepared) -> Result<()>) -> Result<bool> {
    let unread = |error| Error::storage("read", path, error);
    let mut file = BufReader::new(File::open(path).map_err(unread)?);
    let begins = file.fill_buf().map_err(unread)?.starts_with(BEGINS.as_bytes());
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if !begins
            || (&mut file).take(MOST_BYTES).read_until(b'\n', &mut line).map_err(unread)? == 0
        {
            break;
        }
        take(item_of(&line).map_err(|reason| Error::Input {
            path: path.to_path_buf(),
            reason: format!("expected a pack of benchmark items, found {reason} in line {number}"),
        })?)?;
    }
    Ok(begins)
}

/// The item of a line, or what is wrong with it.
fn item_of(line: &[u8]) -> std::result::Result<Prepared, String> {
    let damaged = || "damage".to_owned();
    let line = std::str::from_utf8(line).map_err(|_| damaged())?;
    let (fields, check) = line.rsplit_once(CHECK).ok_or_else(damaged)?;
    let text = format!("{fields}}}");
    if check != format!("{:016x}\"}}\n", hash64(text.as_bytes())) {
        return Err(damaged());
    }
    let fields: Map<String, Value> = serde_json::from_str(&text).map_err(|_| damaged())?;
    let version = fields.get("glmdata_benchmark_pack").unwrap_or(&Value::Null);
    if *version != VERSION {
        return Err(format!("version {version}"));
    }
    parts_of(&fields).ok_or_else(|| "an item that cannot be".to_owned())
}

/// The item that these fields say, if they agree.
fn parts_of(fields: &Map<String, Value>) -> Option<Prepared> {
    let text = |name: &str| fields.get(name)?.as_str();
    let size = |name: &str| fields.get(name)?.as_u64().map(|size| size as usize);
    let flag = |name: &str| fields.get(name)?.as_bool();
    let hash = |name: &str| u64::from_str_radix(text(name)?, 16).ok();
    let windows = BASE64_STANDARD.decode(text("windows")?).ok()?;
    let (windows, rest) = windows.as_chunks::<8>();
    let item = Prepared {
        name: text("name")?.to_owned(),
        says: u128::from_str_radix(text("says")?, 16).ok()?,
        windows: windows.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect(),
        asked: size("question_windows")?,
        units: size("units")?,
        long: [flag("long_question")?, flag("long")?],
        short: flag("short")?,
        whole: Whole { hash: hash("whole")?, head: hash("head")?, units: size("question_units")? },
    };
    let agrees = rest.is_empty()
        && item.asked <= item.windows.len()
        && item.whole.units <= item.units
        // An item of more would be text of four billion bytes.
        && u32::try_from(item.units).is_ok();
    agrees.then_some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benchmark_items::Item;
    use crate::folded::{Reader, Units};

    fn prepared() -> Prepared {
        let item = Item {
            name: "a \"name\" of }, 名".to_owned(),
            question: "Which of the two harbours of the old town freezes in a long winter?"
                .to_owned(),
            options: vec!["the one in the north of it".to_owned(), "none".to_owned()],
        };
        Prepared::of(&item, &mut Units::default(), &mut Reader::default())
    }

    #[test]
    fn an_item_is_read_as_it_was() {
        let item = prepared();
        assert!(item.long[0] && item.windows.len() > item.asked);
        assert_eq!(item_of(line_of(&item).as_bytes()), Ok(item));
    }

    #[test]
    fn a_changed_line_is_refused() {
        let line = line_of(&prepared());
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(item_of(&bytes).is_err(), "byte {at}");
            assert!(item_of(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let item = prepared();
        for wrong in [
            Prepared { asked: 1 << 40, ..item.clone() },
            Prepared { units: 1 << 40, ..item.clone() },
            Prepared { units: 1, ..item.clone() },
        ] {
            assert_eq!(item_of(line_of(&wrong).as_bytes()), Err("an item that cannot be".into()));
        }
        let other = r#"{"glmdata_benchmark_pack":2}"#;
        let hash = hash64(other.as_bytes());
        let line = format!("{}{CHECK}{hash:016x}\"}}\n", &other[..other.len() - 1]);
        assert_eq!(item_of(line.as_bytes()), Err("version 2".into()));
    }
}
