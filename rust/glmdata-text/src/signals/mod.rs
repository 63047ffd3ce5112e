//! Signals: every number that a rule of a preset may ask of a document, from one pass.
//!
//! [`Measurer::measure`] is called once a document by `glmdata-filter`; it keeps its buffers, so
//! nothing is allocated per document. The meaning of each number stands in [`Signals`], its slow
//! twin in `glmdata/reference/signals.py`.
//!
//! Three notions of a word, for rule sets disagree: *words* are separated by white space (as the
//! published English rules count them), *units* are those of deduplication (a Han character, a
//! word of letters and digits, a Thai letter), *prose words* are units with a letter outside of
//! addresses, program text and fenced blocks.

mod again;
mod class;
mod entity;
mod form;
mod formula;
mod garbage;
mod grams;
mod line;
mod marker;
mod markup;
mod measure;
mod odd;
mod offence;
mod offence_model;
mod part;
mod phrases;
mod prose;
mod scan;
mod segmented;
mod small;
mod tally;
mod word;

pub use formula::without_formulas;
pub use measure::Measurer;
pub use offence_model::{OFFENCE, Passages};
pub use segmented::{SEGMENTED, SegmentedMeasurer, Segmenter};

/// Declares the signals once: field, kind, meaning. A `count` is a whole number, a `share` is from 0 to 1,
/// a `mean` and a `rate` (by words, by 1,000) may be more. `docs/site/signals.py` reads this.
macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident,)+) => {
        /// What is measured of one document. Shares, means and rates are 0 of nothing.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct Signals {
            $($(#[doc = $doc])+ pub $name: f64,)+
        }

        /// Name of every signal, and whether it is a whole number.
        pub const SIGNALS: &[(&str, bool)] = &[$((stringify!($name), signals!(@whole $kind)),)+];

        impl Signals {
            /// The values, in the order of [`SIGNALS`].
            pub fn values(&self) -> [f64; SIGNALS.len()] {
                [$(self.$name,)+]
            }
        }
    };
    (@whole count) => { true };
    (@whole share) => { false };
    (@whole mean) => { false };
    (@whole rate) => { false };
}

