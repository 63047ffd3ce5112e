//! Words that personal data stands behind or around.

use std::ops::Range;

use super::account::account;
use super::disguised::{hashed, signed, spoken};
use super::paper::passport;
use super::{Pii, PiiKind};
use crate::terms::Hit;

/// Of accounts: first two that have numbers, then those that have names. Then of passports, signs in the
/// place of `@`, hosts of mail behind `#`, last parts of hosts that are said in words.
pub(crate) const CUES: [&str; 28] = [
    "qq",
    "扣扣",
    "微信",
    "wechat",
    "weixin",
    "v信",
    "vx",
    "护照",
    "passport",
    "[at]",
    "(at)",
    "{at}",
    "[ at ]",
    "( at )",
    "#qq.com",
    "#163.com",
    "#126.com",
    "#gmail.com",
    "#sina.com",
    "#foxmail.com",
    "#outlook.com",
    "#hotmail.com",
    "dot com",
    "dot org",
    "dot net",
    "dot edu",
    "dot cn",
    "dot de",
];

/// What stands at a cue.
pub(super) fn at_cue(text: &str, hit: Hit) -> Option<Pii> {
    let bytes = text.as_bytes();
    let cue: Range<usize> = hit.start as usize..hit.end as usize;
    let (kind, span) = match hit.term {
        term @ 0..7 => (PiiKind::Account, account(text, cue, term < 2)),
        7..9 => (PiiKind::Passport, passport(bytes, cue.end)),
        9..14 => (PiiKind::Email, signed(bytes, cue)),
        14..22 => (PiiKind::Email, hashed(bytes, cue)),
        _ => (PiiKind::Email, spoken(bytes, cue)),
    };
    span.map(|span| Pii { kind, span })
}
