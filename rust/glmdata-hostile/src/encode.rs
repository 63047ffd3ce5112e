//! Scanner and encoder with a whole vocabulary: pieces are those of the regex engine, ids those of
//! plain merging, and decoding gives the bytes back.

use std::sync::OnceLock;

use glmdata_bpe::{
    Base, CL100K_PATTERN, Digits, Pattern, Pieces, Ranks, SINGLE_DIGIT_PATTERN, Split, Tokenizer,
};

/// Plain merging takes the square of a piece's length.
const PLAIN_BYTES: usize = 300;

struct Ways {
    digits: Digits,
    pattern: Pattern,
    tokenizer: Tokenizer,
}

/// Both ways of cutting digits, each by hand and by the engine.
fn ways() -> &'static [Ways; 2] {
    static WAYS: OnceLock<[Ways; 2]> = OnceLock::new();
    WAYS.get_or_init(|| {
        let ranks = Base::Glm4.ranks().expect("a vocabulary of our own");
        let way = |digits, pattern| Ways {
            digits,
            pattern: Pattern::new(pattern).expect("a pattern of our own"),
            tokenizer: Tokenizer::new(ranks.clone(), Split::Family(digits)),
        };
        [way(Digits::UpToThree, CL100K_PATTERN), way(Digits::Single, SINGLE_DIGIT_PATTERN)]
    })
}

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for way in ways() {
        let pieces: Vec<&str> = Pieces::new(&text, way.digits).collect();
        assert_eq!(pieces.concat(), text, "the pieces are the text");
        let mut by_engine = Vec::new();
        way.pattern.pieces(&text, |piece| by_engine.push(piece)).expect("a linear pattern");
        assert_eq!(pieces, by_engine, "{:?}", way.digits);
        check_ids(&way.tokenizer, &text, &pieces);
        let mut ids = Vec::new();
        way.tokenizer.encoder().encode_bytes_into(data, &mut ids).expect("no pattern of a user");
        assert_eq!(way.tokenizer.decode(&ids).expect("known ids"), data);
    }
}

/// All doors of the encoder agree with each other and with plain merging of `pieces`.
pub(crate) fn check_ids(tokenizer: &Tokenizer, text: &str, pieces: &[&str]) {
    let mut encoder = tokenizer.encoder();
    let ids = encoder.encode(text).expect("no pattern of a user");
    assert_eq!(tokenizer.decode(&ids).expect("known ids"), text.as_bytes());
    // The second time from memory.
    assert_eq!(encoder.encode(text).expect("no pattern of a user"), ids);
    assert_eq!(encoder.count(text).expect("no pattern of a user"), ids.len());
    let (again, offsets) = encoder.encode_with_offsets(text).expect("no pattern of a user");
    assert_eq!((again.len(), offsets.len()), (ids.len(), ids.len()));
    let limit = ids.len() / 2;
    let (start, _) = encoder.truncate(text, limit).expect("no pattern of a user");
    assert_eq!(start, ids[..limit]);
    if pieces.iter().all(|piece| piece.len() <= PLAIN_BYTES) {
        let plain: Vec<u32> = pieces
            .iter()
            .flat_map(|piece| plain_ids(tokenizer.ranks(), piece.as_bytes()))
            .collect();
        assert_eq!(ids, plain);
    }
}

/// The pair with the least rank is merged until there is none.
fn plain_ids(ranks: &Ranks, piece: &[u8]) -> Vec<u32> {
    let mut ends: Vec<usize> = (0..=piece.len()).collect();
    loop {
        let pairs = ends.windows(3).enumerate();
        let least = pairs.filter_map(|(at, e)| Some((ranks.rank(&piece[e[0]..e[2]])?, at))).min();
        let Some((_, at)) = least else { break };
        ends.remove(at + 1);
    }
    // A piece of one token needs no merge that leads to it.
    if let Some(rank) = ranks.rank(piece) {
        return vec![rank];
    }
    let tokens = ends.windows(2).map(|e| ranks.rank(&piece[e[0]..e[1]]));
    tokens.map(|rank| rank.expect("bytes and what was merged are tokens")).collect()
}
