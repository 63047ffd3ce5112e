//! Files that appear whole or not at all: written beside their place, hashed on the way, fsynced,
//! renamed, and the folder fsynced.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::hash::hex;

/// How the names of unfinished files begin.
const TEMPORARY: &str = ".tmp-";

/// A file under construction. Dropping it without [`commit`](Self::commit) leaves nothing behind.
///
/// Writes go straight to the file: wrap it in a `BufWriter` where they are small.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    temporary: NamedTempFile,
    hasher: Sha256,
    bytes: u64,
}

/// What a finished file looks like in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// sha256 of its content, lower-case hex.
    pub sha256: String,
}

impl AtomicFile {
    /// Start a file that will appear at `target`; its folder is made if it is missing.
    pub fn create(target: &Path) -> Result<Self> {
        let folder = folder_of(target);
        fs::create_dir_all(folder).map_err(|e| Error::storage("create folder", folder, e))?;
        let temporary = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .permissions(readable_mode())
            .tempfile_in(folder)
            .map_err(|e| Error::storage("create", target, e))?;
        Ok(Self { target: target.to_path_buf(), temporary, hasher: Sha256::new(), bytes: 0 })
    }

    /// The place where the file will appear.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flush to the disk and move into place.
    pub fn commit(self) -> Result<WrittenFile> {
        let Self { target, temporary, hasher, bytes } = self;
        temporary.as_file().sync_all().map_err(|e| Error::storage("sync", &target, e))?;
        temporary.persist(&target).map_err(|e| Error::storage("rename", &target, e.error))?;
        sync(folder_of(&target))?;
        Ok(WrittenFile { path: target, bytes, sha256: hex(&hasher.finalize()) })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.temporary.as_file_mut().write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.as_file_mut().flush()
    }
}

/// fsync a file, or a folder with the names in it, so that it survives a power cut.
pub fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|handle| handle.sync_all())
        .map_err(|e| Error::storage("sync", path, e))
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Temporary files start as 0600; results are for the whole team, within its umask.
fn readable_mode() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("deep/part.bin");
        let mut file = AtomicFile::create(&target).unwrap();
        file.write_all(b"abc").unwrap();
        assert!(!target.exists());
        let written = file.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"abc");
        assert_eq!(written.bytes, 3);
        // The FIPS 180-2 example value for "abc".
        assert!(written.sha256.starts_with("ba7816bf8f01cfea"));

        let dropped = AtomicFile::create(&folder.path().join("never")).unwrap();
        drop(dropped);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
