//! Hashes of windows of equal length over a prefix polynomial: the innermost loop of shingling.
//!
//! `hash(window) = mix64(prefix[i + n] - prefix[i] * base^n)`. The compiler turns the one loop
//! below into vector code for each instruction set; the values are the same.

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

    pub(super) fn extend_avx512(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where all four features were detected.
        unsafe { avx512(prefix, length, power, out) }
    }

    pub(super) fn extend_avx2(prefix: &[u64], length: usize, power: u64, out: &mut Vec<u64>) {
        // SAFETY: `Simd::available` lists this level only where AVX2 was detected.
        unsafe { avx2(prefix, length, power, out) }
    }
}
