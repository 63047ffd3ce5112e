//! Bytes that are no UTF-8, as tiktoken 0.14 encodes them (`Encoding._encode_bytes`): all that follows
//! the first broken byte is one piece, together with the piece in front of it.
//!
//! So one stray byte makes a piece of a whole file, and text behind it gets other ids than it has
//! elsewhere. [`Encoder::encode_bytes_into`] cuts at broken bytes instead; this is for those who need
//! ids equal to what tiktoken gave them before.

use glmdata_base::Result;

use super::{Encoder, Split};
use crate::scan::Pieces;

impl Encoder {
    /// Append the ids that tiktoken gives for `bytes`.
    pub fn encode_bytes_glued_into(&mut self, bytes: &[u8], out: &mut Vec<u32>) -> Result<()> {
        let text = match str::from_utf8(bytes) {
            Ok(text) => return self.encode_into(text, out),
            Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        let mut pieces: Vec<&str> = Vec::new();
        match &self.shared.split {
            Split::Family(digits) => pieces.extend(Pieces::new(text, *digits)),
            Split::Pattern(pattern) => pattern.pieces(text, |piece| pieces.push(piece))?,
        }
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            self.miss(piece.as_bytes(), out);
        }
        let mut glued = text.len() - last.len();
        // White space may belong to what follows, as a line end does to the blanks behind it.
        if !last.is_empty() && self.first_id_is_blank(last.as_bytes()) {
            while let Some(blank) = out.pop_if(|id| self.shared.is_blank(*id)) {
                glued -= self.shared.ranks.token(blank).map_or(0, <[u8]>::len);
            }
        }
        self.miss(&bytes[glued..], out);
        Ok(())
    }

    fn first_id_is_blank(&mut self, piece: &[u8]) -> bool {
        let mut ids = Vec::new();
        self.miss(piece, &mut ids);
        ids.first().is_some_and(|&id| self.shared.is_blank(id))
    }
}

impl super::Shared {
    /// Whether a token is blanks, tabs and line feeds only.
    fn is_blank(&self, id: u32) -> bool {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n');
        self.ranks.token(id).is_some_and(|token| token.iter().all(blank))
    }
}
