//! The units of texts in normal form, in a file: what a repeated passage is compared with, letter for
//! letter, when the text that has it first is not in memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use glmdata_base::{Error, Result};

/// Bytes that are read at once, at least and at most.
const LEAST: usize = 1 << 12;
const MOST: usize = 1 << 16;

/// No text.
const NONE: u64 = u64::MAX;

/// Writes forms.
pub(crate) struct FormsWriter {
    path: PathBuf,
    file: BufWriter<File>,
    /// Where the forms of each document begin.
    begin: Vec<u64>,
    size: u64,
}

/// Written forms.
pub(crate) struct Forms {
    path: PathBuf,
    file: File,
    begin: Vec<u64>,
    size: u64,
}

impl FormsWriter {
    pub(crate) fn create(folder: &Path, documents: usize) -> Result<Self> {
        let path = folder.join("substrings.forms");
        let options =
            File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let file = options.map_err(|e| Error::storage("create", &path, e))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        Ok(Self { path, file, begin: vec![NONE; documents], size: 0 })
    }

    pub(crate) fn append(&mut self, document: u32, forms: &[u8]) -> Result<()> {
        self.begin[document as usize] = self.size;
        self.size += forms.len() as u64;
        self.file.write_all(forms).map_err(|e| Error::storage("write", &self.path, e))
    }

    pub(crate) fn finish(self) -> Result<Forms> {
        let Self { path, file, begin, size } = self;
        let file = file.into_inner().map_err(|e| Error::storage("write", &path, e.into_error()))?;
        Ok(Forms { path, file, begin, size })
    }
}

/// What was read last: passages of one text are asked for one behind the other.
#[derive(Default)]
pub(crate) struct Chunk {
    at: u64,
    bytes: Vec<u8>,
}

impl Forms {
    /// Whether the forms of `document` from byte `at` on are `own`.
    pub(crate) fn equal(
        &self,
        document: u32,
        at: u32,
        own: &[u8],
        chunk: &mut Chunk,
    ) -> Result<bool> {
        let begin = self.begin[document as usize];
        if begin == NONE {
            return Ok(false);
        }
        let (mut at, mut own) = (begin + u64::from(at), own);
        while !own.is_empty() {
            let known = at.checked_sub(chunk.at).map(|skipped| skipped as usize);
            let Some(held) = known.and_then(|skipped| chunk.bytes.get(skipped..)) else {
                if !self.read(at, own.len(), chunk)? {
                    return Ok(false);
                }
                continue;
            };
            if held.is_empty() {
                if !self.read(at, own.len(), chunk)? {
                    return Ok(false);
                }
                continue;
            }
            let both = held.len().min(own.len());
            if held[..both] != own[..both] {
                return Ok(false);
            }
            (at, own) = (at + both as u64, &own[both..]);
        }
        Ok(true)
    }

    /// Read from `at` on; whether there was anything.
    fn read(&self, at: u64, wanted: usize, chunk: &mut Chunk) -> Result<bool> {
        let left = self.size.saturating_sub(at).min(MOST as u64) as usize;
        chunk.at = at;
        chunk.bytes.resize(wanted.clamp(LEAST, MOST).min(left), 0);
        let read = self.file.read_exact_at(&mut chunk.bytes, at);
        read.map_err(|e| Error::storage("read", &self.path, e))?;
        Ok(left > 0)
    }
}

impl Drop for Forms {
    fn drop(&mut self) {
        // The work folder goes away as a whole; a file that stays is only space.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_compared_across_reads() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FormsWriter::create(folder.path(), 4).unwrap();
        let long: Vec<u8> = (0..300_000u32).map(|i| (i % 251) as u8).collect();
        writer.append(2, &long).unwrap();
        writer.append(0, b"one\xFFtwo\xFF").unwrap();
        let forms = writer.finish().unwrap();
        let mut chunk = Chunk::default();
        let mut equal =
            |document, at, own: &[u8]| forms.equal(document, at, own, &mut chunk).unwrap();
        assert!(equal(2, 0, &long));
        assert!(equal(2, 200_000, &long[200_000..]));
        assert!(equal(2, 199_000, &long[199_000..205_000]));
        assert!(!equal(2, 199_001, &long[199_000..205_000]));
        assert!(equal(0, 4, b"two\xFF"));
        assert!(!equal(0, 4, b"two\xFFmore"));
        assert!(!equal(1, 0, b"one"));
        let path = forms.path.clone();
        drop(forms);
        assert!(!path.exists());
    }
}
