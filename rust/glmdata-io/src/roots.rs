//! From what the user named to input roots: each with a label, and what to look at below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use glmdata_base::{Error, Result};

use crate::pattern::Pattern;

/// One input root.
#[derive(Debug)]
pub(crate) struct Root {
    /// Last path component, made unique.
    pub(crate) label: String,
    /// As the user named it.
    pub(crate) path: PathBuf,
    /// Without links.
    pub(crate) real: PathBuf,
    /// Files named themselves; they lie directly in the root.
    pub(crate) named: Vec<PathBuf>,
    /// The root itself if it was named as a folder.
    pub(crate) folders: Vec<PathBuf>,
    /// Patterns relative to the root, with their spelling for messages.
    pub(crate) globs: Vec<(PathBuf, Pattern)>,
}

impl Root {
    fn new(path: PathBuf, real: PathBuf) -> Self {
        let (named, folders, globs) = (Vec::new(), Vec::new(), Vec::new());
        Self { label: String::new(), path, real, named, folders, globs }
    }
}

/// Group `inputs` by root. A file belongs to the folder it lies in, a glob to the longest folder
/// before its first wildcard, so that `crawl/`, `crawl/*` and `crawl/a.jsonl` give a record the
/// same root and path.
pub(crate) fn resolve_roots(inputs: &[PathBuf]) -> Result<Vec<Root>> {
    let mut roots: BTreeMap<PathBuf, Root> = BTreeMap::new();
    let mut sorted: Vec<_> = inputs.iter().collect();
    sorted.sort();
    sorted.dedup();
    for input in sorted {
        match fs::metadata(input) {
            Ok(metadata) if metadata.is_dir() => {
                let root = root_of(&mut roots, input, input)?;
                if root.folders.is_empty() {
                    root.folders.push(root.path.clone());
                }
            }
            Ok(_) => {
                let root = root_of(&mut roots, folder_of(input), input)?;
                let name = input.file_name().unwrap_or_default();
                root.named.push(root.path.join(name));
            }
            Err(_) if is_pattern(input) => {
                let (folder, pattern) = split_pattern(input);
                let glob = Pattern::compile(input, &pattern)?;
                root_of(&mut roots, &folder, input)?.globs.push((input.clone(), glob));
            }
            Err(e) => {
                // A link to nothing is an input that does not exist, too.
                return Err(missing(input, &e));
            }
        }
    }
    let mut roots: Vec<Root> = roots.into_values().collect();
    label(&mut roots);
    Ok(roots)
}

fn missing(input: &Path, error: &std::io::Error) -> Error {
    let reason = if error.kind() == std::io::ErrorKind::NotFound {
        let mut above = input.ancestors().skip(1).filter(|path| *path != Path::new(""));
        match above.find(|path| path.exists()) {
            Some(folder) => format!("does not exist; `{}` does", folder.display()),
            None => "does not exist".to_owned(),
        }
    } else {
        error.to_string()
    };
    Error::Input { path: input.to_path_buf(), reason }
}

fn root_of<'a>(
    roots: &'a mut BTreeMap<PathBuf, Root>,
    folder: &Path,
    input: &Path,
) -> Result<&'a mut Root> {
    let real = fs::canonicalize(folder).map_err(|e| missing(input, &e))?;
    Ok(roots.entry(real.clone()).or_insert_with(|| Root::new(folder.to_path_buf(), real)))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// The folder before the first component with a wildcard, and the rest.
fn split_pattern(path: &Path) -> (PathBuf, String) {
    let mut folder = PathBuf::new();
    let mut components = path.components().peekable();
    while let Some(component) = components.next_if(|part| !is_pattern(Path::new(part))) {
        folder.push(component);
    }
    if folder == Path::new("") {
        folder.push(".");
    }
    let rest: PathBuf = components.collect();
    (folder, rest.to_string_lossy().into_owned())
}

/// Name each root by its last component; equal names get `#2`, `#3`, ... in the order of the
/// paths as the user spelled them, which does not change when the data moves.
fn label(roots: &mut [Root]) {
    roots.sort_by(|a, b| (&a.path, &a.real).cmp(&(&b.path, &b.real)));
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    for root in roots {
        let last = root.path.components().next_back();
        let name = match last {
            Some(Component::Normal(name)) => Some(name.to_owned()),
            _ => root.real.file_name().map(std::ffi::OsStr::to_owned),
        };
        let name = name.map_or_else(|| "input".to_owned(), |n| n.to_string_lossy().into_owned());
        let count = used.entry(name.clone()).or_insert(0);
        *count += 1;
        root.label = if *count == 1 { name } else { format!("{name}#{count}") };
    }
}
