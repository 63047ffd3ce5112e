//! Finds the input files below what the user named.
//!
//! [`discover`] is the first step of every stage. Links inside a root are taken only if they lead
//! to a file of the same root, folders behind links are never entered, and each real file is read
//! once, so no arrangement of links makes the walk run in circles or leave the root.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, File, FileType, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use glmdata_base::{Error, Result};
use walkdir::WalkDir;

use crate::input::{Format, InputFile, classify};
use crate::quarantine::{QuarantineEvent, Reason};
use crate::roots::{Root, resolve_roots};

/// What [`discover`] found.
#[derive(Clone, Debug, Default)]
pub struct Discovered {
    /// Files to read, sorted by (relative, root).
    pub files: Vec<InputFile>,
    /// Files that cannot be read, sorted likewise.
    pub events: Vec<QuarantineEvent>,
    /// What was passed over, and why; sorted.
    pub notes: Vec<String>,
}

/// Find the files to read. `inputs` are files, folders and globs, in any order.
///
/// The same real file named twice is kept once. Unknown endings, hidden files and files whose name
/// starts with `_` are passed over with a note; what cannot be opened or leads out of its root is
/// an event. An input that does not exist, or a glob that matches nothing, is [`Error::Input`].
pub fn discover(inputs: &[PathBuf]) -> Result<Discovered> {
    let mut finder = Finder::default();
    for root in resolve_roots(inputs)? {
        for named in &root.named {
            finder.named_file(&root, named);
        }
        for folder in &root.folders {
            finder.walk(&root, folder, None);
        }
        for (pattern, glob) in &root.globs {
            let seen = finder.seen;
            finder.walk(&root, &root.path, Some(glob));
            if finder.seen == seen {
                return Err(Error::Input {
                    path: pattern.clone(),
                    reason: "no file matches this pattern; quote it if the shell changed it"
                        .to_owned(),
                });
            }
        }
    }
    Ok(finder.finish())
}

/// A file that is taken, with what decides between two names of it.
struct Taken {
    is_link: bool,
    file: InputFile,
}

#[derive(Default)]
struct Finder {
    /// By real path.
    taken: BTreeMap<PathBuf, Taken>,
    events: Vec<QuarantineEvent>,
    notes: Vec<String>,
    /// Entries looked at.
    seen: u64,
}

impl Finder {
    /// A file that the user named: links are followed, its name may be hidden.
    fn named_file(&mut self, root: &Root, path: &Path) {
        self.seen += 1;
        let relative = relative_name(&root.path, path);
        match fs::metadata(path) {
            Ok(metadata) => self.entry(root, path, relative, &metadata, false),
            Err(e) => self.event(root, relative, Reason::UnreadableFile, &e),
        }
    }

