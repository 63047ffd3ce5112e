//! Hashing in bulk: windows of equal length over a prefix polynomial, the innermost loop of
//! shingling, and fresh hashes for every round of a sketch.
//!
//! `hash(window) = mix64(prefix[i + n] - prefix[i] * base^n)`. The compiler turns the loops below
//! into vector code for each instruction set; the values are the same.

use crate::bitmap::Simd;
use crate::hash::mix64;

/// Append the hashes of all windows of `length` units that lie in `prefix`; `power` is base^length.
#[inline]
pub(crate) fn extend_with_windows(
    simd: Simd,
    prefix: &[u64],
    length: usize,
    power: u64,
    out: &mut Vec<u64>,
) {
    match simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 => x86::extend_avx512(prefix, length, power, out),
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 => x86::extend_avx2(prefix, length, power, out),
        _ => extend(prefix, length, power, out),
    }
}

/// Replace `out` by `mix64(hash + step)` for each of `hashes`.
#[inline]
pub fn rehash(simd: Simd, hashes: &[u64], step: u64, out: &mut Vec<u64>) {
    out.clear();
    match simd.or_portable() {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 => x86::rehash_avx512(hashes, step, out),
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 => x86::rehash_avx2(hashes, step, out),
        _ => mix(hashes, step, out),
    }
}

/// The least of `mix64(hash + step) & mask` over `hashes`; `u64::MAX` if there is none.
#[inline]
pub fn least(simd: Simd, hashes: &[u64], step: u64, mask: u64) -> u64 {
    match simd.or_portable() {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 => x86::least_avx512(hashes, step, mask),
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 => x86::least_avx2(hashes, step, mask),
        _ => mix_least(hashes, step, mask),
    }
}

/// Replace `out` by those of `hashes` that have the bit set, in order.
#[inline]
pub fn select(simd: Simd, hashes: &[u64], bit: u32, out: &mut Vec<u64>) {
    out.clear();
    out.resize(hashes.len(), 0);
    let kept = match simd.or_portable() {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 => x86::select_avx512(hashes, bit, out),
        _ => keep(hashes, bit, out),
    };
    out.truncate(kept);
}

/// Without a branch, which would be a coin toss; `out` is as long as `hashes`.
#[inline(always)]
fn keep(hashes: &[u64], bit: u32, out: &mut [u64]) -> usize {
    let mut count = 0;
    for &hash in hashes {
        if let Some(place) = out.get_mut(count) {
            *place = hash;
        }
        count += (hash >> (bit & 63) & 1) as usize;
    }
    count
}

#[inline(always)]
fn mix_least(hashes: &[u64], step: u64, mask: u64) -> u64 {
    hashes.iter().map(|hash| mix64(hash.wrapping_add(step)) & mask).fold(u64::MAX, u64::min)
}

#[inline(always)]
fn mix(hashes: &[u64], step: u64, out: &mut Vec<u64>) {
    out.extend(hashes.iter().map(|hash| mix64(hash.wrapping_add(step))));
}

