//! Sums over a document, and the signals made of them.

use super::Signals;
use super::class::{CLASSES, Class};
use super::form::Form;
use super::garbage::Garbage;
use super::grams::Repeats;
use super::offence::Offence;
use super::part::Signs;
use super::prose::Sums;

/// Sums over a document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) classes: [u32; CLASSES],
    pub(super) chars: u32,
    pub(super) words_with_letter: u32,
    pub(super) plain_words: u32,
    pub(super) plain_characters: u64,
    pub(super) stop_words: u8,
    pub(super) units: u32,
    pub(super) prose_han: u32,
    pub(super) prose_words: u32,
    pub(super) url_chars: u32,
    pub(super) longest_token: u32,
    pub(super) longest_plain_token: u32,
    pub(super) all_lines: u32,
    pub(super) full_lines: u32,
    pub(super) line_characters: u64,
    pub(super) longest_lines: [u32; 3],
    pub(super) bullets: u32,
    pub(super) ellipsis_lines: u32,
    pub(super) punctuated: u32,
    pub(super) closed: u32,
    pub(super) short: u32,
    pub(super) fenced: u32,
    pub(super) code: u32,
    pub(super) c4_lines: u32,
    pub(super) c4_sentences: u32,
    pub(super) c4_lorem_ipsum: bool,
    pub(super) c4_curly: bool,
    pub(super) words: u32,
    pub(super) lines: u32,
    pub(super) paragraphs: u32,
    pub(super) code_characters: u64,
    pub(super) placeholders: u32,
    pub(super) in_runs: u32,
    pub(super) offence: Offence,
    pub(super) pii: u32,
    pub(super) garbage: Garbage,
    pub(super) odd_pairs: u32,
    pub(super) encoded: u32,
    /// Characters of entities that are numbers, digits among them, and their number.
    pub(super) entities: [u32; 3],
}

fn share(part: impl Into<f64>, whole: impl Into<f64>) -> f64 {
    let whole = whole.into();
    if whole == 0.0 { 0.0 } else { part.into() / whole }
}

fn median(lengths: &[u32; 256], words: u32) -> u32 {
    let middle = words.div_ceil(2);
    let mut below = 0;
    let place = lengths.iter().position(|&count| {
        below += count;
        below >= middle && middle > 0
    });
    place.unwrap_or(0) as u32
}

/// What was found of a document.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) tally: &'a Tally,
    pub(super) signs: Signs,
    pub(super) lengths: &'a [u32; 256],
    pub(super) repeats: &'a Repeats,
    pub(super) lines: [u32; 3],
    pub(super) paragraphs: [u32; 2],
    pub(super) repeated: f64,
    pub(super) prose: &'a Sums,
    pub(super) prose_lines: u32,
    /// Where prose was counted by itself.
    pub(super) prose_repeats: Option<&'a Repeats>,
    pub(super) prose_repeated: f64,
    pub(super) form: Form,
}

