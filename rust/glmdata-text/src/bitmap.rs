//! Three bits for every byte of a text: is it an ASCII letter or digit, is it part of a character
//! beyond ASCII, does it begin a common Han character. With them the unit scanner steps from word to
//! word and from one end of a Han run to the other instead of byte to byte.
//!
//! The instruction set is chosen at run time; every level gives the same bits. `Simd` values that
//! the machine lacks end here: what uses one asks [`Simd::or_portable`] first.

/// An instruction set; results never depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// 64-bit integer arithmetic: any platform.
    Portable,
    /// 32 bytes at a time.
    Avx2,
    /// 64 bytes at a time.
    Avx512,
}

impl Simd {
    /// The best level this machine has.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self::Portable)
    }

    /// Every level this machine has, slowest first.
    pub fn available() -> Vec<Self> {
        let levels = [Self::Portable, Self::Avx2, Self::Avx512];
        levels.into_iter().filter(|level| level.is_available()).collect()
    }

    /// Asked before every call into vector code, so it does not allocate.
    #[inline]
    fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// This level where the machine has it, else [`Simd::Portable`].
    #[inline]
    pub(crate) fn or_portable(self) -> Self {
        if self.is_available() { self } else { Self::Portable }
    }

    /// The name shown in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// One bit a byte, lowest bit first; bits behind the text are zero.
#[derive(Debug)]
pub(crate) struct Bitmaps {
    simd: Simd,
    /// ASCII letters and digits.
    pub(crate) word: Vec<u64>,
    /// Bytes of characters beyond ASCII.
    pub(crate) wide: Vec<u64>,
    /// First bytes of the characters from U+4E00 to U+9FFF.
    pub(crate) han: Vec<u64>,
}

/// Bits of 64 bytes, each of its byte alone.
struct Block {
    word: u64,
    wide: u64,
    /// First bytes of U+5000 to U+9FFF.
    most_han: u64,
    /// First bytes of U+4000 to U+4FFF.
    e4: u64,
    /// Bytes from 0xB8 on: behind a byte of `e4` one of them makes a character from U+4E00 on.
    from_b8: u64,
}

impl Bitmaps {
    pub(crate) fn new(simd: Simd) -> Self {
        // A level the machine lacks must not be reachable: calling it would be undefined.
        let simd = if Simd::available().contains(&simd) { simd } else { Simd::Portable };
        Self { simd, word: Vec::new(), wide: Vec::new(), han: Vec::new() }
    }

    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        self.word.clear();
        self.wide.clear();
        self.han.clear();
        let (blocks, rest) = bytes.as_chunks::<64>();
        let behind = rest.first().copied().unwrap_or(0);
        match self.simd {
            Simd::Portable => self.extend(blocks, behind, portable::bits),
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 => x86::extend_avx2(self, blocks, behind),
            #[cfg(target_arch = "x86_64")]
            Simd::Avx512 => x86::extend_avx512(self, blocks, behind),
            #[cfg(not(target_arch = "x86_64"))]
            Simd::Avx2 | Simd::Avx512 => self.extend(blocks, behind, portable::bits),
        }
        if !rest.is_empty() {
            let mut block = [0; 64];
            block[..rest.len()].copy_from_slice(rest);
            self.extend(&[block], 0, portable::bits);
        }
    }

    /// `behind` is the byte that follows the last block.
    #[inline(always)]
    fn extend(&mut self, blocks: &[[u8; 64]], behind: u8, bits: impl Fn(&[u8; 64]) -> Block) {
        self.word.reserve(blocks.len() + 1);
        self.wide.reserve(blocks.len() + 1);
        self.han.reserve(blocks.len() + 1);
        for (i, block) in blocks.iter().enumerate() {
            let Block { word, wide, most_han, e4, from_b8 } = bits(block);
            let next = blocks.get(i + 1).map_or(behind, |block| block[0]);
            let from_b8_behind = from_b8 >> 1 | u64::from(next >= 0xB8) << 63;
            self.word.push(word);
            self.wide.push(wide);
            self.han.push(most_han | (e4 & from_b8_behind));
        }
    }
}

/// Which of 64 bytes are white space of ASCII, or begin a character beyond ASCII that is none of U+4000
/// to U+9FFF.
#[inline]
pub(crate) fn not_plain(simd: Simd, block: &[u8; 64]) -> u64 {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 => x86::not_plain_avx2(block),
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 => x86::not_plain_avx512(block),
        _ => portable::not_plain(block),
    }
}

mod portable {
    use super::Block;

