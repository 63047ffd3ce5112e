//! Normal form, units, shingles and signals of any text: every instruction set gives the same.
//!
//! Bytes that are no UTF-8 are replaced, so that every input is a text.

use std::cell::RefCell;

use glmdata_text::{
    HanSigns, Measurer, Mojibake, Normaliser, PiiFinder, Shingler, Shingling, Simd, UnitScanner,
    least, masked, mojibake, rehash, select, shingle_texts, url_form, url_host,
};

const SHINGLINGS: [Shingling; 4] =
    [Shingling::Mixed, Shingling::Words(3), Shingling::Characters(8), Shingling::Code];

thread_local! {
    // They take longer to make than to use.
    static MEASURER: RefCell<Measurer> = RefCell::new(Measurer::new().expect("our own terms"));
    static FINDER: PiiFinder = PiiFinder::new().expect("our own terms");
}

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let normal = check_normal(&text);
    for text in [&*text, &normal] {
        check_units(text);
    }
    for shingling in SHINGLINGS {
        check_shingles(shingling, &text, &normal);
    }
    check_hashes(data);
    check_findings(&text);
}

/// The normal form, which is the same at all levels.
fn check_normal(text: &str) -> String {
    let normal = Normaliser::with_simd(Simd::Portable).run(text).to_owned();
    for simd in Simd::available() {
        let mut normaliser = Normaliser::with_simd(simd);
        assert_eq!(normaliser.run(text), normal, "{simd:?}");
        // Its buffers are used again.
        assert_eq!(normaliser.run(text), normal, "{simd:?}");
    }
    normal
}

/// Units are in order, apart from each other, and lie on characters.
fn check_units(text: &str) {
    let units_of = |simd| {
        let mut units = Vec::new();
        UnitScanner::new(simd).for_each(text, |found| found.each(|unit| units.push(unit)));
        units
    };
    let units = units_of(Simd::Portable);
    let mut end = 0;
    for unit in &units {
        assert!(end <= unit.start && unit.start < unit.end, "{unit:?} behind {end}");
        assert!(text.get(unit.start..unit.end).is_some(), "{unit:?}");
        end = unit.end;
    }
    for simd in Simd::available() {
        assert_eq!(units_of(simd), units, "{simd:?}");
    }
}

/// As many hashes as there are shingles to read, and equal ones where the shingles are equal.
fn check_shingles(shingling: Shingling, text: &str, normal: &str) {
    let input = if shingling == Shingling::Code { text } else { normal };
    let hashes = Shingler::with_simd(shingling, Simd::Portable).hashes(input).to_vec();
    for simd in Simd::available() {
        assert_eq!(Shingler::with_simd(shingling, simd).hashes(input), hashes, "{simd:?}");
    }
    let shingles = shingle_texts(text, shingling);
    assert_eq!(shingles.len(), hashes.len(), "{shingling:?}");
    for (pair, hashes) in shingles.windows(2).zip(hashes.windows(2)) {
        assert_eq!(pair[0] == pair[1], hashes[0] == hashes[1], "{pair:?}");
    }
}

/// The loops over hashes, at all levels.
fn check_hashes(data: &[u8]) {
    let hashes: Vec<u64> =
        data.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
    let step = hashes.first().copied().unwrap_or(1);
    let (mask, bit) = (step | 1, step as u32 & 63);
    let of = |simd| {
        let (mut mixed, mut kept) = (Vec::new(), Vec::new());
        rehash(simd, &hashes, step, &mut mixed);
        select(simd, &hashes, bit, &mut kept);
        (mixed, kept, least(simd, &hashes, step, mask))
    };
    let portable = of(Simd::Portable);
    for simd in Simd::available() {
        assert_eq!(of(simd), portable, "{simd:?}");
    }
}

/// What is measured and found; places lie on characters.
fn check_findings(text: &str) {
    let signals = MEASURER.with_borrow_mut(|measurer| measurer.measure(text));
    assert!(signals.values().iter().all(|value| value.is_finite()), "{signals:?}");
    let found = FINDER.with(|finder| finder.find(text));
    let hidden = masked(text, &found);
    assert!(found.is_empty() || hidden != text, "{found:?}");
    if let Mojibake::Repaired(repaired) = mojibake(text) {
        assert_ne!(repaired, text);
    }
    let signs = HanSigns::of(text);
    let _ = (signs.is_japanese(), signs.variety());
    let is_web = url_host(text).is_some();
    assert!(!is_web || url_form(text).is_some(), "a host without an address");
}
