//! Personal data in a text: mail addresses, public IP addresses, telephone numbers, identity cards and
//! bank cards by their check digits, number plates, street addresses, and what stands behind a word that
//! says so: accounts, passports, numbers of social security.
//!
//! Everything is found at borders where no letter, digit or underscore touches it; digits and letters of
//! full width are read as ASCII. What looks alike and is nobody's is left: numbers in links and paths,
//! amounts, sequence numbers, addresses for documentation, private nets, public resolvers, version
//! numbers, published test cards. Nothing is looked at but digits, `@` and the words of [`CUES`].
//! `glmdata/reference/pii.py` says the same slowly.

mod abroad;
mod account;
mod address;
mod card;
mod cue;
mod disguised;
mod paper;
mod place;
mod plate;
mod street;
mod tables;
mod wide;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr_iter;

use crate::terms::{Hit, Terms};
use abroad::{american, called_local, foreign, ip_six, landline};
use address::{email, ip};
use card::{bank_card, id_card, phone};
pub(crate) use cue::CUES;
use cue::at_cue;
use paper::{old_id_card, security};
use place::in_address;
use plate::plate;
use street::{chinese, english};
pub(crate) use wide::narrowed;
use wide::widened;

/// What kind of data it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PiiKind {
    /// A mail address.
    Email,
    /// A public IP address.
    Ip,
    /// A telephone number.
    Phone,
    /// An identity card of 18 digits (GB 11643).
    IdCard,
    /// A bank card (ISO 7812, Luhn).
    BankCard,
    /// An account of QQ or WeChat, behind its name.
    Account,
    /// A Chinese passport, behind its name.
    Passport,
    /// A number plate of mainland China.
    Plate,
    /// A number of social security of the United States, behind its name.
    Ssn,
    /// A street address down to the number of the house.
    Address,
}

impl PiiKind {
    /// The name in reports and edits.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Ip => "ip",
            Self::Phone => "phone",
            Self::IdCard => "id_card",
            Self::BankCard => "bank_card",
            Self::Account => "account",
            Self::Passport => "passport",
            Self::Plate => "plate",
            Self::Ssn => "ssn",
            Self::Address => "address",
        }
    }

    /// What stands in its place when it is masked.
    pub fn mask(self) -> &'static str {
        match self {
            Self::Email => "[EMAIL]",
            Self::Ip => "[IP]",
            Self::Phone => "[PHONE]",
            Self::IdCard => "[ID-CARD]",
            Self::BankCard => "[BANK-CARD]",
            Self::Account => "[ACCOUNT]",
            Self::Passport => "[PASSPORT]",
            Self::Plate => "[PLATE]",
            Self::Ssn => "[SSN]",
            Self::Address => "[ADDRESS]",
        }
    }
}

/// One piece of personal data: its kind and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pii {
    /// The kind.
    pub kind: PiiKind,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Finds personal data; building it costs, asking does not.
#[derive(Debug)]
pub struct PiiFinder {
    cues: Terms,
}

impl PiiFinder {
    /// Build the table of cues.
    ///
    /// # Errors
    /// None in practice: the words are fixed.
    pub fn new() -> Result<Self, String> {
        Ok(Self { cues: Terms::new(&[&CUES[..]])? })
    }

    /// All of a text, in order, without overlap: of two that overlap the one that begins first, of
    /// two that begin together the shorter one.
    pub fn find(&self, text: &str) -> Vec<Pii> {
        let (narrow, mut cues) = (narrowed(text), Vec::new());
        self.cues.find(&narrow, &mut cues);
        let mut found = find_with(&narrow, cues.into_iter());
        if let Cow::Owned(_) = narrow {
            widened(text, &mut found);
        }
        found
    }
}

/// The same of a text without full width in which the words of [`CUES`] were found.
pub(crate) fn find_with(text: &str, cues: impl Iterator<Item = Hit>) -> Vec<Pii> {
    let bytes = text.as_bytes();
    // First, so that a number behind its word is what the word says.
    let mut found: Vec<Pii> = cues.filter_map(|cue| at_cue(text, cue)).collect();
    for at in memchr_iter(b'@', bytes) {
        found.extend(email(bytes, at).map(|span| Pii { kind: PiiKind::Email, span }));
    }
    numbers(text, &mut found);
    found.sort_by_key(|pii| (pii.span.start, pii.span.end));
    let mut end = 0;
    found.retain(|pii| {
        let apart = pii.span.start >= end;
        if apart {
            end = pii.span.end;
        }
        apart
    });
    found
}

