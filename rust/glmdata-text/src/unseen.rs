//! What nobody sees of a text, and the joiners among it that say something.

use crate::character::{entry, joins};

/// U+200C and U+200D.
pub(crate) fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// Whether nothing of `word`, which has no letter, is seen.
pub(crate) fn is_unseen(word: &str) -> bool {
    word.chars().all(|character| entry(character).is_ignorable())
}

/// The end of the run of ignorable characters that begins at `at`, and whether the joiners among them say
/// something.
#[cold]
pub(crate) fn ignorable_run(text: &str, at: usize) -> (usize, bool) {
    let seen = |&(_, character): &(usize, char)| !entry(character).is_ignorable();
    let next = text[at..].char_indices().find(seen);
    let end = next.map_or(text.len(), |(length, _)| at + length);
    let before = text[..at].chars().next_back();
    let joiner = text[at..end].chars().filter(|&c| is_joiner(c)).max();
    (end, joiner.is_some_and(|joiner| joins(joiner, before, next.map(|(_, after)| after))))
}

/// Append the characters of `text[start..end]` that say something.
pub(crate) fn push_seen(text: &str, start: usize, end: usize, out: &mut String) {
    let mut at = start;
    while let Some(character) = text[at..end].chars().next() {
        if entry(character).is_ignorable() {
            let (run, joiners) = ignorable_run(text, at);
            let run = run.min(end);
            out.extend(text[at..run].chars().filter(|c| joiners && is_joiner(*c)));
            at = run;
        } else {
            out.push(character);
            at += character.len_utf8();
        }
    }
}
