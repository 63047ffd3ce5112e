//! What may not become a token, however often it occurs.

/// Reasons to refuse a pair, asked when it is the best one.
#[derive(Clone, Debug, Default)]
pub struct Guards {
    /// No token may join a part of a character with anything outside that character.
    pub whole_characters: bool,
    /// Most characters of a token that contains Han; 0 for no limit.
    pub max_han: usize,
    /// Most bytes of any token; 0 for no limit.
    pub max_bytes: usize,
    /// Fewest documents that must support a pair; 0 for no limit. Up to 128 are told apart from
    /// repeats in the same documents.
    pub min_documents: u32,
    /// Fewest sources that must support a token of three or more characters with Han; 0 for no
    /// limit. Up to 10 are told apart.
    pub min_sources: u32,
    /// Texts that no token may contain.
    pub lexicon: Vec<String>,
}

/// A pair that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veto {
    /// The token it would have made.
    pub token: Vec<u8>,
    /// How often it occurred then.
    pub count: u64,
    /// In about how many documents, if that was asked.
    pub documents: Option<u32>,
    /// In about how many sources, if that was asked.
    pub sources: Option<u32>,
    /// Which guard refused it.
    pub reason: &'static str,
}

impl Guards {
    /// All guards of the default run, for a corpus of so many documents.
    pub fn standard(documents: u64) -> Self {
        Self {
            whole_characters: true,
            max_han: 4,
            max_bytes: 128,
            min_documents: (documents / 2_000).max(8).min(u64::from(u32::MAX)) as u32,
            min_sources: 0,
            lexicon: Vec::new(),
        }
    }

    /// Whether the bytes alone allow pairing; asked for every pair that could be counted.
    pub(super) fn admits(&self, left: &[u8], right: &[u8]) -> bool {
        !self.whole_characters || keeps_characters(&[left, right].concat())
    }

    /// Why `token` is refused for what it says.
    pub(super) fn refuses(&self, token: &[u8]) -> Option<&'static str> {
        if self.max_bytes > 0 && token.len() > self.max_bytes {
            return Some("max_bytes");
        }
        let text = str::from_utf8(token).ok()?;
        let is_long = || text.chars().nth(self.max_han).is_some();
        if self.max_han > 0 && is_long() && text.chars().any(crate::base::is_han) {
            return Some("max_han");
        }
        let listed = self.lexicon.iter().any(|entry| text.contains(entry.as_str()));
        listed.then_some("lexicon")
    }
}

/// Where a pair was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// Documents of all its words, some counted twice.
    pub(super) documents: u64,
    /// The union of the words' document sketches.
    pub(super) sketch: u64,
    /// The union of their sources.
    pub(super) sources: u32,
}

impl Guards {
    /// Whether where a pair was found has a say.
    pub(super) fn asks_evidence(&self, token: &[u8]) -> bool {
        // Parts of characters are no words that could be spam.
        str::from_utf8(token).is_ok() && (self.min_documents > 0 || self.asks_sources(token))
    }

    fn asks_sources(&self, token: &[u8]) -> bool {
        let is_long = |text: &str| text.chars().nth(2).is_some();
        self.min_sources > 1
            && str::from_utf8(token)
                .is_ok_and(|text| is_long(text) && text.chars().any(crate::base::is_han))
    }

    /// Complete a veto if `token` was found in too few documents or sources.
    pub(super) fn refuses_evidence(&self, token: &[u8], evidence: Evidence) -> Option<Veto> {
        let found = evidence.documents.min(u64::from(u32::MAX)) as u32;
        let distinct = documents_of(evidence.sketch);
        let veto = |reason| Veto {
            token: token.to_vec(),
            count: 0,
            documents: None,
            sources: None,
            reason,
        };
        if found < self.min_documents || distinct < self.min_documents.min(128) {
            return Some(Veto { documents: Some(found.min(distinct)), ..veto("min_documents") });
        }
        let sources = evidence.sources.count_ones();
        if self.asks_sources(token) && sources < self.min_sources {
            return Some(Veto { sources: Some(sources), ..veto("min_sources") });
        }
        None
    }
}

/// Whether bytes are whole characters, or lie within one.
fn keeps_characters(bytes: &[u8]) -> bool {
    let within_one = bytes.iter().skip(1).all(|&byte| byte & 0xC0 == 0x80);
    within_one || str::from_utf8(bytes).is_ok()
}

/// About how many different documents set the bits of `sketch`, by linear counting.
fn documents_of(sketch: u64) -> u32 {
    match sketch.count_ones() {
        64 => 266,
        ones => (-64.0 * (1.0 - f64::from(ones) / 64.0).ln()).round() as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_whole_or_within_one() {
        let cases: [(&[u8], bool); 7] = [
            ("中国".as_bytes(), true),
            (b"\xe4\xb8", true),
            (b"\xb8\xad", true),
            (b"\xad\xe5\x9b\xbd", false),
            (b" \xe4", false),
            ("é!".as_bytes(), true),
            (b"\xe4\xb8\xad\xe5", false),
        ];
        for (bytes, expected) in cases {
            assert_eq!(keeps_characters(bytes), expected, "{bytes:x?}");
        }
    }
}
