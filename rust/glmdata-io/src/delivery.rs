//! What the system delivers: a read that fails for a passing reason is tried again, and a file that
//! changes while it is read ends the run.
//!
//! A damaged file is the crawl's fault and becomes a quarantine event. A file that the system could
//! not deliver is nobody's data: the run ends with exit code 4 and a rerun goes on. Decoders of
//! other people wrap the errors of their source, so [`Delivered`] remembers what the system said.

use std::cell::Cell;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, UNIX_EPOCH};

use glmdata_base::{Error, Result};

use crate::input::InputFile;

/// Waits before a read is tried again: two seconds in all, as long as a file server needs to fail over
/// to its second half, and short enough for a person who waits.
const WAITS_MS: [u64; 3] = [50, 350, 1_600];

/// Whether trying again cannot help: the system answered, and the answer is no.
pub(crate) fn is_final(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(ELOOP)
}

/// Too many links, which has no stable `ErrorKind`; the number is Linux's and macOS's.
const ELOOP: i32 = if cfg!(target_os = "macos") { 62 } else { 40 };

/// Do `act`, again after a passing failure.
pub(crate) fn patiently<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for wait in WAITS_MS {
        match act() {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if !is_final(&e) => sleep(Duration::from_millis(wait)),
            answer => return answer,
        }
    }
    act()
}

/// Nanoseconds since 1970 of the last change; 0 if the system does not say.
pub(crate) fn modified_ns(metadata: &Metadata) -> u128 {
    let modified = metadata.modified().ok();
    modified
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos())
}

thread_local! {
    /// Bytes that this thread was given, of any file: decoders stand between the files and the counters.
    static DELIVERED: Cell<u64> = const { Cell::new(0) };
}

/// Bytes of input files that this thread has read so far.
pub(crate) fn delivered() -> u64 {
    DELIVERED.get()
}

/// An input file under reading; a copy has a place of its own.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    path: Arc<Path>,
    file: Arc<File>,
    at: u64,
    listed: (u64, u128),
    failure: Failure,
}

/// What the system said when it gave up, for who reads through a decoder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    /// Ends the run if the system gave up on `path`: what a decoder made of it is not the file's fault.
    pub(crate) fn check(&self, path: &Path) -> Result<()> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        held.map_or(Ok(()), |e| Err(Error::storage("read", path, e)))
    }

    fn set(&self, error: &io::Error) {
        let copy = copy_of(error);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(copy);
    }
}

/// The same answer of the system once more: its own type cannot be copied.
pub(crate) fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

impl Delivered {
    /// Open the file at `path` as it is now.
    pub(crate) fn at_path(path: &Path) -> Result<Self> {
        let opened = patiently(|| Ok((File::open(path)?, fs::metadata(path)?)));
        let (file, found) = opened.map_err(|e| Error::storage("open", path, e))?;
        Ok(Self {
            path: Arc::from(path),
            file: Arc::new(file),
            at: 0,
            listed: (found.len(), modified_ns(&found)),
            failure: Failure::default(),
        })
    }

    /// Open `file`, which must be as it was listed, at byte `at`.
    pub(crate) fn open(file: &InputFile, at: u64) -> Result<Self> {
        let opened = patiently(|| File::open(&file.path));
        let handle = opened.map_err(|e| Error::storage("open", &file.path, e))?;
        let delivered = Self {
            path: Arc::from(file.path.as_path()),
            file: Arc::new(handle),
            at,
            listed: (file.bytes, file.modified_ns),
            failure: Failure::default(),
        };
        delivered.check_unchanged()?;
        Ok(delivered)
    }

    /// Where the file lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the system's own errors are found.
    pub(crate) fn failure(&self) -> Failure {
        self.failure.clone()
    }

    /// Size when it was listed.
    pub(crate) fn size(&self) -> u64 {
        self.listed.0
    }

    /// The place of the next byte that is read.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The same file, read from byte `at`.
    pub(crate) fn from(&self, at: u64) -> Self {
        Self { at, ..self.clone() }
    }

    /// Fails if the file is another one, or has other content, than when it was listed.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        // By name, so that a file that was put in its place is seen, too.
        let found = patiently(|| fs::metadata(&self.path));
        let found = found.map_err(|e| Error::storage("read", &self.path, e))?;
        if (found.len(), modified_ns(&found)) == self.listed {
            return Ok(());
        }
        let reason = "changed while it was being read; run again when nobody writes to it";
        Err(Error::Input { path: self.path.to_path_buf(), reason: reason.to_owned() })
    }
}

impl Read for Delivered {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A place behind the end may be one that no file can have: a damaged file named it.
        if self.at >= self.size() {
            return Ok(0);
        }
        let mut waits = WAITS_MS.iter();
        loop {
            match self.file.read_at(out, self.at) {
                Ok(read) => {
                    self.at += read as u64;
                    DELIVERED.set(DELIVERED.get() + read as u64);
                    return Ok(read);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    let Some(wait) = waits.next().filter(|_| !is_final(&e)) else {
                        self.failure.set(&e);
                        return Err(e);
                    };
                    sleep(Duration::from_millis(*wait));
                    // A stale handle of a file server answers no more; a new one may.
                    if let Ok(file) = File::open(&self.path) {
                        self.file = Arc::new(file);
                    }
                }
            }
        }
    }
}

impl Seek for Delivered {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let (base, step) = match place {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(step) => (self.size(), step),
            SeekFrom::Current(step) => (self.at, step),
        };
        let moved = base.checked_add_signed(step);
        self.at = moved.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: i32, fails: usize) -> (io::Result<usize>, usize) {
        let mut tries = 0;
        let found = patiently(|| {
            tries += 1;
            if tries > fails { Ok(7) } else { Err(io::Error::from_raw_os_error(code)) }
        });
        (found, tries)
    }

    #[test]
    fn passing_failures_are_tried_again_and_answers_are_not() {
        const EIO: i32 = 5;
        const ENOENT: i32 = 2;
        assert!(matches!(answer(EIO, 0), (Ok(7), 1)));
        assert!(matches!(answer(EIO, 2), (Ok(7), 3)));
        assert!(matches!(answer(EIO, 9), (Err(_), 4)));
        assert!(matches!(answer(ENOENT, 9), (Err(_), 1)));
        assert!(matches!(answer(ELOOP, 9), (Err(_), 1)));
    }

    #[test]
    fn what_the_system_said_goes_before_what_a_decoder_made_of_it() {
        let failure = Failure::default();
        let path = Path::new("a.parquet");
        assert!(failure.check(path).is_ok());
        failure.clone().set(&io::Error::from_raw_os_error(5));
        let error = failure.check(path).unwrap_err();
        assert!(matches!(&error, Error::Storage { path, .. } if path.ends_with("a.parquet")));
        assert!(failure.check(path).is_ok(), "it is told once");
    }
}
