//! Folders that a tool wrote, read as what they are: which of their files hold documents.
//!
//! | folder | known by | documents |
//! |---|---|---|
//! | a stage of our own | `manifest.json` | the `data/part-*` that it lists, checked against it |
//! | `Dataset.save_to_disk` | `state.json` | the files that it lists |
//! | `DatasetDict.save_to_disk` | `dataset_dict.json` | its splits |
//! | a cache of `datasets` | `dataset_info.json` | all but `cache-*` and `tmp*` |
//! | a repository in the hub's cache | `blobs`, `refs`, `snapshots` | the snapshot of `refs/main` |

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use glmdata_base::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::delivery::patiently;
use crate::input::Vouched;

/// Larger files of these names are somebody's documents.
const MAX_SIDECAR_BYTES: u64 = 256 << 20;

/// The folder of a stage with its kept documents, and nothing else: other tools read all of it.
pub const DOCUMENTS: &str = "data";

/// Of `manifest.json`; a layout that readers must know of raises it.
const FORMAT_VERSION: u64 = 2;

/// Stages with one folder a source, which may be called [`DOCUMENTS`] and holds no documents.
const BY_SOURCE: [&str; 2] = ["shard", "export"];

/// What a folder is.
#[derive(Debug)]
pub(crate) enum Folder {
    /// Nobody's.
    Plain,
    /// A complete stage.
    Stage(Stage),
    /// A stage that is not complete.
    Unfinished,
    /// Only these paths below it hold documents; the rest is passed over for the reason given.
    Only(Vec<String>, &'static str),
    /// All but these hold documents.
    Without(fn(&str) -> bool, &'static str),
}

/// A complete stage, as its manifest tells.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    config_sha256: String,
    inputs_sha256: String,
    /// Stages that it was made from.
    pub(crate) parents: Vec<Parent>,
    /// Its files, by path below the folder.
    pub(crate) files: BTreeMap<String, Vouched>,
}

impl Stage {
    /// The files with documents, by their names in [`DOCUMENTS`].
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, &Vouched)> {
        let has_some = !BY_SOURCE.contains(&self.name.as_str());
        let files = self.files.iter().filter(move |_| has_some);
        files.filter_map(|(path, vouched)| {
            Some((path.strip_prefix(DOCUMENTS)?.strip_prefix('/')?, vouched))
        })
    }
}

/// The parts of a manifest that matter to a reader.
#[derive(Deserialize)]
struct Manifest {
    format_version: u64,
    stage: String,
    status: String,
    config_sha256: String,
    #[serde(default)]
    inputs_sha256: String,
    #[serde(default)]
    parents: Vec<Parent>,
    files: Vec<ManifestFile>,
}

/// A stage by its name, its config and what it has read.
#[derive(Debug, Deserialize)]
pub(crate) struct Parent {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    config_sha256: String,
    /// Earlier versions did not write it.
    #[serde(default)]
    inputs_sha256: String,
}

impl Parent {
    /// Whether this may be `stage`.
    pub(crate) fn is(&self, stage: &Stage) -> bool {
        let by_inputs = self.inputs_sha256.is_empty() || self.inputs_sha256 == stage.inputs_sha256;
        self.stage == stage.name && self.config_sha256 == stage.config_sha256 && by_inputs
    }
}

#[derive(Deserialize)]
struct ManifestFile {
    path: String,
    sha256: String,
    #[serde(default)]
    rows: Option<u64>,
}

impl Folder {
    /// What the folder is whose entries have these names.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be read, [`Error::Input`] for a cache with several revisions,
    /// [`Error::Corrupt`] for a stage without a legible manifest.
    pub(crate) fn of(path: &Path, names: &[String]) -> Result<Self> {
        let has = |name: &str| names.iter().any(|own| own == name);
        if has("manifest.json")
            && let Some(stage) = stage_of(path)?
        {
            return Ok(Self::Stage(stage));
        }
        if has(".work") && is_begun(path) {
            return Ok(Self::Unfinished);
        }
        // Every stage writes both. Without its manifest nobody knows which documents it kept.
        if has("run.json") && has("report.json") {
            let reason = "the folder holds a stage, and its manifest is gone or damaged";
            return Err(Error::corrupt(&path.join("manifest.json"), reason));
        }
        if has("state.json")
            && let Some(state) = json_of(&path.join("state.json"))?
            && let Some(files) = state.get("_data_files").and_then(Value::as_array)
        {
            let chosen = state.get("_indices_data_files").and_then(Value::as_array);
            if chosen.is_some_and(|files| !files.is_empty()) {
                let reason = "a saved dataset whose rows an index chooses: save it again after \
                              flatten_indices()";
                return Err(Error::Input { path: path.to_path_buf(), reason: reason.to_owned() });
            }
            let names =
                files.iter().filter_map(|file| Some(file.get("filename")?.as_str()?.to_owned()));
            return Ok(Self::Only(names.collect(), "beside the files of a saved dataset"));
        }
        if has("dataset_dict.json")
            && let Some(splits) = json_of(&path.join("dataset_dict.json"))?
            && let Some(splits) = splits.get("splits").and_then(Value::as_array)
        {
            let names = splits.iter().filter_map(|split| split.as_str().map(str::to_owned));
            return Ok(Self::Only(names.collect(), "beside the splits of a saved dataset"));
        }
        if has("blobs") && has("snapshots") {
            return hub_repository(path);
        }
        if has("dataset_info.json") {
            let derived = |name: &str| {
                name.starts_with("cache-") || name.starts_with("tmp") || is_sidecar(name)
            };
            return Ok(Self::Without(derived, "made from the dataset beside it, or about it"));
        }
        let sidecar = |name: &str| is_sidecar(name) || name == "version.txt";
        if names.iter().any(|name| is_sidecar(name) || name.starts_with("datasets--")) {
            return Ok(Self::Without(sidecar, "about the data, no documents"));
        }
        Ok(Self::Plain)
    }
}

