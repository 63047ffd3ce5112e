//! `.tiktoken` files and patterns: what is accepted works, and comes back as it was.
//!
//! The first byte says whether the rest is a vocabulary or a pattern; what stands behind a zero byte
//! is the text to try it on.

use glmdata_base::Error;
use glmdata_bpe::{
    Digits, Merges, Pattern, Pieces, Split, Tokenizer, faults, from_tiktoken, to_tiktoken,
};

use crate::encode::check_ids;

pub(crate) fn check(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let all = String::from_utf8_lossy(rest);
    let (described, text) = all.split_once('\0').unwrap_or((&all, "The river 河口 1234\n"));
    if choice & 1 == 0 { check_vocabulary(described, text) } else { check_pattern(described, text) }
}

fn check_vocabulary(described: &str, text: &str) {
    // The 256 bytes stand in front, for a vocabulary without one of them is refused at once.
    let bytes = to_tiktoken(&glmdata_bpe::Ranks::bytes_only());
    for file in [described.to_owned(), bytes + described] {
        let ranks = match from_tiktoken(&file) {
            Ok(ranks) => ranks,
            Err(Error::Config { .. }) => continue,
            Err(error) => panic!("{error}"),
        };
        let written = to_tiktoken(&ranks);
        assert_eq!(to_tiktoken(&from_tiktoken(&written).expect("our own file")), written);
        assert_eq!(faults(&ranks).is_empty(), Merges::of(&ranks).is_some());
        let tokenizer = Tokenizer::new(ranks, Split::Family(Digits::UpToThree));
        let pieces: Vec<&str> = Pieces::new(text, Digits::UpToThree).collect();
        check_ids(&tokenizer, text, &pieces);
    }
}

fn check_pattern(described: &str, text: &str) {
    let pattern = match Pattern::new(described) {
        Ok(pattern) => pattern,
        Err(Error::Config { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let mut pieces = String::new();
    match pattern.pieces(text, |piece| pieces.push_str(piece)) {
        Ok(()) => assert_eq!(pieces, text, "the pieces are the text"),
        // The engine gave up.
        Err(Error::Config { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}