pub(super) fn signals_of(text: &str, found: &Found<'_>) -> Signals {
    let &Found { tally, signs, lengths, repeats, lines, paragraphs, repeated, .. } = found;
    let &Found { prose, prose_lines, prose_repeats, prose_repeated, form, .. } = found;
    let class = |class: Class| tally.classes[class as usize];
    let latin = class(Class::LatinLower) + class(Class::LatinUpper);
    let other = class(Class::Letter) + class(Class::OtherLower) + class(Class::OtherUpper);
    let letters = latin + other + class(Class::Han) + class(Class::Kana) + class(Class::Hangul);
    let upper = class(Class::LatinUpper) + class(Class::OtherUpper);
    let newlines = class(Class::Newline);
    let spaces = class(Class::Space) + newlines;
    let special = tally.chars - letters - spaces - class(Class::Digit) - class(Class::Mark);
    let (chars, words, full) = (tally.chars, tally.words, tally.full_lines);
    let duplicate = |n: usize| share(repeats.duplicate[n], chars);
    let visible = chars - spaces;
    let width = chars + class(Class::Han) + class(Class::Kana) + class(Class::Hangul);
    let broken_of = f64::from(tally.units) - f64::from(class(Class::Han)) / 2.0;
    let (prose_repeats, in_prose) = match prose_repeats {
        Some(repeats) => (repeats, prose.characters),
        None => (repeats, chars),
    };
    let of_prose = |n: usize| share(prose_repeats.duplicate[n], in_prose);
    Signals {
        n_bytes: text.len() as f64,
        n_chars: chars.into(),
        n_lines: full.into(),
        n_paragraphs: tally.paragraphs.into(),
        n_words: words.into(),
        n_plain_words: tally.plain_words.into(),
        n_units: tally.units.into(),
        n_han: class(Class::Han).into(),
        n_kana: class(Class::Kana).into(),
        n_hangul: class(Class::Hangul).into(),
        n_latin: latin.into(),
        n_other_letters: other.into(),
        n_digits: class(Class::Digit).into(),
        n_prose_han: tally.prose_han.into(),
        n_prose_words: tally.prose_words.into(),
        han_share: share(tally.prose_han, tally.prose_han + tally.prose_words),
        letter_share: share(letters, chars),
        digit_share: share(class(Class::Digit), chars),
        alnum_share: share(letters + class(Class::Digit) + class(Class::Number), chars),
        space_share: share(spaces, chars),
        newline_share: share(newlines, chars),
        special_share: share(special, chars),
        upper_share: share(upper, letters),
        url_share: share(tally.url_chars, chars),
        mean_word_length: share(tally.plain_characters as f64, tally.plain_words),
        median_word_length: median(lengths, tally.plain_words).into(),
        alpha_word_share: share(tally.words_with_letter, words),
        hash_per_word: share(signs.hashes, words),
        ellipsis_per_word: share(signs.ellipses, words),
        newline_per_word: share(newlines, words),
        n_stop_words: tally.stop_words.count_ones().into(),
        longest_token: tally.longest_token.into(),
        mean_line_length: share(tally.line_characters as f64, full),
        longest_line: tally.longest_lines[0].into(),
        third_longest_line: tally.longest_lines[2].into(),
        bullet_line_share: share(tally.bullets, tally.all_lines),
        ellipsis_line_share: share(tally.ellipsis_lines, tally.all_lines),
        punctuated_line_share: share(tally.punctuated, full),
        closed_line_share: share(tally.closed, full),
        short_line_share: share(tally.short, full),
        dup_line_share: share(lines[0], tally.lines),
        dup_line_char_share: share(lines[1], chars),
        dup_text_char_share: share(lines[2], chars - newlines),
        dup_paragraph_share: share(paragraphs[0], tally.paragraphs),
        dup_paragraph_char_share: share(paragraphs[1], chars),
        top_2gram_share: share(repeats.top[2], chars),
        top_3gram_share: share(repeats.top[3], chars),
        top_4gram_share: share(repeats.top[4], chars),
        dup_5gram_share: duplicate(5),
        dup_6gram_share: duplicate(6),
        dup_7gram_share: duplicate(7),
        dup_8gram_share: duplicate(8),
        dup_9gram_share: duplicate(9),
        dup_10gram_share: duplicate(10),
        repeated_13_share: repeated,
        c4_lines: tally.c4_lines.into(),
        c4_sentences: tally.c4_sentences.into(),
        c4_lorem_ipsum: f64::from(u8::from(tally.c4_lorem_ipsum)),
        c4_curly: f64::from(u8::from(tally.c4_curly)),
        fenced_line_share: share(tally.fenced, full),
        code_line_share: share(tally.code, full),
        n_code_lines: tally.code.into(),
        code_char_share: share(tally.code_characters as f64, visible),
        placeholder_share: share(tally.placeholders, visible),
        run_share: share(tally.in_runs, visible),
        offensive_weight: tally.offence.weight.into(),
        offensive_per_1000: share(f64::from(tally.offence.weight) * 1_000.0, chars),
        offensive_terms: tally.offence.terms.into(),
        offensive_severe: tally.offence.severe.into(),
        n_pii: tally.pii.into(),
        width: width.into(),
        longest_plain_token: tally.longest_plain_token.into(),
        formula_share: share(prose.formula, visible),
        table_line_share: share(prose.rows, full),
        n_prose_lines: prose_lines.into(),
        prose_width: prose.width.into(),
        prose_share: share(prose.visible, visible),
        prose_mean_width: share(prose.width, prose_lines),
        prose_closed_share: share(prose.closed, prose_lines),
        prose_short_share: share(prose.short, prose_lines),
        prose_bullet_share: share(prose.bullets, prose_lines),
        prose_ellipsis_share: share(prose.ellipses, prose_lines),
        prose_special_share: share(prose.special, prose.visible),
        prose_digit_share: share(prose.digits, prose.visible),
        prose_alpha_share: share(prose.words_with_letter, prose.words),
        prose_word_length: share(prose.plain_characters as f64, prose.plain_words),
        prose_lines_per_word: share(prose_lines, prose.words),
        prose_hash_per_word: share(prose.hashes, prose.words),
        prose_dup_line_share: share(prose.repeated_lines, prose_lines),
        prose_dup_line_width_share: share(prose.repeated_width, prose.width),
        prose_dup_text_share: share(prose.repeated_text, prose.width),
        prose_dup_block_share: share(prose.repeated_blocks, prose.width),
        prose_top_2gram_share: share(prose_repeats.again[2], in_prose),
        prose_top_3gram_share: share(prose_repeats.again[3], in_prose),
        prose_top_4gram_share: share(prose_repeats.again[4], in_prose),
        prose_dup_5gram_share: of_prose(5),
        prose_dup_6gram_share: of_prose(6),
        prose_dup_7gram_share: of_prose(7),
        prose_dup_8gram_share: of_prose(8),
        prose_dup_9gram_share: of_prose(9),
        prose_dup_10gram_share: of_prose(10),
        prose_repeated_13_share: prose_repeated,
        prose_small_word_share: form.small,
        verse_line_share: form.verse,
        speaker_line_share: form.speakers,
        amount_line_share: form.amounts,
        broken_share: share(tally.garbage.broken, broken_of),
        notice_share: share(tally.garbage.notice_chars, visible),
        n_notices: tally.garbage.notices.into(),
        spam_terms: tally.garbage.spam_terms.into(),
        spam_kinds: tally.garbage.spam_kinds.into(),
        spam_topics: tally.garbage.spam_topics.into(),
        spam_per_1000: share(f64::from(tally.garbage.spam_hits) * 1_000.0, width),
        n_shop_phrases: tally.garbage.shop.into(),
        n_cloze_gaps: tally.garbage.cloze.into(),
        n_odd_pairs: (tally.odd_pairs + tally.garbage.odd).into(),
        encoded_share: share(tally.encoded, visible),
        plain_digit_share: share(
            class(Class::Digit) - tally.entities[1],
            chars - tally.entities[0] + tally.entities[2],
        ),
    }
}
