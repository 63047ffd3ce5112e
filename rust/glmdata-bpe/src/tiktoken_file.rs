//! The `.tiktoken` text form of a vocabulary: one line a token, base64, a space, the rank.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glmdata_base::{Error, Result};

use crate::ranks::Ranks;

/// The file's text, in rank order with a line end behind every line, as OpenAI publishes it.
pub fn to_tiktoken(ranks: &Ranks) -> String {
    let mut text = String::with_capacity(ranks.len() * 20);
    for (rank, token) in ranks.iter().enumerate() {
        STANDARD.encode_string(token, &mut text);
        text.push(' ');
        text.push_str(&rank.to_string());
        text.push('\n');
    }
    text
}

/// Read the text form. Ranks must be dense; their order in the file is free.
pub fn from_tiktoken(text: &str) -> Result<Ranks> {
    let mut tokens: Vec<(u32, Vec<u8>)> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed = line
            .trim_end()
            .split_once(' ')
            .and_then(|(token, rank)| Some((rank.parse().ok()?, STANDARD.decode(token).ok()?)));
        tokens.push(parsed.ok_or_else(|| {
            let found =
                format!("line {}: {:?}", number + 1, line.chars().take(60).collect::<String>());
            Error::config("vocabulary", "base64, a space and a rank on every line", found)
        })?);
    }
    tokens.sort_unstable();
    for (expected, (rank, _)) in tokens.iter().enumerate() {
        if *rank as usize != expected {
            let found = format!("rank {rank} in place of {expected}");
            return Err(Error::config("vocabulary", "ranks from 0 without gaps", found));
        }
    }
    Ranks::new(tokens.into_iter().map(|(_, token)| token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::cl100k;
    use sha2::{Digest, Sha256};

    #[test]
    fn cl100k_is_the_published_file() {
        let text = to_tiktoken(&cl100k().unwrap());
        assert_eq!(text.lines().count(), 100_256);
        assert_eq!(
            glmdata_base::hex(&Sha256::digest(text.as_bytes())),
            "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
        );
        let again = from_tiktoken(&text).unwrap();
        assert!(again.iter().eq(cl100k().unwrap().iter()));
    }

    #[test]
    fn a_broken_line_is_named() {
        for (text, expected) in [
            ("IQ== 0\nIg==\n", "line 2"),
            ("IQ== 0\n???? 1\n", "line 2"),
            ("IQ== 0\nIg== 2\n", "rank 2 in place of 1"),
        ] {
            let message = from_tiktoken(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
