//! Finds the input files below what the user named.
//!
//! [`discover`] is the first step of every stage. Links are followed unless the caller says otherwise;
//! each real file is read once and each real folder entered once, so no arrangement of links makes
//! the walk run in circles. Folders that a tool wrote are read as what they are (`folders.rs`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use glmdata_base::{Error, Result};

use crate::delivery::{is_final, patiently};
use crate::folders::{DOCUMENTS, Folder, Stage, unfinished};
use crate::input::{Compression, Format, InputFile, classify};
use crate::notes::Notes;
use crate::options::{Links, ReadOptions, Split, ZST_WINDOW};
use crate::pattern::Pattern;
use crate::quarantine::{QuarantineEvent, Reason};
use crate::roots::{Root, resolve_roots};

#[path = "entries.rs"]
mod entries;
#[path = "stages.rs"]
mod stages;
use entries::{Known, leads_to, passed_over, relative_name, rest_of};
use stages::{names_documents, stage_around, vouched_by_neighbours};

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

impl Discovered {
    /// Fails if there is no file to read.
    ///
    /// # Errors
    /// [`Error::NothingRead`] with what was found instead.
    pub fn refuse_nothing(self) -> Result<Self> {
        if self.files.is_empty() {
            crate::losses::Losses::of(&self.files, &self.events).refuse_nothing(0, &self.notes)?;
        }
        Ok(self)
    }
}

/// Find the files to read. `inputs` are files, folders and globs, in any order.
///
/// Unknown endings, hidden files and files whose name starts with `_` are passed over with a note; what
/// cannot be opened is an event.
///
/// # Errors
/// [`Error::Input`] for an input that does not exist, a glob that matches nothing, a named file or
/// stage without documents; [`Error::Storage`] for what the system cannot deliver.
pub fn discover(inputs: &[PathBuf], options: &ReadOptions) -> Result<Discovered> {
    let mut finder = Finder { links: options.links, ..Finder::default() };
    for root in resolve_roots(inputs)? {
        for named in &root.named {
            finder.named_file(&root, named)?;
        }
        for folder in &root.folders {
            finder.walk(&root, folder, None)?;
        }
        for (pattern, glob) in &root.globs {
            let seen = finder.seen;
            finder.walk(&root, &root.path, Some(glob))?;
            if finder.seen == seen {
                return Err(Error::Input {
                    path: pattern.clone(),
                    reason: "no file matches this pattern; quote it if the shell changed it"
                        .to_owned(),
                });
            }
        }
    }
    finder.refuse_generations()?;
    let mut found = finder.finish();
    tell_unused(&mut found, options);
    Ok(found)
}

/// Options of reading that nothing here is read by.
fn tell_unused(found: &mut Discovered, options: &ReadOptions) {
    let mut tell = |unused: bool, option: &str, kind: &str| {
        if unused {
            found.notes.push(format!("--{option} has no effect: no {kind} file is read"));
        }
    };
    let text = found.files.iter().any(|file| file.format == Format::Text);
    let zst = found.files.iter().any(|file| file.compression == Compression::Zstd);
    tell(options.split != Split::File && !text, "split", ".txt");
    tell(options.zst_window != ZST_WINDOW && !zst, "zst-window", ".zst");
}

/// A file that is taken, with what decides between two names of it.
struct Taken {
    is_link: bool,
    file: InputFile,
}

#[derive(Default)]
struct Finder {
    links: Links,
    /// By real path.
    taken: BTreeMap<PathBuf, Taken>,
    /// Real folders that were entered.
    entered: BTreeSet<PathBuf>,
    /// The same for one pattern, with how much of it was matched: links in a circle end.
    matched: BTreeSet<(PathBuf, usize)>,
    /// Stages that are read, with their folders.
    stages: Vec<(PathBuf, Stage)>,
    events: Vec<QuarantineEvent>,
    notes: Notes,
    /// Entries looked at.
    seen: u64,
}

