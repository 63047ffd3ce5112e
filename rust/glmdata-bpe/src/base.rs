//! The vocabularies that training starts from.

use glmdata_base::Result;

use crate::known::cl100k;
use crate::ranks::Ranks;
use crate::validity::closure;

/// What is kept of cl100k_base before new tokens are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// cl100k_base without multi-digit numbers and without Han, closed under C1: GLM-4's choice, less
    /// the fragments that nothing can reach any more.
    Glm4,
    /// All of cl100k_base, ids unchanged.
    Cl100kKeep,
    /// The 256 bytes.
    None,
}

impl Base {
    /// The vocabulary.
    pub fn ranks(self) -> Result<Ranks> {
        match self {
            Self::Glm4 => {
                let all = cl100k()?;
                let kept = all.iter().filter(|token| !is_number(token) && !has_han(token));
                closure(&all, kept).map(|(ranks, _)| ranks)
            }
            Self::Cl100kKeep => cl100k(),
            Self::None => Ok(Ranks::bytes_only()),
        }
    }
}

/// Two or three digits, ASCII or full-width: the tokens whose splits GLM-4 learned anew.
fn is_number(token: &[u8]) -> bool {
    str::from_utf8(token).is_ok_and(|text| {
        text.chars().count() > 1
            && text.chars().all(|c| c.is_ascii_digit() || ('\u{FF10}'..='\u{FF19}').contains(&c))
    })
}

/// Whether a token is text that contains Han. Tokens that start or end inside a character are
/// left to the closure: it finds that 28 of them lost their parts.
fn has_han(token: &[u8]) -> bool {
    str::from_utf8(token).is_ok_and(|text| text.chars().any(is_han))
}

/// The ideographs: unified, extensions, compatibility.
pub(crate) fn is_han(character: char) -> bool {
    matches!(character,
        '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{2_0000}'..='\u{3_FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validity::{Merges, faults};

    #[test]
    fn bases_have_the_stated_sizes_and_obey_c1() {
        for (base, size) in [(Base::Glm4, 98_286), (Base::Cl100kKeep, 100_256), (Base::None, 256)] {
            let ranks = base.ranks().unwrap();
            assert_eq!(ranks.len(), size, "{base:?}");
            assert!(Merges::of(&ranks).is_some());
            assert_eq!(faults(&ranks), []);
        }
    }

    #[test]
    fn without_the_closure_28_orphans_stay() {
        let all = cl100k().unwrap();
        let kept = all.iter().filter(|token| !is_number(token) && !has_han(token));
        let ranks = Ranks::new(kept).unwrap();
        assert_eq!((ranks.len(), faults(&ranks).len()), (98_314, 28));
    }
}
