//! Stages of our own among the inputs of [`discover`](crate::discover()): their kept documents are read, and
//! what belongs to them is known by the manifest around it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use glmdata_base::{Error, Result};

use super::entries::{Known, relative_name};
use super::{Finder, Glob, Walk};
use crate::delivery::patiently;
use crate::folders::{DOCUMENTS, Stage, is_begun, stage_of, unfinished};
use crate::input::Vouched;
use crate::roots::Root;

impl Finder {
    /// A complete stage: its documents in `data`, checked against its manifest when they are read.
    pub(super) fn stage(
        &mut self,
        root: &Root,
        walk: &Walk,
        data: &Path,
        stage: Stage,
        glob: Glob<'_>,
    ) -> Result<()> {
        let mut documents = 0;
        for (name, vouched) in stage.documents() {
            let path = data.join(name);
            let relative = relative_name(&root.path, &path);
            documents += 1;
            if glob.is_some_and(|glob| !glob.takes(&relative)) {
                continue;
            }
            self.seen += 1;
            let metadata = patiently(|| fs::metadata(&path));
            let metadata = metadata.map_err(|e| Error::storage("read", &path, e))?;
            let vouched = Some(vouched.clone());
            self.entry(root, &path, relative, &metadata, Known { vouched, ..Known::default() })?;
        }
        let (name, relative) = (&stage.name, relative_name(&root.path, &walk.path));
        if documents == 0 && walk.is_named && glob.is_none() {
            let reason =
                format!("a {name} stage without documents; name a stage or files that have some");
            return Err(Error::Input { path: walk.path.clone(), reason });
        }
        let why = if documents == 0 {
            format!("a {name} stage without documents, passed over")
        } else {
            format!("a {name} stage; its kept documents are read, its other files are not")
        };
        self.notes.add(root, &relative, &why);
        if documents > 0 {
            self.stages.push((walk.path.clone(), stage));
        }
        Ok(())
    }

    /// Two stages, one made from the other, hold the same documents twice.
    pub(super) fn refuse_generations(&self) -> Result<()> {
        for (path, stage) in &self.stages {
            for (other, older) in &self.stages {
                // A stage over one of its own kind has the same config as that.
                if path != other && stage.parents.iter().any(|parent| parent.is(older)) {
                    let reason = format!(
                        "was made from {}, which is read as well; name one of them",
                        other.display()
                    );
                    return Err(Error::Input { path: path.clone(), reason });
                }
            }
        }
        Ok(())
    }
}

/// The stage of which a folder that the user named holds the documents.
///
/// # Errors
/// [`Error::Input`] if that is not complete.
pub(super) fn stage_around(walk: &Walk) -> Result<Option<Stage>> {
    if !walk.is_named {
        return Ok(None);
    }
    let real = patiently(|| fs::canonicalize(&walk.path));
    let real = real.map_err(|e| Error::storage("read", &walk.path, e))?;
    let Some(folder) = real.parent() else { return Ok(None) };
    if !real.ends_with(DOCUMENTS) {
        return Ok(None);
    }
    match stage_of(folder)? {
        None if is_begun(folder) => Err(unfinished(folder)),
        stage => Ok(stage),
    }
}

/// Whether a pattern, or no pattern, takes documents of the unfinished stage in `folder`.
pub(super) fn names_documents(root: &Root, folder: &Path, glob: Glob<'_>) -> Result<bool> {
    let Some(glob) = glob else { return Ok(true) };
    let data = folder.join(DOCUMENTS);
    let entries = match patiently(|| fs::read_dir(&data)) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        Err(e) => return Err(Error::storage("read", &data, e)),
    };
    for entry in entries {
        let entry = entry.map_err(|e| Error::storage("read", &data, e))?;
        if glob.takes(&relative_name(&root.path, &entry.path())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the manifest of a stage around a named file says of it: `run.json`, or a file one folder deeper, as all tables are.
pub(super) fn vouched_by_neighbours(path: &Path) -> Result<Option<Vouched>> {
    let mut folder = path.parent();
    for _ in 0..2 {
        let Some(place) = folder else { break };
        let place = if place == Path::new("") { Path::new(".") } else { place };
        if let Some(stage) = stage_of(place)? {
            let name = relative_name(folder.unwrap_or(place), path);
            return Ok(stage.files.get(&name).cloned());
        }
        let is_part = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"part-"));
        if is_part && is_begun(place) {
            return Err(unfinished(place));
        }
        folder = place.parent();
    }
    Ok(None)
}