/// Whether a stage was begun in the folder; with a manifest it is complete all the same.
pub(crate) fn is_begun(path: &Path) -> bool {
    path.join(".work/start.json").exists()
}

/// What is said of a stage that is not complete, whatever of it was named.
pub(crate) fn unfinished(path: &Path) -> Error {
    let reason = "an unfinished stage; finish it with the command that began it".to_owned();
    Error::Input { path: path.to_path_buf(), reason }
}

/// Files that the hub's tools put beside data.
fn is_sidecar(name: &str) -> bool {
    matches!(name, "dataset_info.json" | "dataset_infos.json" | "dataset_dict.json")
}

/// The stage whose manifest lies in `path`; `None` if it is somebody else's `manifest.json`.
///
/// # Errors
/// [`Error::Storage`] if it cannot be read, [`Error::Input`] if another version of ours wrote it.
pub(crate) fn stage_of(path: &Path) -> Result<Option<Stage>> {
    let Some(value) = json_of(&path.join("manifest.json"))? else { return Ok(None) };
    let Ok(manifest) = serde_json::from_value::<Manifest>(value) else { return Ok(None) };
    if manifest.status != "complete" {
        return Ok(None);
    }
    if manifest.format_version != FORMAT_VERSION {
        let reason = format!(
            "a stage of format {}; this version reads format {FORMAT_VERSION}: make the stage anew \
             with --fresh",
            manifest.format_version
        );
        return Err(Error::Input { path: path.to_path_buf(), reason });
    }
    let Manifest { stage: name, config_sha256, inputs_sha256, parents, files, .. } = manifest;
    let files = files.into_iter().map(|file| {
        let ManifestFile { path, sha256, rows } = file;
        (path, Vouched { stage: name.clone(), sha256, rows })
    });
    let files = files.collect();
    Ok(Some(Stage { name, config_sha256, inputs_sha256, parents, files }))
}

/// A file as JSON; `None` if it is not there, is none, or is too large to be what it is taken for.
fn json_of(path: &Path) -> Result<Option<Value>> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_SIDECAR_BYTES => {
                fs::read(path).map(Some)
            }
            Ok(_) => Ok(None),
            Err(e) => Err(e),
        }
    };
    match patiently(read) {
        Ok(bytes) => Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok())),
        // Whoever walks the folder meets the file and tells that it cannot be opened.
        Err(e) if crate::delivery::is_final(&e) => Ok(None),
        Err(e) => Err(Error::storage("read", path, e)),
    }
}

/// The snapshot that a repository of the hub's cache stands at.
fn hub_repository(path: &Path) -> Result<Folder> {
    let storage = |e| Error::storage("read", path, e);
    let mut revisions = Vec::new();
    for entry in fs::read_dir(path.join("snapshots")).map_err(storage)? {
        revisions.push(entry.map_err(storage)?.file_name().to_string_lossy().into_owned());
    }
    revisions.sort();
    let main = match fs::read_to_string(path.join("refs/main")) {
        Ok(revision) => Some(revision.trim().to_owned()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(storage(e)),
    };
    let chosen = match (main, revisions.as_slice()) {
        (Some(main), _) if revisions.contains(&main) => main,
        (_, [only]) => only.clone(),
        _ => {
            let reason = format!(
                "a cached repository of {} revisions; name one of them, such as {}",
                revisions.len(),
                revisions.first().map_or_else(String::new, |name| format!("snapshots/{name}"))
            );
            return Err(Error::Input { path: path.to_path_buf(), reason });
        }
    };
    let path = format!("snapshots/{chosen}");
    Ok(Folder::Only(vec![path], "beside the snapshot of a cached repository"))
}
