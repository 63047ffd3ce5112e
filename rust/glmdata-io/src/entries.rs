//! The second half of [`discover`](crate::discover()): an entry of a folder becomes an input file, an event
//! or a note.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use glmdata_base::{Error, Result};

use super::{Discovered, Finder, Taken};
use crate::delivery::{copy_of, modified_ns, patiently};
use crate::input::{Compression, Format, InputFile, READABLE, Vouched, classify};
use crate::quarantine::{QuarantineEvent, Reason};
use crate::roots::Root;
use crate::sniff::{Sniffed, head_of, packed_layout, sniff};

/// What is known of an entry before it is opened.
#[derive(Default)]
pub(super) struct Known {
    /// What the manifest of its stage says of it.
    pub(super) vouched: Option<Vouched>,
    /// The user named the file itself.
    pub(super) is_named: bool,
    pub(super) is_link: bool,
}

impl Finder {
    /// A file, special file or link target.
    pub(super) fn entry(
        &mut self,
        root: &Root,
        path: &Path,
        relative: String,
        metadata: &Metadata,
        known: Known,
    ) -> Result<()> {
        if known.vouched.is_some() && (!metadata.is_file() || metadata.len() == 0) {
            let reason = "expected a file of the stage that the folder holds";
            return Err(Error::corrupt(path, reason));
        }
        if !metadata.is_file() {
            self.event(root, relative, Reason::SpecialFile, None, &"a FIFO, socket or device");
            return Ok(());
        }
        let named = classify(&relative);
        if named.is_none() && !known.is_named {
            self.notes.add(root, &relative, "no reader for this ending, passed over");
            return Ok(());
        }
        if metadata.len() == 0 {
            self.notes.add(root, &relative, "empty, nothing to read");
            return Ok(());
        }
        let opened = patiently(|| Ok((head_of(File::open(path)?)?, fs::canonicalize(path)?)));
        let (head, real) = match opened {
            Ok(opened) => opened,
            // A stage can be read, or the run ends.
            Err(e) if known.vouched.is_some() => return Err(Error::storage("read", path, e)),
            Err(e) => return self.refused(root, path, relative, &e),
        };
        let (format, compression, note) = match sniff(named, &head) {
            Sniffed::As(format, compression, note) => (format, compression, note),
            Sniffed::Foreign(_) if named.is_none() => {
                let reason = format!("no reader for this ending; what can be read: {READABLE}");
                return Err(Error::Input { path: path.to_path_buf(), reason });
            }
            Sniffed::Foreign(what) => {
                self.event(root, relative, Reason::WrongFormat, Some(metadata.len()), &what);
                return Ok(());
            }
        };
        if let Some(note) = note {
            self.notes.add(root, &relative, &note);
        }
        let mut file = InputFile {
            root: root.label.clone(),
            relative,
            path: path.to_path_buf(),
            format,
            compression,
            bytes: metadata.len(),
            modified_ns: modified_ns(metadata),
            vouched: known.vouched,
        };
        let is_json = || {
            let lower = file.relative.to_ascii_lowercase();
            let stem = lower.rsplit_once('.').map_or("", |(stem, _)| stem);
            stem.rsplit_once('.').is_some_and(|(_, ending)| ending == "json")
        };
        if format == Format::Jsonl && compression != Compression::None && is_json() {
            file.format = packed_layout(&file);
        }
        self.take(real, Taken { is_link: known.is_link, file });
        Ok(())
    }

    /// Keep one name of each real file: a name of its own before a link, then the smallest.
    fn take(&mut self, real: PathBuf, found: Taken) {
        fn rank(taken: &Taken) -> (bool, &str, &str) {
            (taken.is_link, &taken.file.relative, &taken.file.root)
        }
        let Some(held) = self.taken.get_mut(&real) else {
            self.taken.insert(real, found);
            return;
        };
        if rank(&found) == rank(held) {
            return;
        }
        let loser = if rank(&found) < rank(held) { std::mem::replace(held, found) } else { found };
        let why = format!("the same file as {}/{}, read once", held.file.root, held.file.relative);
        self.notes.add_named(format!("{}/{}", loser.file.root, loser.file.relative), &why);
    }

    /// What the system says no to is an event; what it cannot deliver ends the run.
    pub(super) fn refused(
        &mut self,
        root: &Root,
        path: &Path,
        relative: String,
        error: &io::Error,
    ) -> Result<()> {
        if error.kind() != ErrorKind::PermissionDenied {
            return Err(Error::storage("read", path, copy_of(error)));
        }
        let bytes = fs::metadata(path).ok().filter(Metadata::is_file).map(|found| found.len());
        self.event(root, relative, Reason::UnreadableFile, bytes, error);
        Ok(())
    }

    pub(super) fn event(
        &mut self,
        root: &Root,
        relative: String,
        kind: Reason,
        bytes: Option<u64>,
        detail: &dyn Display,
    ) {
        self.events.push(QuarantineEvent {
            root: root.label.clone(),
            relative,
            kind,
            offset: None,
            row: None,
            rows: None,
            bytes,
            detail: detail.to_string(),
            sample: String::new(),
        });
    }

    pub(super) fn finish(self) -> Discovered {
        let Self { taken, mut events, mut notes, .. } = self;
        let links = taken.values().filter(|taken| taken.is_link).count();
        if links > 0 {
            notes.add_named(
                format!("{links} files"),
                "read through links (--links inside reads none that lead out)",
            );
        }
        let mut files: Vec<_> = taken.into_values().map(|taken| taken.file).collect();
        files.sort_by(|a, b| (&a.relative, &a.root).cmp(&(&b.relative, &b.root)));
        let key = |e: &QuarantineEvent| (e.relative.clone(), e.root.clone(), e.kind);
        events.sort_by_cached_key(key);
        events.dedup();
        Discovered { files, events, notes: notes.finish() }
    }
}

/// The path below the root with '/' between its parts; bytes that are not UTF-8 as `\xff`.
pub(super) fn relative_name(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let mut name = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        name.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    name
}

pub(super) fn passed_over(name: &OsStr) -> bool {
    matches!(name.as_bytes().first(), Some(b'.' | b'_'))
}

/// Whether one of the paths is the entry or lies in it.
pub(super) fn leads_to(paths: &[String], name: &str) -> bool {
    paths.iter().any(|path| path == name || rest_of(path, name).is_some())
}

/// The path below the folder `name`, if it leads through it.
pub(super) fn rest_of(path: &str, name: &str) -> Option<String> {
    Some(path.strip_prefix(name)?.strip_prefix('/')?.to_owned())
}
