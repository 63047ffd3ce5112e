//! Personal data in a text: mail addresses, public IP addresses, telephone numbers, identity cards and
//! bank cards by their check digits, accounts behind a word that says so.
//!
//! Everything is found in its ASCII form only, at borders where no letter, digit or underscore
//! touches it. What looks alike and is nobody's is left: numbers in links and paths, amounts, sequence
//! numbers, addresses for documentation, private nets, public resolvers, version numbers, published
//! test cards. `glmdata/reference/pii.py` says the same
//! slowly.

mod abroad;
mod address;
mod card;
mod place;

use std::ops::Range;

use memchr::memchr_iter;

use crate::terms::{Hit, Terms};
use abroad::{foreign, ip_six, landline};
use address::{email, ip};
use card::{bank_card, id_card, phone};
use place::in_address;

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

/// Words behind which an account stands; the first two are numbers, the others names.
pub(crate) const CUES: [&str; 7] = ["qq", "扣扣", "微信", "wechat", "weixin", "v信", "vx"];
const NUMBERED: usize = 2;

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
        let mut cues = Vec::new();
        self.cues.find(text, &mut cues);
        find_with(text, cues.into_iter())
    }
}

/// The same of a text in which the words of [`CUES`] were found.
pub(crate) fn find_with(text: &str, cues: impl Iterator<Item = Hit>) -> Vec<Pii> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // First, so that a number behind its word is what the word says.
    for cue in cues {
        let numbered = (cue.term as usize) < NUMBERED;
        let span = account(text, cue.start as usize..cue.end as usize, numbered);
        found.extend(span.map(|span| Pii { kind: PiiKind::Account, span }));
    }
    for at in memchr_iter(b'@', bytes) {
        found.extend(email(bytes, at).map(|span| Pii { kind: PiiKind::Email, span }));
    }
    numbers(bytes, &mut found);
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

/// Everything that begins with a digit.
fn numbers(bytes: &[u8], found: &mut Vec<Pii>) {
    let mut at = 0;
    while let Some(ahead) = next_digit(&bytes[at..]) {
        let start = at + ahead;
        let run = start + digits(&bytes[start..]);
        let before = start.checked_sub(1).map(|at| &bytes[at]);
        // The part behind a decimal point, or of an address already looked at.
        let fraction = before == Some(&b'.')
            && start.checked_sub(2).is_some_and(|at| bytes[at].is_ascii_digit());
        at = run;
        if in_word(before) || fraction {
            continue;
        }
        let candidates = [
            (PiiKind::Ip, ip(bytes, start)),
            (PiiKind::Ip, ip_six(bytes, start)),
            (PiiKind::IdCard, id_card(bytes, start)),
            (PiiKind::BankCard, bank_card(bytes, start)),
            (PiiKind::Phone, phone(bytes, start)),
            (PiiKind::Phone, landline(bytes, start)),
            (PiiKind::Phone, foreign(bytes, start)),
        ];
        let first = candidates.into_iter().find_map(|(kind, end)| Some((kind, end?)));
        let first =
            first.filter(|&(kind, end)| kind == PiiKind::Ip || !in_address(bytes, start, end));
        if let Some((kind, end)) = first {
            let plus = kind == PiiKind::Phone && before == Some(&b'+');
            found.push(Pii { kind, span: start - usize::from(plus)..end });
            at = end;
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

/// The account behind the cue at `cue`.
fn account(text: &str, cue: Range<usize>, numbered: bool) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = cue.start.checked_sub(1).map(|at| &bytes[at]);
    if bytes[cue.start].is_ascii() && in_word(before) {
        return None;
    }
    let mut rest = &text[cue.end..];
    for word in ["号码", "群号", "号", "群"] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let blanks = |rest: &str| rest.len() - rest.trim_start_matches([' ', '\t']).len();
    rest = &rest[blanks(rest)..];
    if !numbered && rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("id")) {
        rest = &rest[2..];
        rest = &rest[blanks(rest)..];
    }
    let behind = rest.strip_prefix('：').or_else(|| rest.strip_prefix(':'));
    let said = behind.is_some();
    rest = behind.unwrap_or(rest);
    rest = &rest[blanks(rest)..];
    let start = text.len() - rest.len();
    // Letters behind letters are one word, or the noise of a key.
    if !numbered && start == cue.end && bytes[cue.end - 1].is_ascii() {
        return None;
    }
    let part = |byte: &u8| byte.is_ascii_digit() || !numbered && named(*byte);
    let length = rest.bytes().take_while(part).count();
    let end = start + length;
    let first = rest.bytes().next()?;
    let fits = if numbered {
        (5..=11).contains(&length) && first != b'0'
    } else {
        // A word behind the cue is a word, unless a colon or its look says otherwise.
        let odd = rest[..length].bytes().any(|byte| !byte.is_ascii_alphabetic());
        (6..=20).contains(&length) && first.is_ascii_alphabetic() && (said || odd)
    };
    (fits && ends(bytes, end)).then_some(start..end)
}

fn named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
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

    #[test]
    fn long_runs_take_linear_time() {
        let finder = PiiFinder::new().unwrap();
        for piece in ["1", "1.", "a@", "@", "4 ", "1234-", "QQ", "微信", "a.", "86-"] {
            assert!(finder.find(&piece.repeat(200_000)).is_empty(), "{piece}");
        }
    }
}