    const HIGH: u64 = 0x8080_8080_8080_8080;

    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }

    pub(super) fn bits(block: &[u8; 64]) -> Block {
        let (mut word, mut wide, mut most_han, mut e4, mut from_b8) = (0, 0, 0, 0, 0);
        let (eights, _) = block.as_chunks::<8>();
        for (i, eight) in eights.iter().enumerate() {
            let bytes = u64::from_le_bytes(*eight);
            let low = bytes & !HIGH;
            // In a byte below 128, adding 128 - x sets the top bit exactly when it is >= x.
            let at_least = |value: u64, x: u8| value + each(128 - x);
            let lower = low | each(0x20);
            let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
            let digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
            word |= gather((letter | digit) & !bytes & HIGH) << (8 * i);
            wide |= gather(bytes & HIGH) << (8 * i);
            // Of bytes from 128 on, the low seven bits are compared.
            let from = |x: u8| at_least(low, x - 128) & bytes & HIGH;
            most_han |= gather(from(0xE5) & !from(0xEA)) << (8 * i);
            e4 |= gather(from(0xE4) & !from(0xE5)) << (8 * i);
            from_b8 |= gather(from(0xB8)) << (8 * i);
        }
        Block { word, wide, most_han, e4, from_b8 }
    }

    pub(super) fn not_plain(block: &[u8; 64]) -> u64 {
        let (eights, _) = block.as_chunks::<8>();
        let mut found = 0;
        for (i, eight) in eights.iter().enumerate() {
            let bytes = u64::from_le_bytes(*eight);
            let low = bytes & !HIGH;
            let from = |x: u8| low + each(128 - x % 128);
            let white = from(b'\t') & !from(b'\r' + 1) | from(b' ') & !from(b' ' + 1);
            let lead = from(0xC0) & !(from(0xE4) & !from(0xEA));
            found |= gather((white & !bytes | lead & bytes) & HIGH) << (8 * i);
        }
        found
    }

    /// The top bits of eight bytes as the low eight bits.
    fn gather(high: u64) -> u64 {
        (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, clippy::cast_ptr_alignment)] // the loads used need no alignment
