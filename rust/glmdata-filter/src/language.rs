//! Which language a document is in: fastText's model of 176 languages, and rules for Han characters.
//!
//! The model was taught on sentences in one language each. So a text is cleared of what is in no
//! language (addresses) and of what is quoted in another script before the model is asked, and
//! where Chinese and Japanese are to be told apart, the characters decide first: kanji alone look
//! Chinese to the model, and classical Chinese Japanese.

use std::path::{Path, PathBuf};

use fasttext::FastText;
use fasttext::args::LossName;
use glmdata_base::{Error, MemoryBudget, Reservation, Result};
use glmdata_text::{HanSigns, Kind, Signals, kind_of, without_formulas};

use crate::classifier::load_model;
use crate::hierarchy::Hierarchy;

/// What is said of a text in no language, or in none that can be told.
const UNKNOWN: &str = "und";

/// Bytes of a stretch of a long text; three are looked at.
const STRETCH: usize = 4096;
/// Fewer letters are in no language. A Han character, kana or Hangul letter counts two.
const LEAST_LETTERS: usize = 10;
/// A title in Han characters is shorter, and told by its characters where the model does not know. So many
/// letters are the least of one; fewer than the second number are one.
const TITLE_LETTERS: std::ops::Range<usize> = 8..80;
/// From this share of visible characters on a text is program text.
const CODE_SHARE: f64 = 0.5;
/// From this share of Han characters and words on a text is in Han characters: Chinese holds more
/// English words than the other way round.
const HAN_SHARE: f64 = 1.0 / 3.0;
const LABEL: &str = "__label__";
/// Labels of the model that are Chinese.
const CHINESE: [&str; 3] = ["zh", "yue", "wuu"];

/// Whose languages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Of documents that have none, or `und`.
    Fill,
    /// Of all documents.
    Replace,
}

impl Telling {
    /// Whether the language of a document that has `lang` is told.
    pub fn tells(self, lang: Option<&str>) -> bool {
        self == Self::Replace || matches!(lang, None | Some(UNKNOWN))
    }
}

/// The model, and from which probability on it is believed.
#[derive(Debug)]
pub struct Languages {
    path: PathBuf,
    model: FastText,
    /// Names of the labels, by number.
    labels: Vec<String>,
    hierarchy: Option<Hierarchy>,
    threshold: f64,
    _memory: Reservation,
}

impl Languages {
    /// Read `lid.176.ftz`, `lid.176.bin`, or another model with labels of languages.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is no such model, [`Error::Storage`] if it cannot be read,
    /// [`Error::Budget`] if `memory` has no room for it.
    pub fn load(path: &Path, threshold: f64, memory: &MemoryBudget) -> Result<Self> {
        let (model, memory) = load_model(path, memory)?;
        let (labels, _) = model.get_labels();
        let names =
            labels.iter().map(|label| label.strip_prefix(LABEL).unwrap_or(label).to_owned());
        let labels: Vec<String> = names.collect();
        // Without them it is a model of something else.
        for needed in ["zh", "en"] {
            if !labels.iter().any(|label| label == needed) {
                let reason = format!("expected the label {LABEL}{needed}, found none");
                return Err(Error::corrupt(path, reason));
            }
        }
        let hierarchy = Hierarchy::of(&model);
        if hierarchy.is_none() && model.args().loss == LossName::HierarchicalSoftmax {
            let reason = "expected an output matrix that is not compressed, found one that is";
            return Err(Error::corrupt(path, reason));
        }
        Ok(Self { path: path.to_path_buf(), model, labels, hierarchy, threshold, _memory: memory })
    }

    /// Where the model was read from, and its threshold.
    pub fn print(&self) -> (&Path, f64) {
        (&self.path, self.threshold)
    }

    /// The language of a text with these signals, and its probability.
    pub fn tell(&self, text: &str, signals: &Signals) -> (String, f64) {
        let unknown = |probability| (UNKNOWN.to_owned(), probability);
        if signals.code_char_share >= CODE_SHARE {
            return unknown(0.0);
        }
        // Kana are among the words, so a text in Japanese may be on either side of this.
        let in_han = signals.han_share >= HAN_SHARE && signals.n_hangul * 10.0 <= signals.n_han;
        // Letters of formulas are in no language.
        let prose = (signals.formula_share > 0.0).then(|| without_formulas(text));
        let said = prose.as_deref().unwrap_or(text);
        let question = Question::of(said, in_han, signals.upper_share > 0.5);
        let is_title = in_han && TITLE_LETTERS.contains(&question.letters);
        let shown = is_title && HanSigns::of(text).is_japanese() == Some(false);
        if question.letters < LEAST_LETTERS && !shown {
            return unknown(0.0);
        }
        let answers = self.ask(&question.text);
        let best = answers.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some(&(best, probability)) = best else { return unknown(0.0) };
        if !in_han {
            // Asked without Han characters, nothing is Chinese.
            let told = probability >= self.threshold && !CHINESE.contains(&best);
            return (if told { best } else { UNKNOWN }.to_owned(), probability);
        }
        let of = |names: &[&str]| -> f64 {
            let named = answers.iter().filter(|(label, _)| names.contains(label));
            named.map(|(_, probability)| probability).sum()
        };
        let (chinese, japanese) = (of(&CHINESE), of(&["ja"]));
        let either = (chinese + japanese).min(1.0);
        if either < self.threshold && !shown {
            return unknown(either);
        }
        let signs = HanSigns::of(text);
        if signs.is_japanese().unwrap_or(japanese > chinese) {
            return ("ja".to_owned(), either);
        }
        (signs.variety().to_owned(), either)
    }