/// A folder to walk.
struct Walk {
    path: PathBuf,
    /// Paths below it that hold documents; none: all of them.
    only: Option<(Vec<String>, &'static str)>,
    /// The user named it, or a pattern begins at it.
    is_named: bool,
}

type Glob<'a> = Option<&'a Pattern>;

impl Finder {
    /// A file that the user named: its name may be hidden, and its first bytes may tell what it is.
    fn named_file(&mut self, root: &Root, path: &Path) -> Result<()> {
        self.seen += 1;
        let relative = relative_name(&root.path, path);
        match patiently(|| fs::metadata(path)) {
            Ok(metadata) => {
                let vouched = vouched_by_neighbours(path)?;
                self.entry(
                    root,
                    path,
                    relative,
                    &metadata,
                    Known { vouched, is_named: true, is_link: false },
                )
            }
            Err(e) => self.refused(root, path, relative, &e),
        }
    }

    /// Everything below `folder`; with a glob, only what it matches.
    fn walk(&mut self, root: &Root, folder: &Path, glob: Glob<'_>) -> Result<()> {
        self.matched.clear();
        let first = Walk { path: folder.to_path_buf(), only: None, is_named: true };
        let mut open = vec![first];
        // Folders behind links come last, so that a folder's own name goes before a link to it.
        let mut linked = VecDeque::new();
        while let Some(walk) = open.pop().or_else(|| linked.pop_front()) {
            let below = self.folder(root, &walk, glob)?;
            let (links, folders): (Vec<_>, Vec<_>) =
                below.into_iter().partition(|(is_link, _)| *is_link);
            open.extend(folders.into_iter().rev().map(|(_, walk)| walk));
            linked.extend(links.into_iter().map(|(_, walk)| walk));
        }
        Ok(())
    }

    /// The files of one folder; the folders in it come back, each with whether it lies behind a link.
    fn folder(&mut self, root: &Root, walk: &Walk, glob: Glob<'_>) -> Result<Vec<(bool, Walk)>> {
        let relative = relative_name(&root.path, &walk.path);
        let listed = patiently(|| {
            let real = fs::canonicalize(&walk.path)?;
            let entries = fs::read_dir(&walk.path)?;
            let names =
                entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
            Ok((real, names))
        });
        let (real, mut names) = match listed {
            Ok(listed) => listed,
            Err(e) => {
                self.seen += 1;
                self.refused(root, &walk.path, relative, &e)?;
                return Ok(Vec::new());
            }
        };
        let mut is_new = self.entered.insert(real.clone());
        if let Some(glob) = glob {
            is_new = self.matched.insert((real, glob.level(&relative)));
        }
        if !is_new {
            self.notes.add(root, &relative, "a folder that is read already");
            return Ok(Vec::new());
        }
        names.sort();
        let spelled: Vec<_> =
            names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if let Some(stage) = stage_around(walk)? {
            return self.stage(root, walk, &walk.path, stage, glob).map(|()| Vec::new());
        }
        let kind = Folder::of(&walk.path, &spelled)?;
        let mut only = walk.only.clone();
        match kind {
            Folder::Stage(stage) => {
                let data = walk.path.join(DOCUMENTS);
                return self.stage(root, walk, &data, stage, glob).map(|()| Vec::new());
            }
            Folder::Unfinished if names_documents(root, &walk.path, glob)? => {
                return Err(unfinished(&walk.path));
            }
            Folder::Only(ref paths, why) if only.is_none() => {
                only = Some((paths.clone(), why));
                self.tell_missing(root, walk, paths, &spelled);
            }
            _ => {}
        }
        let mut below = Vec::new();
        for name in &names {
            let path = walk.path.join(name);
            let relative = relative_name(&root.path, &path);
            let spelled = name.to_string_lossy();
            let is_wanted = glob.is_none_or(|glob| glob.takes(&relative));
            if glob.is_some_and(|glob| !glob.enters(&relative)) {
                continue;
            }
            let why = match (&only, &kind) {
                _ if passed_over(name) => Some("hidden or named _*, passed over"),
                (Some((paths, why)), _) if !leads_to(paths, &spelled) => Some(*why),
                (None, Folder::Without(is_out, why)) if is_out(&spelled) => Some(*why),
                _ => None,
            };
            if let Some(why) = why {
                if is_wanted {
                    self.notes.add(root, &relative, why);
                }
                continue;
            }
            let next = only.as_ref().and_then(|(paths, why)| {
                let rest: Vec<_> =
                    paths.iter().filter_map(|path| rest_of(path, &spelled)).collect();
                (!rest.is_empty()).then_some((rest, *why))
            });
            let found = patiently(|| fs::symlink_metadata(&path));
            let metadata = match found {
                Ok(metadata) => metadata,
                Err(e) => {
                    self.refused(root, &path, relative, &e)?;
                    continue;
                }
            };
            if metadata.is_dir() {
                if classify(&relative).is_some() && is_wanted {
                    self.notes.add(
                        root,
                        &relative,
                        "a folder, not a file; what lies in it is read",
                    );
                }
                below.push((false, Walk { path, only: next, is_named: false }));
            } else if metadata.is_symlink() {
                if let Some(folder) = self.link(root, &path, &relative, is_wanted)? {
                    below.push((true, Walk { path: folder, only: next, is_named: false }));
                }
            } else if is_wanted {
                self.seen += 1;
                self.entry(root, &path, relative, &metadata, Known::default())?;
            }
        }
        Ok(below)
    }