signals! {
    /// Bytes of UTF-8.
    n_bytes: count,
    /// Code points.
    n_chars: count,
    /// Lines that hold more than white space.
    n_lines: count,
    /// Stretches between blank lines (two line feeds in a row).
    n_paragraphs: count,
    /// Runs without white space.
    n_words: count,
    /// Words with a letter, digit or mark.
    n_plain_words: count,
    /// Han characters, kana, Thai letters one by one; other words of letters and digits whole.
    n_units: count,
    /// Han characters.
    n_han: count,
    /// Kana and bopomofo.
    n_kana: count,
    /// Hangul letters.
    n_hangul: count,
    /// Latin letters.
    n_latin: count,
    /// Letters of other scripts.
    n_other_letters: count,
    /// Decimal digits.
    n_digits: count,
    /// Han characters outside of program text, formulas and fences.
    n_prose_han: count,
    /// Words with a letter of other scripts there, outside of addresses; kana and Thai letters each.
    n_prose_words: count,
    /// `n_prose_han` of `n_prose_han + n_prose_words`.
    han_share: share,
    /// Letters of all characters.
    letter_share: share,
    /// Digits of all characters.
    digit_share: share,
    /// Letters, digits and other numbers of all characters.
    alnum_share: share,
    /// White space of all characters.
    space_share: share,
    /// Line feeds of all characters.
    newline_share: share,
    /// Neither letter, digit, mark nor white space, of all characters.
    special_share: share,
    /// Upper case of all letters.
    upper_share: share,
    /// Characters of `scheme://` addresses of all characters.
    url_share: share,
    /// Mean characters of a plain word.
    mean_word_length: mean,
    /// Median characters of a plain word, 255 at most; of an even number the lower one.
    median_word_length: count,
    /// Words with a letter of all words.
    alpha_word_share: share,
    /// `#` by words.
    hash_per_word: rate,
    /// `...` and `…` by words.
    ellipsis_per_word: rate,
    /// Line feeds by words.
    newline_per_word: rate,
    /// How many of the, be, to, of, and, that, have, with occur.
    n_stop_words: count,
    /// Letters, digits and marks of the longest run without white space and Han.
    longest_token: count,
    /// Mean characters of a line that holds something.
    mean_line_length: mean,
    /// Characters of the longest line.
    longest_line: count,
    /// Characters of the third longest line.
    third_longest_line: count,
    /// Lines that begin with `•` or `-`, of all lines, blank ones included.
    bullet_line_share: share,
    /// Lines that end with an ellipsis, of all lines, blank ones included.
    ellipsis_line_share: share,
    /// Lines whose last visible character ends a sentence, of lines that hold something.
    punctuated_line_share: share,
    /// The same with closing quotes, brackets and `…` and `：` allowed.
    closed_line_share: share,
    /// Lines of at most 30 characters, of lines that hold something.
    short_line_share: share,
    /// Lines that occurred before, of lines that are not empty.
    dup_line_share: share,
    /// Their characters, of all characters.
    dup_line_char_share: share,
    /// The same for lines that hold something, of all characters but line feeds.
    dup_text_char_share: share,
    /// Paragraphs that occurred before, of all paragraphs.
    dup_paragraph_share: share,
    /// Their characters, of all characters.
    dup_paragraph_char_share: share,
    /// The most frequent pair of words, of all characters.
    top_2gram_share: share,
    /// The same for three words.
    top_3gram_share: share,
    /// The same for four words.
    top_4gram_share: share,
    /// Runs of five words that occurred before, of all characters.
    dup_5gram_share: share,
    /// The same for six words.
    dup_6gram_share: share,
    /// The same for seven words.
    dup_7gram_share: share,
    /// The same for eight words.
    dup_8gram_share: share,
    /// The same for nine words.
    dup_9gram_share: share,
    /// The same for ten words.
    dup_10gram_share: share,
    /// Windows of 13 units that occur more than once, of all such windows.
    repeated_13_share: share,
    /// Lines that C4 keeps.
    c4_lines: count,
    /// Sentences in them.
    c4_sentences: count,
    /// Whether one of them would say lorem ipsum.
    c4_lorem_ipsum: count,
    /// Whether one of them would hold `{`.
    c4_curly: count,
    /// Lines in fenced blocks, fences included, of lines that hold something.
    fenced_line_share: share,
    /// Lines of program text outside of fences, of lines that hold something.
    code_line_share: share,
    /// Such lines.
    n_code_lines: count,
    /// Their visible characters, of all visible characters.
    code_char_share: share,
    /// Characters in placeholders, of all visible characters; `%s` counts as four.
    placeholder_share: share,
    /// Visible characters in runs of ten equal ones or more, of all visible characters.
    run_share: share,
    /// Weights of all offensive terms.
    offensive_weight: count,
    /// The same by 1,000 characters.
    offensive_per_1000: rate,
    /// Different offensive terms.
    offensive_terms: count,
    /// Hits of severe ones.
    offensive_severe: count,
    /// Pieces of personal data.
    n_pii: count,
    /// Code points, those of Han, kana and Hangul counted twice: a length for every script.
    width: count,
    /// `longest_token` without what stands in addresses.
    longest_plain_token: count,
    /// Visible characters of LaTeX formulas, of all visible characters.
    formula_share: share,
    /// Rows of tables, of lines that hold something.
    table_line_share: share,
    /// Lines of prose: no code, formula, row of a table, and something besides tags and marks.
    n_prose_lines: count,
    /// Their visible characters, counted in the same way, without list signs, formulas and code within a line:
    /// the width of a line.
    prose_width: count,
    /// Their visible characters, the same left out, of all visible characters.
    prose_share: share,
    /// Mean width of a line of prose.
    prose_mean_width: mean,
    /// Lines of prose in which a sentence ends, at the end or before.
    prose_closed_share: share,
    /// Lines of prose of at most 25 in width.
    prose_short_share: share,
    /// Lines of prose behind a bullet.
    prose_bullet_share: share,
    /// Lines of prose that end with an ellipsis.
    prose_ellipsis_share: share,
    /// Symbols, marks of program text and controls, of visible characters of prose.
    prose_special_share: share,
    /// Digits of them.
    prose_digit_share: share,
    /// Words of prose with a letter, of all; list signs are none.
    prose_alpha_share: share,
    /// Mean characters of a word of prose with a letter, digit or mark.
    prose_word_length: mean,
    /// Lines of prose by their words.
    prose_lines_per_word: rate,
    /// `#` in prose by its words.
    prose_hash_per_word: rate,
    /// Lines of prose that occurred before.
    prose_dup_line_share: share,
    /// Their width, of all of `prose_width`.
    prose_dup_line_width_share: share,
    /// The same for lines of 20 in width or more.
    prose_dup_text_share: share,
    /// Width of blocks of prose (no other line between) of 40 or more that occurred before.
    prose_dup_block_share: share,
    /// `top_2gram_share` of the lines of prose; of the whole text where they have 19 of 20 words, or where it
    /// repeats little (no such share above 0.1). A pair that occurs once is none; words of which nothing is seen
    /// are none, and of an address 20 characters count.
    prose_top_2gram_share: share,
    /// The same for three words.
    prose_top_3gram_share: share,
    /// The same for four words.
    prose_top_4gram_share: share,
    /// `dup_5gram_share` of the lines of prose, on the same terms.
    prose_dup_5gram_share: share,
    /// The same for six words.
    prose_dup_6gram_share: share,
    /// The same for seven words.
    prose_dup_7gram_share: share,
    /// The same for eight words.
    prose_dup_8gram_share: share,
    /// The same for nine words.
    prose_dup_9gram_share: share,
    /// The same for ten words.
    prose_dup_10gram_share: share,
    /// `repeated_13_share` on the same terms (at most 0.1 of the whole).
    prose_repeated_13_share: share,
    /// Of Han characters (of words, where those are over four times as many), those that hold sentences
    /// together (的, 在; of, is); 1 where a fifth of the lines of prose end a sentence.
    prose_small_word_share: share,
    /// Lines of prose that are verse, 0 of a text that is none.
    verse_line_share: share,
    /// Lines of prose that somebody says: behind a name that comes again, or a quotation mark.
    speaker_line_share: share,
    /// Lines of prose with an amount: a number and a unit, and no price.
    amount_line_share: share,
    /// Places where characters were lost (runs of U+FFFD, 锟斤拷, `Ã?`) by words, a word of Chinese being two characters.
    broken_share: share,
    /// Visible characters of what pages of errors, logins and cookies say, of all visible characters.
    notice_share: share,
    /// Different ones of such phrases.
    n_notices: count,
    /// Different phrases of adverts.
    spam_terms: count,
    /// Kinds of them: an account to write to, what is sold, how good it is, what to do now.
    spam_kinds: count,
    /// Different things that they sell.
    spam_topics: count,
    /// All of them, by 1,000 of `width`.
    spam_per_1000: rate,
    /// Phrases that stand beside each item of a shop.
    n_shop_phrases: count,
    /// Gaps of tasks, such as `#idiom#`.
    n_cloze_gaps: count,
    /// Pairs of words or marks that no sentence has side by side: `the of`, `，的`.
    n_odd_pairs: count,
    /// Characters of words of 40 letters and digits or more that are Base64 or hexadecimal, of all visible characters.
    encoded_share: share,
    /// `digit_share` with every entity of HTML that is a number as the one character it stands for.
    plain_digit_share: share,
}
