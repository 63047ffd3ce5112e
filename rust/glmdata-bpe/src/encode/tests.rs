//! Ids beside slow references: merging by byte strings over the pieces of the regex engine.

use super::*;
use crate::base::Base;
use crate::known::cl100k;
use crate::scan::CL100K_PATTERN;
use crate::tiktoken_file::from_tiktoken;

/// tiktoken's rule in its plainest form.
struct Reference {
    ranks: Ranks,
    pattern: Pattern,
}

impl Reference {
    fn new(ranks: Ranks) -> Self {
        Self { ranks, pattern: Pattern::new(CL100K_PATTERN).unwrap() }
    }

    fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        self.pattern.pieces(text, |piece| ids.extend(self.piece(piece.as_bytes()))).unwrap();
        ids
    }

    fn piece(&self, piece: &[u8]) -> Vec<u32> {
        if let Some(rank) = self.ranks.rank(piece) {
            return vec![rank];
        }
        let mut parts: Vec<&[u8]> = piece.chunks(1).collect();
        loop {
            let mut best = None;
            let mut at = 0;
            for (place, pair) in parts.windows(2).enumerate() {
                let start = pair[0].as_ptr() as usize - piece.as_ptr() as usize;
                let rank = self.ranks.rank(&piece[start..start + pair[0].len() + pair[1].len()]);
                if let Some(rank) = rank
                    && best.is_none_or(|best| rank < best)
                {
                    (best, at) = (Some(rank), place);
                }
            }
            if best.is_none() {
                return parts.iter().map(|part| self.ranks.rank(part).unwrap()).collect();
            }
            let start = parts[at].as_ptr() as usize - piece.as_ptr() as usize;
            let length = parts[at].len() + parts[at + 1].len();
            parts.splice(at..at + 2, [&piece[start..start + length]]);
        }
    }
}

fn tokenizer(ranks: Ranks) -> Tokenizer {
    Tokenizer::new(ranks, Split::Family(Digits::UpToThree))
}

/// GLM-4's own ranks, which break C1.
fn foreign() -> Ranks {
    let source = tiktoken::get_encoding("glm4").unwrap();
    Ranks::new((0..151_329).map(|rank| source.decode(&[rank]))).unwrap()
}

/// A vocabulary with many Han tokens that obeys C1: what is left of GLM-4's by closure.
fn dense() -> Ranks {
    let foreign = foreign();
    crate::validity::closure(&foreign, foreign.iter()).unwrap().0
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        ((self.0 >> 33) as usize) % limit
    }
}