    /// What a saved dataset lists and does not have.
    fn tell_missing(&mut self, root: &Root, walk: &Walk, paths: &[String], names: &[String]) {
        for path in paths {
            let first = path.split('/').next().unwrap_or(path);
            if !names.iter().any(|name| name == first) {
                let relative = relative_name(&root.path, &walk.path.join(path));
                let detail = "listed by the dataset it belongs to, and not there";
                self.event(root, relative, Reason::UnreadableFile, None, &detail);
            }
        }
    }

    /// A link in a folder; the folder behind it comes back.
    fn link(
        &mut self,
        root: &Root,
        path: &Path,
        relative: &str,
        is_wanted: bool,
    ) -> Result<Option<PathBuf>> {
        let real = match patiently(|| fs::canonicalize(path)) {
            Ok(real) => real,
            Err(e) if !is_wanted && is_final(&e) => return Ok(None),
            Err(e) => {
                let kind = match e.kind() {
                    ErrorKind::NotFound => Reason::DanglingLink,
                    ErrorKind::PermissionDenied => Reason::UnreadableFile,
                    // Too many links has no stable kind; nothing else is left for a link.
                    _ if is_final(&e) => Reason::LinkLoop,
                    _ => return Err(Error::storage("read", path, e)),
                };
                self.seen += 1;
                self.event(root, relative.to_owned(), kind, None, &e);
                return Ok(None);
            }
        };
        let metadata = match patiently(|| fs::metadata(&real)) {
            Ok(metadata) => metadata,
            Err(e) => {
                self.refused(root, path, relative.to_owned(), &e)?;
                return Ok(None);
            }
        };
        if self.links == Links::Inside && (metadata.is_dir() || !real.starts_with(&root.real)) {
            if !is_wanted {
                return Ok(None);
            }
            self.seen += 1;
            if real.starts_with(&root.real) {
                self.notes.add(root, relative, "a link to a folder, not followed (--links inside)");
            } else {
                let detail = "leads out of the input root, not followed (--links inside)";
                self.event(root, relative.to_owned(), Reason::LinkOutsideRoot, None, &detail);
            }
            return Ok(None);
        }
        if metadata.is_dir() {
            return Ok(Some(path.to_path_buf()));
        }
        if is_wanted {
            self.seen += 1;
            let known = Known { is_link: true, ..Known::default() };
            self.entry(root, path, relative.to_owned(), &metadata, known)?;
        }
        Ok(None)
    }
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