    /// Labels and probabilities for a text of one line, in any order.
    fn ask(&self, line: &str) -> Vec<(&str, f64)> {
        let names = self.labels.iter().map(String::as_str);
        if let Some(hierarchy) = &self.hierarchy {
            return names.zip(hierarchy.answers(&self.model, line)).collect();
        }
        let found = self.model.predict(line, self.labels.len(), 0.0);
        let named = |name: &str| found.iter().find(|a| a.label.strip_prefix(LABEL) == Some(name));
        names.map(|name| (name, named(name).map_or(0.0, |a| f64::from(a.prob).min(1.0)))).collect()
    }
}

/// What the model is asked.
struct Question {
    text: String,
    letters: usize,
}

impl Question {
    /// The text in one line without markup, names of programs and addresses; of a text in Han
    /// characters without Latin words, of another one without Han characters.
    fn of(text: &str, in_han: bool, lower: bool) -> Self {
        let mut found = Self { text: String::new(), letters: 0 };
        for stretch in stretches(text) {
            for word in stretch.split_whitespace().filter_map(spoken) {
                found.add(word, in_han, lower);
            }
        }
        found
    }

    fn add(&mut self, word: &str, in_han: bool, lower: bool) {
        let (length, letters_before) = (self.text.len(), self.letters);
        let mut rest = word;
        while let Some(character) = rest.chars().next() {
            if is_address(rest) {
                // Chinese has no space behind an address.
                rest = rest.trim_start_matches(|c: char| c.is_ascii_graphic());
                continue;
            }
            rest = &rest[character.len_utf8()..];
            let letters = match kind_of(character) {
                Kind::Han if in_han || is_kana(character) => 2,
                Kind::Han => continue,
                // The model knows Arabic without its vowels.
                Kind::Mark if ('\u{610}'..='\u{6ED}').contains(&character) => continue,
                _ if in_han && character.is_ascii_alphanumeric() => continue,
                _ if matches!(character, '\u{AC00}'..='\u{D7A3}') => 2,
                _ => usize::from(character.is_alphabetic()),
            };
            if self.text.len() == length && length > 0 {
                self.text.push(' ');
            }
            self.letters += letters;
            if lower {
                self.text.extend(character.to_lowercase());
            } else {
                self.text.push(character);
            }
        }
        // The model takes quotation marks for a language.
        if self.letters == letters_before {
            self.text.truncate(length);
        }
    }
}

fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')
}

/// A word without markup around it; `None` for what nobody says: signs, paths, calls, versions.
fn spoken(word: &str) -> Option<&str> {
    if !word.is_ascii() {
        return Some(word);
    }
    let inside = word.trim_matches(|c: char| c.is_ascii_punctuation());
    let says = |c: u8| c.is_ascii_alphabetic() || matches!(c, b'\'' | b'-');
    (!inside.is_empty() && inside.bytes().all(says)).then_some(inside)
}

fn is_address(text: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|head| text.starts_with(head))
}

/// Beginning, middle and end of a long text; all of another one.
fn stretches(text: &str) -> Vec<&str> {
    if text.len() <= 3 * STRETCH {
        return vec![text];
    }
    let from = |start: usize| {
        let start = boundary(text, start);
        &text[start..boundary(text, start + STRETCH)]
    };
    vec![from(0), from(text.len() / 2 - STRETCH / 2), from(text.len() - STRETCH)]
}

/// The nearest beginning of a character at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, in_han: bool) -> String {
        Question::of(text, in_han, false).text
    }

    #[test]
    fn questions_hold_one_script_and_no_address() {
        assert_eq!(asked("看 https://a.example/b?c=1。用 Python 写", true), "看 。用 写");
        assert_eq!(
            asked("the word\n「关系」 means\twww.a.example more", false),
            "the word means more"
        );
        assert_eq!(asked("カメラ と 写真", false), "カメラ と");
        assert_eq!(asked("**Use** `a_b()` or f(x), v1.2; don't /etc/x!", false), "Use or don't");
        assert_eq!(asked("وَٱلْعَٰدِيَٰتِ", false), "وٱلعديت");
    }

    #[test]
    fn letters_of_words_count_one() {
        assert_eq!(Question::of("你好 12", true, false).letters, 4);
        assert_eq!(Question::of("Yes, 12 한국", false, false).letters, 7);
        assert_eq!(Question::of("QUITE", false, true).text, "quite");
    }

    #[test]
    fn of_a_long_text_three_stretches_are_asked() {
        let text = "字".repeat(3 * STRETCH);
        let found = stretches(&text);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|stretch| stretch.len().abs_diff(STRETCH) < 4));
        assert!(text.ends_with(found[2]));
        assert_eq!(stretches("short"), ["short"]);
    }

    #[test]
    fn given_languages_are_filled_or_replaced() {
        assert!(Telling::Fill.tells(None) && Telling::Fill.tells(Some("und")));
        assert!(!Telling::Fill.tells(Some("zh")));
        assert!(Telling::Replace.tells(Some("zh")));
    }
}
