//! Globs among the inputs: what one matches, and which folders may hold a match.

use std::path::Path;

use glmdata_base::{Error, Result};
use globset::{GlobBuilder, GlobMatcher};

/// A glob below an input root.
#[derive(Debug)]
pub(crate) struct Pattern {
    whole: GlobMatcher,
    /// What a folder one, two, ... levels below the root must match to be looked into.
    folders: Vec<GlobMatcher>,
    /// Folders further down are looked into whatever their names are.
    any_depth: bool,
}

impl Pattern {
    /// The glob `pattern`, with '/' between its parts; `input` is for messages.
    ///
    /// # Errors
    /// [`Error::Input`] if it is no glob.
    pub(crate) fn compile(input: &Path, pattern: &str) -> Result<Self> {
        let whole = glob(pattern).map_err(|e| Error::Input {
            path: input.to_path_buf(),
            reason: format!("not a valid pattern: {e}"),
        })?;
        let above = pattern.match_indices('/').map(|(at, _)| &pattern[..at]);
        // `**` crosses folders, and so may a list of alternatives.
        let plain = above.take_while(|above| !above.contains("**") && !above.contains('{'));
        let folders: Vec<GlobMatcher> = plain.map_while(|above| glob(above).ok()).collect();
        let any_depth = folders.len() < pattern.matches('/').count() || {
            let last = pattern.rsplit('/').next().unwrap_or(pattern);
            last.contains("**") || last.contains('{')
        };
        Ok(Self { whole, folders, any_depth })
    }

    /// Whether it matches a path or one of the folders the path lies in.
    pub(crate) fn takes(&self, relative: &str) -> bool {
        let folders = relative.match_indices('/').map(|(at, _)| &relative[..at]);
        folders.chain(std::iter::once(relative)).any(|path| self.whole.is_match(path))
    }

    /// How many parts of it the way to a folder matches; below `**`, all ways are alike.
    pub(crate) fn level(&self, relative: &str) -> usize {
        let depth = if relative.is_empty() { 0 } else { relative.matches('/').count() + 1 };
        depth.min(self.folders.len() + 1)
    }

    /// Whether a folder may hold something that it takes.
    pub(crate) fn enters(&self, relative: &str) -> bool {
        let depth = relative.matches('/').count();
        let may = self.folders.get(depth).map_or(self.any_depth, |above| above.is_match(relative));
        may || self.takes(relative)
    }
}

fn glob(pattern: &str) -> std::result::Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).literal_separator(true).build()?.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_that_may_hold_a_match_are_entered() {
        let cases = [
            ("*.jsonl", &["a.jsonl"][..], &["a", "a/b"][..]),
            (
                "20*/x?/*.gz",
                &["2024", "2024/x1", "2024/x1/a.gz/below"],
                &["a", "2024/y", "2024/x1/a"],
            ),
            ("**/*.gz", &["a", "a/b/c"], &[]),
            ("a/**", &["a", "a/b", "a/b/c"], &["b"]),
            ("a/{b,c/d}/*", &["a", "a/c", "a/c/d", "a/e"], &["b"]),
            ("{a,b/c}", &["a", "b", "b/c"], &[]),
            ("a*", &["a1", "a1/b/c"], &["b"]),
        ];
        for (pattern, entered, not) in cases {
            let glob = Pattern::compile(Path::new(pattern), pattern).unwrap();
            for folder in entered {
                assert!(glob.enters(folder), "{pattern} {folder}");
            }
            for folder in not {
                assert!(!glob.enters(folder), "{pattern} {folder}");
            }
        }
        assert!(Pattern::compile(Path::new("[z-a]"), "[z-a]").is_err());
    }
}
