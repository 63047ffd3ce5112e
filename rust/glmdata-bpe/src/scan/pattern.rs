//! Patterns outside the cl100k family, run by a regex engine.

use fancy_regex::{Regex, RegexBuilder};
use glmdata_base::{Error, Result};

/// The pattern of cl100k_base and GLM-4, in the wording first published.
pub const CL100K_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The same with every digit alone, as Qwen has it.
pub const SINGLE_DIGIT_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// What each thread may keep of the engine's states. With the engine's own 2 MB the letters of
/// o200k_base's pattern push each other out, and Chinese runs at a tenth of its speed.
const DFA_BYTES: usize = 32 << 20;

/// How patterns of this kind end: all white space, but for the last character if text follows.
const TAIL: &str = r"|\s+(?!\S)|\s+";
/// The same without a look ahead, which is added by hand. The name tells its matches from others.
const PLAIN_TAIL: &str = r"|(?P<glmdata_tail>\s+)";
const TAIL_NAME: &str = "glmdata_tail";

/// Any pattern; text that it does not match forms pieces of its own.
///
/// The look ahead at the end of the published patterns makes the engine backtrack, and give up on a
/// megabyte of blanks. It is taken off and done here, so that these patterns run in linear time.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    plain_tail: bool,
}

impl Pattern {
    /// Compile `pattern`.
    pub fn new(pattern: &str) -> Result<Self> {
        let compiled = |pattern: &str| {
            RegexBuilder::new(pattern).delegate_dfa_size_limit(DFA_BYTES).build().map_err(|error| {
                Error::config("pattern", "a regular expression", format!("{pattern:?}: {error}"))
            })
        };
        let regex = compiled(pattern)?;
        // Behind a backslash the first character of the tail would be no alternative.
        if let Some(head) = pattern.strip_suffix(TAIL).filter(|head| !head.ends_with('\\'))
            && let Ok(regex) = compiled(&format!("{head}{PLAIN_TAIL}"))
        {
            return Ok(Self { regex, plain_tail: true });
        }
        Ok(Self { regex, plain_tail: false })
    }

    /// The engine alone, look ahead and all: what the short way is held to.
    #[cfg(test)]
    pub(super) fn as_written(pattern: &str) -> Self {
        Self { regex: Regex::new(pattern).unwrap(), plain_tail: false }
    }

    /// Call `each` with every piece of `text`, in order.
    ///
    /// An engine that gives up (it bounds its backtracking) is an error that names the place.
    pub fn pieces<'a>(&self, text: &'a str, mut each: impl FnMut(&'a str)) -> Result<()> {
        let mut done = 0;
        let mut at = 0;
        while let Some((start, end)) = self.next(text, at)? {
            if start > done {
                each(&text[done..start]);
            }
            if end > start {
                each(&text[start..end]);
            }
            done = end;
            // A match of nothing must not be found again.
            at = if end > start { end } else { next_character(text, end) };
            if at > text.len() {
                break;
            }
        }
        if done < text.len() {
            each(&text[done..]);
        }
        Ok(())
    }

    /// The first match at or behind `at`.
    fn next(&self, text: &str, at: usize) -> Result<Option<(usize, usize)>> {
        let gave_up = |error: fancy_regex::Error| {
            let place = format!("{error} behind byte {at}");
            Error::config("pattern", "one the engine can run on this text", place)
        };
        let Some(found) = self.regex.find_from_pos(text, at).map_err(gave_up)? else {
            return Ok(None);
        };
        let (start, end) = (found.start(), found.end());
        let last = found.as_str().chars().next_back();
        // Only white space that ends before other text can be the tail's; asking which branch
        // matched is dear, so it comes last.
        if self.plain_tail
            && end < text.len()
            && let Some(last) = last.filter(|last| last.is_whitespace())
            && end - start > last.len_utf8()
        {
            let groups = self.regex.captures_from_pos(text, start).map_err(gave_up)?;
            if groups.is_some_and(|groups| groups.name(TAIL_NAME).is_some()) {
                return Ok(Some((start, end - last.len_utf8())));
            }
        }
        Ok(Some((start, end)))
    }
}

/// Where the character behind `at` starts, past the end if there is none.
fn next_character(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}
