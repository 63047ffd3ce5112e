//! From ids back to bytes, at once or as they come.

use glmdata_base::{Error, Result};

use super::Tokenizer;

impl Tokenizer {
    /// The bytes of `ids`; an id outside the vocabulary is an error that names it.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            bytes.extend_from_slice(self.token(id)?);
        }
        Ok(bytes)
    }

    /// A decoder for ids that come one by one.
    pub fn stream_decoder(&self) -> StreamDecoder {
        StreamDecoder { tokenizer: self.clone(), held: Vec::new() }
    }

    fn token(&self, id: u32) -> Result<&[u8]> {
        self.ranks().token(id).ok_or_else(|| {
            let expected = format!("an id below {}", self.ranks().len());
            Error::config("ids", &expected, id)
        })
    }
}

/// Gives text as soon as its characters are whole; bytes that can become no character turn into
/// U+FFFD, as in Python's `errors="replace"`.
#[derive(Clone, Debug)]
pub struct StreamDecoder {
    tokenizer: Tokenizer,
    /// The start of a character that is not whole yet: at most three bytes between calls.
    held: Vec<u8>,
}

impl StreamDecoder {
    /// The text that `id` completes.
    pub fn push(&mut self, id: u32) -> Result<String> {
        self.held.extend_from_slice(self.tokenizer.token(id)?);
        let mut text = String::new();
        let mut kept = 0;
        loop {
            match str::from_utf8(&self.held[kept..]) {
                Ok(rest) => {
                    text.push_str(rest);
                    self.held.clear();
                    return Ok(text);
                }
                Err(error) => {
                    let valid = kept + error.valid_up_to();
                    text.push_str(&String::from_utf8_lossy(&self.held[kept..valid]));
                    let Some(broken) = error.error_len() else {
                        self.held.drain(..valid);
                        return Ok(text);
                    };
                    text.push('\u{FFFD}');
                    kept = valid + broken;
                }
            }
        }
    }

    /// The end: what is still held is no character.
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.held).into_owned()
    }
}
