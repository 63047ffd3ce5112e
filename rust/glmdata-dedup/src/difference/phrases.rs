//! Lists of phrases, looked for in one pass over a line.

use aho_corasick::AhoCorasick;

/// What finds any of `phrases`, letters of ASCII in either case.
pub(super) fn folded(phrases: &[&str]) -> AhoCorasick {
    built(phrases, true)
}

/// What finds any of `phrases` as they are written.
pub(super) fn exact(phrases: &[&str]) -> AhoCorasick {
    built(phrases, false)
}

#[expect(clippy::expect_used, reason = "fixed lists of a few short phrases")]
fn built(phrases: &[&str], folds: bool) -> AhoCorasick {
    let builder = AhoCorasick::builder().ascii_case_insensitive(folds).build(phrases);
    builder.expect("an automaton of a few thousand states")
}
