//! Files that stages wrote and later ones read back: damage is told as damage.
//!
//! The first byte names the kind of file. A file of a unit ends in a checksum, which no check repairs:
//! bytes behind a checksum that is right are the bytes that were written.

use std::collections::HashMap;

use glmdata_base::{Cancel, Error, MemoryBudget, Progress, Result};
use glmdata_bpe::{Corpus, Counting};
use glmdata_io::UnitFile;
use glmdata_pack::{Survey, read_factors};

use crate::place::file_of;

/// The fingerprint of the seed of a unit's file.
pub(crate) const FINGERPRINT: &str = "seed";
/// Memory that a survey may take.
const BUDGET: u64 = 64 << 20;

pub(crate) fn check(data: &[u8]) {
    let Some((&choice, content)) = data.split_first() else { return };
    match choice & 3 {
        0 => {
            let path = file_of("inventory/zh.arrow", content);
            let folder = path.parent().expect("a file has a folder").to_path_buf();
            is_told(Corpus::read(&[folder], Counting::default()));
        }
        1 => {
            let path = file_of("shard.arrow", content);
            let (budget, cancel) = (MemoryBudget::new(BUDGET), Cancel::new());
            let factors = HashMap::new();
            is_told(Survey::read(&[path], &factors, 1, &budget, &cancel, &Progress::new()));
        }
        2 => is_told(read_factors(&file_of("clusters.arrow", content), &[(1, 2), (10, 3)])),
        _ => {
            let path = file_of("unit-000000.scan", content);
            if let Some(file) = UnitFile::open(&path, FINGERPRINT, None) {
                file.for_each(is_told);
            }
        }
    }
}

/// A file may be refused, but in the words of an error that speaks of files.
fn is_told<T>(result: Result<T>) {
    match result {
        Ok(_)
        | Err(
            Error::Corrupt { .. }
            | Error::Input { .. }
            | Error::Config { .. }
            | Error::Budget { .. },
        ) => {}
        Err(error) => panic!("{error}"),
    }
}
