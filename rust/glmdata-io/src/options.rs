//! How records are mapped to documents: field names, source rules, limits.

use glmdata_base::{Error, Result};

use crate::blocks::BlockMemory;
use crate::source::SourceRule;

/// The names of a field: the first that a record has, and that is not null, counts.
///
/// `data.text` is the field `text` of the field `data`, unless a record has a field of that whole name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    names: Vec<String>,
}

impl Field {
    /// Names between commas.
    ///
    /// # Errors
    /// [`Error::Config`] for `option` if a name is empty.
    pub fn parse(option: &str, names: &str) -> Result<Self> {
        let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(|name| name.is_empty() || name.split('.').any(str::is_empty)) {
            let expected = "a field, a path such as data.text, or several between commas";
            return Err(Error::config(option, expected, names.join(",")));
        }
        Ok(Self { names })
    }

    /// A field of one name, taken as it is.
    pub fn named(name: &str) -> Self {
        Self { names: vec![name.to_owned()] }
    }

    /// No field: its column stays empty.
    pub fn none() -> Self {
        Self { names: Vec::new() }
    }

    /// Names and paths, the one that counts most first.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a name among them.
    #[inline]
    pub(crate) fn rank(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }

    /// The names that may be paths, with their places.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (usize, &str)> {
        let with_place = self.names.iter().enumerate();
        with_place.filter(|(_, name)| name.contains('.')).map(|(at, name)| (at, name.as_str()))
    }

    /// For messages: `text`, or `text or content`.
    pub fn shown(&self) -> String {
        self.names.join("` or `")
    }
}

/// How a text file is cut into documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// The whole file is one document.
    #[default]
    File,
    /// Every line is one; blank lines are none.
    Line,
    /// Blank lines stand between them, as in CC-100.
    Blank,
}

impl Split {
    /// By the name that the user gives.
    ///
    /// # Errors
    /// [`Error::Config`] for another name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "file" => Ok(Self::File),
            "line" => Ok(Self::Line),
            "blank" => Ok(Self::Blank),
            _ => Err(Error::config("split", "file, line or blank", name)),
        }
    }
}

/// Which links are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// All of them; every real file and folder is read once.
    #[default]
    Follow,
    /// Links that the user names, and links inside of a tree that lead to a file of the same tree.
    Inside,
}

impl Links {
    /// By the name that the user gives.
    ///
    /// # Errors
    /// [`Error::Config`] for another name.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "follow" => Ok(Self::Follow),
            "inside" => Ok(Self::Inside),
            _ => Err(Error::config("links", "follow or inside", name)),
        }
    }
}

/// Options of [`discover`](crate::discover) and [`read_unit`](crate::read_unit).
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Field that holds the text; a record without it is quarantined.
    pub text_field: Field,
    /// Field that holds the id.
    pub id_field: Field,
    /// Field that holds the source.
    pub source_field: Field,
    /// Field that holds the language.
    pub lang_field: Field,
    /// Field that holds the URL.
    pub url_field: Field,
    /// Rules that name the source by path or host; the first match goes before the source field.
    pub source_rules: Vec<SourceRule>,
    /// Which links are followed.
    pub links: Links,
    /// How a text file is cut into documents.
    pub split: Split,
    /// Longest record in bytes; longer ones are quarantined without being held in memory.
    pub max_record: u64,
    /// Largest window in bytes that a zstd frame may ask for.
    pub zst_window: u64,
    /// What single large pages and batches of column files are charged to.
    pub blocks: BlockMemory,
    /// Text bytes a batch, about. Never changes any value, only where batches end.
    pub batch_bytes: usize,
}

/// What `zstd -d` allows without a flag.
pub const ZST_WINDOW: u64 = 128 << 20;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            text_field: Field::named("text"),
            id_field: Field::named("id"),
            source_field: Field::named("source"),
            lang_field: Field { names: vec!["lang".to_owned(), "language".to_owned()] },
            url_field: Field::named("url"),
            source_rules: Vec::new(),
            links: Links::Follow,
            split: Split::File,
            max_record: 64 << 20,
            zst_window: ZST_WINDOW,
            blocks: BlockMemory::default(),
            // The allocator gives larger pieces back to the system and gets fresh pages for the next batch.
            batch_bytes: 1 << 20,
        }
    }
}

impl ReadOptions {
    /// The fields that become columns of their own.
    pub(crate) fn fields(&self) -> [&Field; 5] {
        [&self.text_field, &self.id_field, &self.source_field, &self.lang_field, &self.url_field]
    }
}