mod x86 {
    //! The functions below are `unsafe` inside only for unaligned loads of arrays whose length the
    //! type states, and are called only after the feature was seen (`Bitmaps::new`,
    //! `Normaliser::with_simd`). The tests compare them with the portable ones.

    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_and_si256, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmple_epu8_mask,
        _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
        _mm512_sub_epi8,
    };

    use super::{Bitmaps, Block};

    pub(super) fn extend_avx2(maps: &mut Bitmaps, blocks: &[[u8; 64]], behind: u8) {
        // SAFETY: `Bitmaps::new` admits this level only where AVX2 was detected.
        unsafe { avx2(maps, blocks, behind) }
    }

    pub(super) fn extend_avx512(maps: &mut Bitmaps, blocks: &[[u8; 64]], behind: u8) {
        // SAFETY: `Bitmaps::new` admits this level only where AVX-512BW was detected.
        unsafe { avx512(maps, blocks, behind) }
    }

    #[target_feature(enable = "avx2")]
    fn avx2(maps: &mut Bitmaps, blocks: &[[u8; 64]], behind: u8) {
        let half = |bytes: &[u8; 32]| {
            // SAFETY: reads exactly the 32 bytes of the array; no alignment needed.
            let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
            // Signed comparison: bytes from 128 on are negative and fall out of ranges of ASCII.
            let within = |value, low: u8, high: u8| {
                _mm256_and_si256(
                    _mm256_cmpgt_epi8(value, _mm256_set1_epi8(low as i8 - 1)),
                    _mm256_cmpgt_epi8(_mm256_set1_epi8(high as i8 + 1), value),
                )
            };
            let lower = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
            let word = _mm256_or_si256(within(lower, b'a', b'z'), within(bytes, b'0', b'9'));
            // Bytes from 128 on are negative, in the same order.
            let from_b8 =
                _mm256_and_si256(bytes, _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0xB7_u8 as i8)));
            let mask = |bytes| u64::from(_mm256_movemask_epi8(bytes).cast_unsigned());
            let most_han = within(bytes, 0xE5, 0xE9);
            [word, bytes, most_han, within(bytes, 0xE4, 0xE4), from_b8].map(mask)
        };
        maps.extend(blocks, behind, |block| {
            let (halves, _) = block.as_chunks::<32>();
            let (low, high) = (half(&halves[0]), half(&halves[1]));
            let [word, wide, most_han, e4, from_b8] =
                std::array::from_fn(|i| low[i] | high[i] << 32);
            Block { word, wide, most_han, e4, from_b8 }
        });
    }

    pub(super) fn not_plain_avx2(block: &[u8; 64]) -> u64 {
        // SAFETY: callers hold a level that `Simd::or_portable` let pass.
        unsafe { not_plain_by_halves(block) }
    }

    pub(super) fn not_plain_avx512(block: &[u8; 64]) -> u64 {
        // SAFETY: callers hold a level that `Simd::or_portable` let pass.
        unsafe { not_plain_at_once(block) }
    }

    #[target_feature(enable = "avx2")]
    fn not_plain_by_halves(block: &[u8; 64]) -> u64 {
        let half = |bytes: &[u8; 32]| {
            // SAFETY: reads exactly the 32 bytes of the array; no alignment needed.
            let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
            // Signed comparison: bytes from 128 on are negative, in the same order, and end before 0.
            let within = |low: u8, end: u8| {
                let from_low = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(low as i8 - 1));
                let below_end = _mm256_cmpgt_epi8(_mm256_set1_epi8(end as i8), bytes);
                _mm256_and_si256(from_low, below_end)
            };
            let leads = _mm256_or_si256(within(0xC0, 0xE4), within(0xEA, 0));
            let white = _mm256_or_si256(within(b'\t', b'\r' + 1), within(b' ', b' ' + 1));
            u64::from(_mm256_movemask_epi8(_mm256_or_si256(leads, white)).cast_unsigned())
        };
        let (halves, _) = block.as_chunks::<32>();
        half(&halves[0]) | half(&halves[1]) << 32
    }

    #[target_feature(enable = "avx512bw")]
    fn not_plain_at_once(block: &[u8; 64]) -> u64 {
        // SAFETY: reads exactly the 64 bytes of the array; no alignment needed.
        let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast::<__m512i>()) };
        let within = |low: u8, high: u8| {
            _mm512_cmple_epu8_mask(
                _mm512_sub_epi8(bytes, _mm512_set1_epi8(low as i8)),
                _mm512_set1_epi8((high - low) as i8),
            )
        };
        let white = within(b'\t', b'\r') | within(b' ', b' ');
        white | within(0xC0, 0xE3) | within(0xEA, 0xFF)
    }

    #[target_feature(enable = "avx512bw")]
    fn avx512(maps: &mut Bitmaps, blocks: &[[u8; 64]], behind: u8) {
        maps.extend(blocks, behind, |block| {
            // SAFETY: reads exactly the 64 bytes of the array; no alignment needed.
            let bytes = unsafe { _mm512_loadu_si512(block.as_ptr().cast::<__m512i>()) };
            let within = |value, low: u8, high: u8| {
                _mm512_cmple_epu8_mask(
                    _mm512_sub_epi8(value, _mm512_set1_epi8(low as i8)),
                    _mm512_set1_epi8((high - low) as i8),
                )
            };
            let lower = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
            Block {
                word: within(lower, b'a', b'z') | within(bytes, b'0', b'9'),
                wide: _mm512_movepi8_mask(bytes),
                most_han: within(bytes, 0xE5, 0xE9),
                e4: within(bytes, 0xE4, 0xE4),
                from_b8: within(bytes, 0xB8, 0xFF),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_agree_on_what_is_not_plain() {
        for shift in 0..=255 {
            let block: [u8; 64] = std::array::from_fn(|i| (i * 37 + shift) as u8);
            for simd in Simd::available() {
                let found = not_plain(simd, &block);
                for (i, byte) in block.iter().enumerate() {
                    let lead = *byte >= 0xC0 && !(0xE4..=0xE9).contains(byte);
                    let expected = lead || matches!(byte, b'\t'..=b'\r' | b' ');
                    assert_eq!(found >> i & 1 == 1, expected, "{simd:?} {byte:#x}");
                }
            }
        }
    }

    #[test]
    fn levels_agree() {
        // Every byte value at every place of a block, and a tail of every length.
        let bytes: Vec<u8> = (0..64 * 259u32).map(|i| (i * 7 + i / 64) as u8).collect();
        for length in [0, 1, 63, 64, 65, 130, bytes.len()] {
            let text = &bytes[..length];
            for simd in Simd::available() {
                let mut maps = Bitmaps::new(simd);
                maps.fill(text);
                assert_eq!(maps.word.len(), length.div_ceil(64));
                for (i, byte) in text.iter().enumerate() {
                    let bit = |map: &[u64]| map[i / 64] >> (i % 64) & 1 == 1;
                    assert_eq!(bit(&maps.word), byte.is_ascii_alphanumeric(), "{simd:?} {byte:#x}");
                    assert_eq!(bit(&maps.wide), !byte.is_ascii(), "{simd:?} {byte:#x}");
                    let next = text.get(i + 1).unwrap_or(&0);
                    let han = (0xE5..=0xE9).contains(byte) || (*byte == 0xE4 && *next >= 0xB8);
                    assert_eq!(bit(&maps.han), han, "{simd:?} {byte:#x} {next:#x}");
                }
                let used: u32 = maps.wide.iter().map(|bits| bits.count_ones()).sum();
                assert_eq!(used as usize, text.iter().filter(|b| !b.is_ascii()).count());
            }
        }
    }
}