    /// Everything below `folder`; with a glob, only what it matches.
    fn walk(&mut self, root: &Root, folder: &Path, glob: Option<&globset::GlobMatcher>) {
        let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) => {
                    self.seen += 1;
                    let path = e.path().unwrap_or(folder).to_path_buf();
                    let relative = relative_name(&root.path, &path);
                    self.event(root, relative, Reason::UnreadableFile, &e);
                    continue;
                }
            };
            if entry.depth() == 0 {
                continue;
            }
            let relative = relative_name(&root.path, entry.path());
            let file_type = entry.file_type();
            if passed_over(entry.file_name()) {
                if file_type.is_dir() {
                    walk.skip_current_dir();
                }
                if glob.is_none_or(|glob| matches_glob(glob, &relative)) {
                    self.note(root, &relative, "hidden or named _*, passed over");
                }
                continue;
            }
            if glob.is_some_and(|glob| !matches_glob(glob, &relative)) {
                continue;
            }
            if file_type.is_dir() {
                if classify(&relative).is_some() {
                    self.note(root, &relative, "a folder, not a file; what lies in it is read");
                }
                continue;
            }
            self.seen += 1;
            self.walked(root, entry.path(), relative, file_type);
        }
    }

    /// A walked entry that is no folder.
    fn walked(&mut self, root: &Root, path: &Path, relative: String, file_type: FileType) {
        if !file_type.is_symlink() {
            match fs::symlink_metadata(path) {
                Ok(metadata) => self.entry(root, path, relative, &metadata, false),
                Err(e) => self.event(root, relative, Reason::UnreadableFile, &e),
            }
            return;
        }
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(e) => {
                let kind = match e.kind() {
                    ErrorKind::NotFound => Reason::DanglingLink,
                    ErrorKind::PermissionDenied => Reason::UnreadableFile,
                    // ELOOP has no stable ErrorKind; nothing else is left for a link.
                    _ => Reason::LinkLoop,
                };
                return self.event(root, relative, kind, &e);
            }
        };
        if !real.starts_with(&root.real) {
            let detail = "leads out of the input root; name its target as an input to read it";
            return self.event(root, relative, Reason::LinkOutsideRoot, &detail);
        }
        match fs::metadata(&real) {
            Ok(metadata) if metadata.is_dir() => {
                let here = path.parent().and_then(|folder| fs::canonicalize(folder).ok());
                if here.is_some_and(|here| here.starts_with(&real)) {
                    let detail = "leads to a folder it lies in";
                    self.event(root, relative, Reason::LinkLoop, &detail);
                } else {
                    let why = "a link to a folder of the same root, which is read there";
                    self.note(root, &relative, why);
                }
            }
            Ok(metadata) => self.entry(root, path, relative, &metadata, true),
            Err(e) => self.event(root, relative, Reason::UnreadableFile, &e),
        }
    }

    /// A file, special file or named link target.
    fn entry(
        &mut self,
        root: &Root,
        path: &Path,
        relative: String,
        metadata: &Metadata,
        is_link: bool,
    ) {
        if !metadata.is_file() {
            let detail = "a FIFO, socket or device";
            return self.event(root, relative, Reason::SpecialFile, &detail);
        }
        let Some((format, compression)) = classify(&relative) else {
            return self.note(root, &relative, "no reader for this ending, passed over");
        };
        if metadata.len() == 0 {
            return self.note(root, &relative, "empty, nothing to read");
        }
        let opened =
            File::open(path).and_then(|file| Ok((first_bytes(file)?, fs::canonicalize(path)?)));
        let (first, real) = match opened {
            Ok(opened) => opened,
            Err(e) => return self.event(root, relative, Reason::UnreadableFile, &e),
        };
        let named_arrow = Path::new(&relative)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("arrow"));
        let format = match format {
            Format::ArrowFile if named_arrow && &first != b"ARROW1" => Format::ArrowStream,
            format => format,
        };
        let modified = metadata.modified().ok();
        let file = InputFile {
            root: root.label.clone(),
            relative,
            path: path.to_path_buf(),
            format,
            compression,
            bytes: metadata.len(),
            modified_ns: modified
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(0, |since| since.as_nanos()),
        };
        self.take(real, Taken { is_link, file });
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
        let note = format!(
            "{}/{}: the same file as {}/{}, read once",
            loser.file.root, loser.file.relative, held.file.root, held.file.relative
        );
        self.notes.push(note);
    }

    fn event(&mut self, root: &Root, relative: String, kind: Reason, detail: &dyn Display) {
        self.events.push(QuarantineEvent {
            root: root.label.clone(),
            relative,
            kind,
            offset: None,
            row: None,
            detail: detail.to_string(),
            sample: String::new(),
        });
    }

    fn note(&mut self, root: &Root, relative: &str, why: &str) {
        self.notes.push(format!("{}/{relative}: {why}", root.label));
    }

    fn finish(self) -> Discovered {
        let Self { taken, mut events, mut notes, .. } = self;
        let mut files: Vec<_> = taken.into_values().map(|taken| taken.file).collect();
        files.sort_by(|a, b| (&a.relative, &a.root).cmp(&(&b.relative, &b.root)));
        let key = |e: &QuarantineEvent| (e.relative.clone(), e.root.clone(), e.kind);
        events.sort_by_cached_key(key);
        events.dedup();
        notes.sort();
        notes.dedup();
        Discovered { files, events, notes }
    }
}

/// The path below the root with '/' between its parts; bytes that are not UTF-8 as `\xff`.
fn relative_name(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut name = String::new();
    for chunk in below.as_os_str().as_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        name.push_str(&chunk.invalid().escape_ascii().to_string());
    }
    name
}

fn passed_over(name: &OsStr) -> bool {
    matches!(name.as_bytes().first(), Some(b'.' | b'_'))
}

/// Whether a glob matches a path or one of the folders it lies in.
fn matches_glob(glob: &globset::GlobMatcher, relative: &str) -> bool {
    let folders = relative.match_indices('/').map(|(at, _)| &relative[..at]);
    folders.chain(std::iter::once(relative)).any(|path| glob.is_match(path))
}

/// The first six bytes, zeros where the file is shorter.
fn first_bytes(mut file: File) -> std::io::Result<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut held = 0;
    while held < bytes.len() {
        match file.read(&mut bytes[held..])? {
            0 => break,
            read => held += read,
        }
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
