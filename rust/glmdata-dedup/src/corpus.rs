//! Names of documents: the key, id and origin under which files speak of document number `i`.

use glmdata_base::doc_key;
use glmdata_io::{InputFile, Unit};

use crate::table::Table;

/// A scanned corpus: the inputs, and where each unit's documents start in the table.
#[derive(Debug)]
pub(crate) struct Corpus<'a> {
    pub(crate) files: &'a [InputFile],
    pub(crate) units: &'a [Unit],
    /// First document of every unit, and one past the last.
    pub(crate) first_of_unit: Vec<u32>,
    pub(crate) table: Table,
    /// Units of this crawl; those behind them are of earlier ones (`index.rs`).
    pub(crate) new_units: usize,
    /// Keys of the documents of earlier crawls, which stand behind the new ones.
    pub(crate) earlier: Vec<[u8; 16]>,
}

impl Corpus<'_> {
    /// The files of this crawl.
    pub(crate) fn new_files(&self) -> &[InputFile] {
        let end = self.units.get(self.new_units).map_or(self.files.len(), |unit| unit.file);
        &self.files[..end]
    }

    /// How many documents are of this crawl.
    pub(crate) fn new_documents(&self) -> u32 {
        (self.table.len() - self.earlier.len()) as u32
    }

    /// The file that document `i` was read from.
    pub(crate) fn file_of(&self, i: u32) -> &InputFile {
        let unit = self.first_of_unit.partition_point(|&first| first <= i) - 1;
        &self.files[self.units[unit].file]
    }

    /// Key of document `i`: xxh3-128 of root label, relative path and row.
    pub(crate) fn key(&self, i: u32) -> [u8; 16] {
        if let Some(key) = i.checked_sub(self.new_documents()) {
            return self.earlier[key as usize];
        }
        let file = self.file_of(i);
        doc_key(&file.root, &file.relative, self.table.row[i as usize])
    }

    /// Id of document `i`: as given, else `relative/path#row`.
    pub(crate) fn id(&self, i: u32) -> String {
        match self.table.ids.get(i as usize) {
            "" => format!("{}#{}", self.file_of(i).relative, self.table.row[i as usize]),
            id => id.to_owned(),
        }
    }

    /// `root/relative` of the file of document `i`.
    pub(crate) fn origin_file(&self, i: u32) -> String {
        let file = self.file_of(i);
        format!("{}/{}", file.root, file.relative)
    }
}
