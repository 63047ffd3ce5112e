//! The texts of one batch, encoded by several threads at once: one big compressed file is a single
//! unit of work, and must not keep all cores but one waiting.

use arrow_array::{Array, LargeStringArray};
use glmdata_base::{Error, Result};

use crate::encode::Encoder;

/// The ids of neighbouring texts.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) ids: Vec<u32>,
    /// How many of them belong to each text.
    pub(crate) lengths: Vec<u32>,
}

impl Ids {
    /// The ids of each text.
    pub(crate) fn each(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = self.ids.as_slice();
        self.lengths.iter().map(move |&length| {
            let (own, behind) = rest.split_at(length as usize);
            rest = behind;
            own
        })
    }
}

/// Encode `texts`, which hold no nulls, with all `encoders` at once; the shares are in row order.
pub(crate) fn encode_rows(encoders: &mut [Encoder], texts: &LargeStringArray) -> Result<Vec<Ids>> {
    let cuts = cuts(texts, encoders.len());
    std::thread::scope(|scope| {
        let shares = encoders.iter_mut().zip(cuts.windows(2)).map(|(encoder, cut)| {
            let rows = cut[0]..cut[1];
            move || {
                let mut share = Ids::default();
                for row in rows {
                    let before = share.ids.len();
                    encoder.encode_into(texts.value(row), &mut share.ids)?;
                    share.lengths.push((share.ids.len() - before) as u32);
                }
                Ok(share)
            }
        });
        let mut shares: Vec<_> = shares.collect();
        // The last share needs no thread of its own.
        let own = shares.pop();
        let others: Vec<_> = shares.into_iter().map(|share| scope.spawn(share)).collect();
        let own = own.map(|share| share());
        let ended = || Err(Error::internal("an encoding thread ended without a result"));
        let joined = others.into_iter().map(|other| other.join().unwrap_or_else(|_| ended()));
        joined.chain(own).collect()
    })
}

/// Row numbers between which about the same number of bytes lies; one more than `shares`.
fn cuts(texts: &LargeStringArray, shares: usize) -> Vec<usize> {
    let offsets = texts.value_offsets();
    let bytes = offsets[texts.len()] - offsets[0];
    let mut cuts: Vec<usize> = (0..shares)
        .map(|share| {
            let wanted = offsets[0] + bytes * share as i64 / shares as i64;
            offsets.partition_point(|&offset| offset < wanted).min(texts.len())
        })
        .collect();
    cuts.push(texts.len());
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Split, Tokenizer};
    use crate::known::cl100k;
    use crate::scan::Digits;

    #[test]
    fn shares_change_nothing() {
        let tokenizer = Tokenizer::new(cl100k().unwrap(), Split::Family(Digits::UpToThree));
        let texts: Vec<String> = (0..57).map(|n| "渔民 mends nets. ".repeat(n * 7 % 11)).collect();
        for rows in [0, 1, 2, 57] {
            let column = LargeStringArray::from_iter_values(&texts[..rows]);
            let expected: Vec<Vec<u32>> =
                texts[..rows].iter().map(|t| tokenizer.encoder().encode(t).unwrap()).collect();
            for threads in 1..5 {
                let mut encoders = vec![tokenizer.encoder(); threads];
                let shares = encode_rows(&mut encoders, &column).unwrap();
                let found: Vec<&[u32]> = shares.iter().flat_map(Ids::each).collect();
                assert_eq!(found, expected, "{rows} rows, {threads} threads");
            }
        }
    }
}
