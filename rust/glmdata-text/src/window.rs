//! Hashing in bulk: windows of equal length over a prefix polynomial, the innermost loop of
//! shingling, and fresh hashes for every round of a sketch.
//!
//! `hash(window) = mix64(prefix[i + n] - prefix[i] * base^n)`. The compiler turns the loops below
//! into vector code for each instruction set; the values are the same.

use crate::bitmap::Simd;
use crate::shingle::mix64;

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
    //! `shingle::tests::levels_agree` compares the levels.

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn avx512(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        super::extend(prefix, length, power, out);
    }

    #[target_feature(enable = "avx2")]
    fn avx2(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        super::extend(prefix, length, power, out);
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
}
