//! The one error type. Each kind carries facts; `Display` makes the sentence.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

/// Shorthand used by every crate of the workspace.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong, by who can mend it. The binding maps every kind to one Python class.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option or a combination of options makes no sense.
    #[error("{option}: expected {expected}, found {found}")]
    Config {
        /// The option as the user spells it.
        option: String,
        /// What would have been accepted.
        expected: String,
        /// What was given.
        found: String,
    },
    /// An input as a whole cannot be used (single bad records are quarantined instead).
    #[error("{}: {reason}", path.display())]
    Input {
        /// The input as the user named it.
        path: PathBuf,
        /// Why it cannot be used.
        reason: String,
    },
    /// Not one document could be read, so there is nothing to do.
    #[error("nothing to do: no document was read{}; what can be read: {readable}", listed(found))]
    NothingRead {
        /// What was found instead, a sentence each.
        found: Vec<String>,
        /// The endings that have a reader.
        readable: &'static str,
    },
    /// The file system refused: disk full, no permission, not found.
    #[error("{action} {}: {source}", path.display())]
    Storage {
        /// What was tried, as a verb: `write`, `rename`, `read`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A file of our own making is damaged.
    #[error("{}: damaged: {reason}", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The memory budget is too small for the work.
    #[error("{what} needs {needed} bytes more; {used} of {limit} bytes of --memory are in use")]
    Budget {
        /// What asked for memory.
        what: Cow<'static, str>,
        /// Bytes asked for.
        needed: u64,
        /// Bytes in use at that moment.
        used: u64,
        /// The budget.
        limit: u64,
    },
    /// The user pressed Ctrl-C.
    #[error("cancelled")]
    Cancelled,
    /// A broken promise of our own.
    #[error("internal error: {what}")]
    Internal {
        /// Which promise.
        what: String,
    },
}

/// `: one; two`, or nothing.
fn listed(found: &[String]) -> String {
    if found.is_empty() { String::new() } else { format!(": {}", found.join("; ")) }
}

impl Error {
    /// A file-system error with the path and the act it belongs to.
    pub fn storage(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Storage { action, path: path.to_path_buf(), source }
    }

    /// A wrong option.
    pub fn config(option: &str, expected: &str, found: impl ToString) -> Self {
        Self::Config {
            option: option.to_owned(),
            expected: expected.to_owned(),
            found: found.to_string(),
        }
    }

    /// A damaged file of our own.
    pub fn corrupt(path: &Path, reason: impl ToString) -> Self {
        Self::Corrupt { path: path.to_path_buf(), reason: reason.to_string() }
    }

    /// The same error; if memory was missing, it says for which part of the input.
    #[must_use]
    pub fn of(self, place: &dyn std::fmt::Display) -> Self {
        match self {
            Self::Budget { what, needed, used, limit } => {
                Self::Budget { what: format!("{place}: {what}").into(), needed, used, limit }
            }
            other => other,
        }
    }

    /// A broken promise of our own.
    pub fn internal(what: impl ToString) -> Self {
        Self::Internal { what: what.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_carry_the_facts() {
        let cases = [
            (
                Error::config("threshold", "a number in (0, 1]", 1.5),
                "threshold: expected a number in (0, 1], found 1.5",
            ),
            (
                Error::corrupt(Path::new("a.keys"), "checksum differs"),
                "a.keys: damaged: checksum differs",
            ),
            (
                Error::Budget { what: "document table".into(), needed: 8, used: 3, limit: 10 },
                "document table needs 8 bytes more; 3 of 10 bytes of --memory are in use",
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(error.to_string(), expected);
        }
    }
}