/// The text with every piece of `found` replaced by the mask of its kind.
pub fn masked(text: &str, found: &[Pii]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for pii in found {
        left.push_str(&text[at..pii.span.start]);
        left.push_str(pii.kind.mask());
        at = pii.span.end;
    }
    left.push_str(&text[at..]);
    left
}

fn in_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Everything that has a digit first, or little before it.
fn numbers(text: &str, found: &mut Vec<Pii>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(ahead) = next_digit(&bytes[at..]) {
        let start = at + ahead;
        at = start + digits(&bytes[start..]);
        let mut add = |kind, span: Option<Range<usize>>| {
            let span =
                span.filter(|span| kind == PiiKind::Ip || !in_address(bytes, start, span.end));
            found.extend(span.map(|span| Pii { kind, span }));
        };
        add(PiiKind::Plate, plate(bytes, start));
        let before = start.checked_sub(1).map(|at| &bytes[at]);
        // The part behind a decimal point, or of an address already looked at.
        let fraction = before == Some(&b'.')
            && start.checked_sub(2).is_some_and(|at| bytes[at].is_ascii_digit());
        if in_word(before) || fraction {
            continue;
        }
        let from = |end: Option<usize>| end.map(|end| start..end);
        let run = at - start;
        if run <= 4 {
            add(PiiKind::Ip, from(ip(bytes, start)));
            add(PiiKind::Ip, from(ip_six(bytes, start)));
        }
        if run <= 5 {
            add(PiiKind::Address, chinese(text, start));
            add(PiiKind::Address, from(english(bytes, start)));
        }
        if matches!(run, 3 | 9) || run == 1 && bytes[start] == b'1' {
            add(PiiKind::Phone, american(bytes, start));
        }
        if matches!(run, 3 | 9) {
            add(PiiKind::Ssn, from(security(bytes, start)));
        }
        if (3..=8).contains(&run) && (b'2'..=b'8').contains(&bytes[start]) {
            add(PiiKind::Phone, called_local(bytes, start));
        }
        if matches!(bytes[start], b'0' | b'8') {
            add(PiiKind::Phone, landline(bytes, start));
        }
        if run > 2 || before == Some(&b'+') || bytes[start..].starts_with(b"86") {
            add(PiiKind::IdCard, from(id_card(bytes, start)));
            add(PiiKind::IdCard, from(old_id_card(bytes, start)));
            add(PiiKind::BankCard, from(bank_card(bytes, start)));
            let plus = usize::from(before == Some(&b'+'));
            add(PiiKind::Phone, phone(bytes, start).map(|end| start - plus..end));
            add(PiiKind::Phone, foreign(bytes, start));
        }
    }
}

/// The first digit, in steps that compilers make one comparison of.
fn next_digit(bytes: &[u8]) -> Option<usize> {
    let steps = bytes.chunks_exact(32);
    let rest = bytes.len() - steps.remainder().len();
    let any = |step: &[u8]| step.iter().fold(false, |any, byte| any | byte.is_ascii_digit());
    let from = steps.into_iter().position(any).map_or(rest, |step| 32 * step);
    bytes[from..].iter().position(u8::is_ascii_digit).map(|ahead| from + ahead)
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether a number may end here: not in a word and not before a decimal part.
fn ends(bytes: &[u8], end: usize) -> bool {
    let decimal =
        bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    !in_word(bytes.get(end)) && !decimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_that_overlap_the_first_stays() {
        let finder = PiiFinder::new().unwrap();
        let text = "QQ：13812345678 a@b.cn";
        let found = finder.find(text);
        assert_eq!(
            found.iter().map(|pii| pii.kind.name()).collect::<Vec<_>>(),
            ["account", "email"]
        );
        assert_eq!(masked(text, &found), "QQ：[ACCOUNT] [EMAIL]");
    }

    /// `é` and `ü` as a letter and an accent of its own (NFD).
    #[test]
    fn addresses_are_masked_whole_with_accents_apart() {
        let finder = PiiFinder::new().unwrap();
        let text = "to jose\u{301}.ruiz@mu\u{308}ller.de.";
        assert_eq!(masked(text, &finder.find(text)), "to [EMAIL].");
    }

    #[test]
    fn long_runs_take_linear_time() {
        let finder = PiiFinder::new().unwrap();
        for piece in ["1", "1.", "a@", "@", "4 ", "1234-", "QQ", "微信", "a.", "86-"] {
            assert!(finder.find(&piece.repeat(200_000)).is_empty(), "{piece}");
        }
    }
}