fn random_texts(ranks: Ranks, count: usize, seed: u64) {
    let tokenizer = tokenizer(ranks.clone());
    let reference = Reference::new(ranks);
    let mut encoder = tokenizer.encoder();
    let mut random = Random(seed);
    for _ in 0..count {
        let mut bytes = Vec::new();
        for _ in 0..random.below(12) {
            match random.below(4) {
                // Tokens set side by side reach the merges that texts reach rarely.
                0 => {
                    let rank = random.below(reference.ranks.len()) as u32;
                    bytes.extend_from_slice(reference.ranks.token(rank).unwrap());
                }
                1 => {
                    let point = 0x4E00 + random.below(0x5200) as u32;
                    let character = char::from_u32(point).unwrap_or('的');
                    bytes.extend_from_slice(character.to_string().as_bytes());
                }
                2 => {
                    let common = [
                        "的", "一", "中国", "我们", "，", "a", " the", "カ", "é", "\n", " 王",
                        "123", "'s",
                    ];
                    bytes.extend_from_slice(common[random.below(common.len())].as_bytes());
                }
                _ => {
                    let any = char::from_u32(random.below(0x11_0000) as u32).unwrap_or(' ');
                    bytes.extend_from_slice(any.to_string().as_bytes());
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let ids = encoder.encode(&text).unwrap();
        assert_eq!(ids, reference.encode(&text), "{text:?}");
        assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
    }
}

#[test]
fn random_texts_give_the_reference_ids() {
    for (seed, ranks) in
        [cl100k().unwrap(), Base::Glm4.ranks().unwrap(), dense(), foreign()].into_iter().enumerate()
    {
        random_texts(ranks, 20_000, seed as u64);
    }
}

#[test]
#[ignore = "long"]
fn a_million_random_texts_give_the_reference_ids() {
    for (seed, ranks) in [cl100k().unwrap(), dense(), foreign()].into_iter().enumerate() {
        random_texts(ranks, 1_000_000, 100 + seed as u64);
    }
}

#[test]
fn every_token_alone_is_itself() {
    for ranks in [cl100k().unwrap(), dense()] {
        let tokenizer = tokenizer(ranks);
        let mut encoder = tokenizer.encoder();
        for (rank, token) in tokenizer.ranks().iter().enumerate() {
            let mut out = Vec::new();
            encoder.miss(token, &mut out);
            assert_eq!(out, [rank as u32]);
        }
    }
}

#[test]
fn long_pieces_equal_merging_by_byte_strings() {
    let ranks = dense();
    let valid = tokenizer(ranks.clone());
    let mut encoder = valid.encoder();
    let mut random = Random(7);
    for _ in 0..300 {
        let mut piece = Vec::new();
        let length = 65 + random.below(400);
        while piece.len() < length {
            let limit = 3_000 + random.below(140_000);
            let rank = random.below(limit) as u32;
            let times = 1 + random.below(4);
            piece.extend(ranks.token(rank).unwrap().repeat(times));
        }
        let mut ids = Vec::new();
        encoder.miss(&piece, &mut ids);
        let starts = merge_by_bytes(&piece, |bytes| ranks.rank(bytes));
        assert_eq!(ids.len(), starts.len());
        let mut at = 0;
        for (&id, &start) in ids.iter().zip(&starts) {
            assert_eq!(at, start);
            at += ranks.token(id).unwrap().len();
        }
    }
}

#[test]
fn hostile_input_takes_linear_time() {
    for ranks in [cl100k().unwrap(), dense()] {
        let tokenizer = tokenizer(ranks);
        let mut encoder = tokenizer.encoder();
        for text in [
            "a".repeat(10_000_000),
            "ab".repeat(1_000_000),
            "龘".repeat(1_000_000),
            "中国人民".repeat(250_000),
            "e\u{301}".repeat(300_000),
            "\u{301}".repeat(500_000),
            " ".repeat(3_000_000),
            "\n ".repeat(1_000_000),
            "!?".repeat(1_000_000),
        ] {
            let begun = std::time::Instant::now();
            let ids = encoder.encode(&text).unwrap();
            assert_eq!(tokenizer.decode(&ids).unwrap(), text.as_bytes());
            assert_eq!(encoder.count(&text).unwrap(), ids.len());
            assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
        }
    }
}

#[test]
fn broken_bytes_form_pieces_of_their_own() {
    let tokenizer = tokenizer(cl100k().unwrap());
    let mut encoder = tokenizer.encoder();
    for bytes in [
        &b"ab\xff\xfecd"[..],
        b"\xe4\xbd",
        b"\xe4\xbd\xe4\xbd\xa0 ",
        b"\xff",
        b"x \xf0\x9f\x98",
        b"\xe6\xff\xb3",
    ] {
        let mut ids = Vec::new();
        encoder.encode_bytes_into(bytes, &mut ids).unwrap();
        assert_eq!(tokenizer.decode(&ids).unwrap(), bytes);
    }
}

#[test]
fn counts_cuts_offsets_and_streams_agree() {
    let tokenizer = tokenizer(cl100k().unwrap());
    let mut encoder = tokenizer.encoder();
    let text = "The 龘 quick brown 狐狸 jumps, it's 2026!\n".repeat(50);
    let ids = encoder.encode(&text).unwrap();
    assert_eq!(encoder.count(&text).unwrap(), ids.len());
    let (same, offsets) = encoder.encode_with_offsets(&text).unwrap();
    assert_eq!(same, ids);
    for limit in [0, 1, 7, 100, ids.len(), ids.len() + 9] {
        let (first, bytes) = encoder.truncate(&text, limit).unwrap();
        assert_eq!(first, ids[..limit.min(ids.len())]);
        assert_eq!(bytes, offsets.get(limit).copied().unwrap_or(text.len()));
    }
    let mut stream = tokenizer.stream_decoder();
    let mut streamed: String = ids.iter().map(|&id| stream.push(id).unwrap()).collect();
    streamed.push_str(&stream.finish());
    assert_eq!(streamed, text);
    assert!(tokenizer.decode(&[100_256]).unwrap_err().to_string().contains("100256"));
}

#[test]
fn glm4s_published_vector() {
    // chatglm.cpp gives 109377 for 你好 with GLM-4's own ranks.
    let tokenizer = tokenizer(foreign());
    assert!(!tokenizer.is_valid());
    assert_eq!(tokenizer.encoder().encode("你好").unwrap(), [109_377]);
    assert_eq!(tokenizer.encoder().encode(" 王").unwrap(), [102_322]);
}

#[test]
fn other_patterns_run_through_the_engine() {
    let split = Split::Pattern(Pattern::new(CL100K_PATTERN).unwrap());
    let slow = Tokenizer::new(cl100k().unwrap(), split);
    let fast = tokenizer(cl100k().unwrap());
    let text = "It's 12345 中文，默认 \n\n x";
    assert_eq!(slow.encoder().encode(text).unwrap(), fast.encoder().encode(text).unwrap());
    assert!(from_tiktoken("x").is_err());
}

/// Runs of few Han characters, so that many of them merge, with other text between.
fn han_text(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(40) {
        let spread = 1 + random.below(30);
        let point = 0x4E00 + 37 * random.below(spread) as u32;
        text.push(char::from_u32(point).unwrap_or('的'));
        match random.below(25) {
            0 => text.push('，'),
            1 => text.push_str("a "),
            2 => text.push('カ'),
            _ => {}
        }
    }
    text
}

#[test]
fn a_trained_vocabulary_gives_the_reference_ids() {
    use crate::{Guards, Inventory, Phase, train};
    use glmdata_base::{Cancel, Progress};
    let mut random = Random(17);
    let texts: Vec<String> = (0..3_000).map(|_| han_text(&mut random)).collect();
    let inventory = Inventory::count(&texts, Digits::UpToThree);
    let guards = Guards { whole_characters: true, ..Guards::default() };
    let phase = Phase { inventory: &inventory, tokens: 1_500, least: 2, guards };
    let cancel = Cancel::new();
    let ranks =
        train(Base::Glm4.ranks().unwrap(), &[phase], &cancel, &Progress::new()).unwrap().ranks;
    let tokenizer = tokenizer(ranks.clone());
    let reference = Reference::new(ranks);
    let mut encoder = tokenizer.encoder();
    for _ in 0..20_000 {
        let text = han_text(&mut random);
        assert_eq!(encoder.encode(&text).unwrap(), reference.encode(&text), "{text}");
    }
}
