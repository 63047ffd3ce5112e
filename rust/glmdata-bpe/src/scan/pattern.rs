//! Patterns outside the cl100k family, run by a regex engine.

use fancy_regex::Regex;
use glmdata_base::{Error, Result};

/// The pattern of cl100k_base and GLM-4, in the wording first published.
pub const CL100K_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The same with every digit alone, as Qwen has it.
pub const SINGLE_DIGIT_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Any pattern; text that it does not match forms pieces of its own.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compile `pattern`.
    pub fn new(pattern: &str) -> Result<Self> {
        Regex::new(pattern).map(Self).map_err(|error| {
            Error::config("pattern", "a regular expression", format!("{pattern:?}: {error}"))
        })
    }

    /// Call `each` with every piece of `text`, in order.
    ///
    /// An engine that gives up (it bounds its backtracking) is an error that names the place.
    pub fn pieces<'a>(&self, text: &'a str, mut each: impl FnMut(&'a str)) -> Result<()> {
        let mut at = 0;
        for found in self.0.find_iter(text) {
            let found = found.map_err(|error| {
                let place = format!("{error} behind byte {at}");
                Error::config("pattern", "one the engine can run on this text", place)
            })?;
            if found.start() > at {
                each(&text[at..found.start()]);
            }
            if found.end() > found.start() {
                each(found.as_str());
            }
            at = found.end();
        }
        if at < text.len() {
            each(&text[at..]);
        }
        Ok(())
    }
}