#[inline(always)]
fn extend(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
    let ends = prefix.get(length..).unwrap_or_default();
    out.extend(
        prefix
            .iter()
            .zip(ends)
            .map(|(first, last)| mix64(last.wrapping_sub(first.wrapping_mul(power)))),
    );
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86 {
    //! `unsafe` only because the caller must have seen the feature; `Simd` values that the machine
    //! lacks are replaced by `Simd::or_portable` in `Shingler::with_simd`.
    //! `shingle::tests::levels_agree` and the tests below compare the levels.

    use std::arch::x86_64::{
        _mm512_loadu_epi64, _mm512_maskz_compress_epi64, _mm512_set1_epi64, _mm512_storeu_epi64,
        _mm512_test_epi64_mask,
    };

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn avx512(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        super::extend(prefix, length, power, out);
    }

    #[target_feature(enable = "avx2")]
    fn avx2(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        super::extend(prefix, length, power, out);
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn keep_avx512(hashes: &[u64], bit: u32, out: &mut [u64]) -> usize {
        let wanted = _mm512_set1_epi64(1 << (bit & 63));
        let (eights, rest) = hashes.as_chunks::<8>();
        let mut count = 0;
        for eight in eights {
            // SAFETY: the source has 64 bytes; loads need no alignment.
            let hashes = unsafe { _mm512_loadu_epi64(eight.as_ptr().cast()) };
            let mask = _mm512_test_epi64_mask(hashes, wanted);
            // Eight are written and as many count as were kept; the last ones of `out` are rewritten
            // by what follows.
            if let Some(place) = out.get_mut(count..).and_then(|out| out.first_chunk_mut::<8>()) {
                let kept = _mm512_maskz_compress_epi64(mask, hashes);
                // SAFETY: the target has 64 bytes; stores need no alignment.
                unsafe { _mm512_storeu_epi64(place.as_mut_ptr().cast(), kept) };
            }
            count += mask.count_ones() as usize;
        }
        count + super::keep(rest, bit, out.get_mut(count..).unwrap_or_default())
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn mix_least_avx512(hashes: &[u64], step: u64, mask: u64) -> u64 {
        super::mix_least(hashes, step, mask)
    }

    #[target_feature(enable = "avx2")]
    fn mix_least_avx2(hashes: &[u64], step: u64, mask: u64) -> u64 {
        super::mix_least(hashes, step, mask)
    }

    pub(super) fn select_avx512(hashes: &[u64], bit: u32, out: &mut [u64]) -> usize {
        // SAFETY: `Simd::available` lists this level only where all four features were detected.
        unsafe { keep_avx512(hashes, bit, out) }
    }

    pub(super) fn least_avx512(hashes: &[u64], step: u64, mask: u64) -> u64 {
        // SAFETY: `Simd::available` lists this level only where all four features were detected.
        unsafe { mix_least_avx512(hashes, step, mask) }
    }

    pub(super) fn least_avx2(hashes: &[u64], step: u64, mask: u64) -> u64 {
        // SAFETY: `Simd::available` lists this level only where AVX2 was detected.
        unsafe { mix_least_avx2(hashes, step, mask) }
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn mix_avx512(hashes: &[u64], step: u64, out: &mut Vec<u64>) {
        super::mix(hashes, step, out);
    }

    #[target_feature(enable = "avx2")]
    fn mix_avx2(hashes: &[u64], step: u64, out: &mut Vec<u64>) {
        super::mix(hashes, step, out);
    }

    pub(super) fn rehash_avx512(hashes: &[u64], step: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where all four features were detected.
        unsafe { mix_avx512(hashes, step, out) }
    }

    pub(super) fn rehash_avx2(hashes: &[u64], step: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where AVX2 was detected.
        unsafe { mix_avx2(hashes, step, out) }
    }

    pub(super) fn extend_avx512(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where all four features were detected.
        unsafe { avx512(prefix, length, power, out) }
    }

    pub(super) fn extend_avx2(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where AVX2 was detected.
        unsafe { avx2(prefix, length, power, out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_rehash_alike() {
        let hashes: Vec<u64> = (0..103).map(|i| mix64(i * i)).collect();
        let expected: Vec<u64> = hashes.iter().map(|hash| mix64(hash.wrapping_add(9))).collect();
        for simd in Simd::available() {
            let mut out = vec![1];
            rehash(simd, &hashes, 9, &mut out);
            assert_eq!(out, expected, "{}", simd.name());
        }
    }
    #[test]
    fn levels_select_and_find_the_least_alike() {
        for length in 0..70 {
            let hashes: Vec<u64> = (0..length).map(|i| mix64(i * i + length)).collect();
            let kept: Vec<u64> = hashes.iter().copied().filter(|hash| hash & 32 != 0).collect();
            let mixed = hashes.iter().map(|hash| mix64(hash.wrapping_add(7)) & 0xFFFF);
            let expected = mixed.min().unwrap_or(u64::MAX);
            for simd in Simd::available() {
                let mut out = vec![1; 100];
                select(simd, &hashes, 5, &mut out);
                assert_eq!(out, kept, "{} {length}", simd.name());
                assert_eq!(least(simd, &hashes, 7, 0xFFFF), expected, "{}", simd.name());
            }
        }
    }
}
