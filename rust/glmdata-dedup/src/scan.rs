//! The one pass over the input: every record becomes a card (exact keys, lengths, what the keep
//! policy looks at) and, if it is long enough to be compared, the keys of its bands.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, MemoryBudget, Progress, Result, hash128};
use glmdata_io::{InputFile, QuarantineEvent, Unit, UnitSink, read_unit};
use glmdata_text::url_form;

use crate::affine::AffineSketcher;
use crate::date::DateReader;
use crate::early::{EarlySets, Seen};
use crate::keep::keep_value;
use crate::options::{Options, Scheme};
use crate::repeats::Repeats;
use crate::shingles::{LONG_BYTES, Shingles, set_of};
use crate::sketch::Sketcher;
use crate::table::Card;
use crate::texts::{TextKeeper, UnitTexts};
use crate::unit_scan::{Scanning, UnitScan};

/// Fewer distinct shingles than this say too little about a text to call it a near copy.
const MIN_SHINGLES: usize = 20;

/// What the workers of a scan share.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) options: &'a Options,
    pub(crate) repeats: Repeats,
    pub(crate) seen: Seen,
    /// For what long texts take.
    pub(crate) room_for_long: &'a MemoryBudget,
    /// For shingle sets kept for verification, which has not begun; none if they would be of no use.
    pub(crate) room_for_sets: Option<&'a MemoryBudget>,
}

impl<'a> Shared<'a> {
    /// For an input of so many bytes.
    pub(crate) fn new(
        options: &'a Options,
        bytes: u64,
        room: &'a MemoryBudget,
        keeps_sets: bool,
    ) -> Self {
        let repeats = Repeats::new(options.memory / 64, options.banding.bands);
        let seen = Seen::new(bytes, options.memory / 256);
        let room_for_sets = keeps_sets.then_some(room);
        Self { options, repeats, seen, room_for_long: room, room_for_sets }
    }
}

/// The buffers of one worker.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    shared: &'a Shared<'a>,
    options: &'a Options,
    shingles: Shingles<'a>,
    sketcher: Sketcher,
    affine: AffineSketcher,
    slots: Vec<u64>,
    seen: Vec<u64>,
    dates: DateReader,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Self {
        let options = shared.options;
        Self {
            shared,
            options,
            shingles: Shingles::new(options),
            sketcher: Sketcher::new(options.num_perm),
            affine: AffineSketcher::new(options.num_perm),
            slots: Vec::new(),
            seen: Vec::new(),
            dates: DateReader::new(&options.date_field),
        }
    }

    /// Scan a unit into `scan`; its texts stay where the budget has room for them.
    pub(crate) fn scan_unit(
        &mut self,
        (file, unit): (&InputFile, &Unit),
        scan: Scanning<'_>,
        keeper: TextKeeper<'_>,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<ScannedUnit> {
        let options = self.options;
        let sets = EarlySets::default();
        let mut sink = ScanSink { scanner: self, scan, sets, keeper, cancel, progress };
        let summary = read_unit(file, unit, &options.read, cancel, &mut sink)?;
        let ScanSink { scan, sets, keeper, .. } = sink;
        let scan = scan.finish(&fingerprint(options, file, unit), summary)?;
        Ok(ScannedUnit { scan, texts: keeper.finish()?, sets })
    }

    fn add(
        &mut self,
        batch: &RecordBatch,
        scan: &mut Scanning<'_>,
        sets: &mut EarlySets,
    ) -> Result<()> {
        let text = |name: &str| batch[name].as_string::<i32>();
        let number = |name: &str| batch[name].as_primitive::<UInt64Type>().values();
        let texts = batch["text"].as_string::<i64>();
        let meta = batch["meta"].as_string::<i64>();
        let (ids, sources, langs) = (text("id"), text("source"), text("lang"));
        let urls = self.options.url_dedup.then(|| text("url"));
        let (rows, offsets) = (number("row"), number("offset"));
        let or_empty = |column: &'_ arrow_array::StringArray, i| {
            if column.is_null(i) { String::new() } else { column.value(i).to_owned() }
        };
        for i in 0..batch.num_rows() {
            let (text, source) = (texts.value(i), sources.value(i));
            let raw = hash128(text.as_bytes());
            let document = scan.table.len() as u32;
            let keys = self.keys(text, raw, source, &mut scan.fresh);
            let (normal, length, shingles, set) =
                keys.map_err(|error| error.of(&format!("record {}", rows[i])))?;
            if let (Some(set), Some(room)) = (set, self.shared.room_for_sets) {
                sets.keep(document, set, room);
            }
            let meta = meta.is_valid(i).then(|| meta.value(i));
            scan.table.push(&Card {
                raw,
                normal,
                bytes: text.len() as u32,
                shingles,
                keep: keep_value(&self.options.keep, (length, text.len() as u32), meta),
                source,
                lang: &or_empty(langs, i),
                row: rows[i],
                offset: offsets[i],
                id: &or_empty(ids, i),
                url: urls.filter(|urls| urls.is_valid(i)).map_or(0, |urls| url_key(urls.value(i))),
                date: self.dates.of(meta),
            })?;
        }
        Ok(())
    }

    /// Appends the band keys of a text; returns its normalised key, the length of what it says, how many
    /// shingles it has (0, and no keys, when it is too short to be compared), and the set of them if it resembles an earlier text.
    fn keys(&mut self, text: &str, raw: u128, source: &str, keys: &mut Vec<u64>) -> Result<Keys> {
        let repeats = &self.shared.repeats;
        let name = (raw, self.options.is_code(source));
        let is_worth = repeats.is_worth(text.len());
        if is_worth && let Some((normal, length, shingles)) = repeats.recall(name, keys) {
            return Ok((normal, length, shingles, None));
        }
        let first = keys.len();
        let found = if text.len() < LONG_BYTES {
            self.keys_of(text, source, keys)
        } else {
            self.keys_of_long(text, source, keys)?
        };
        if is_worth {
            repeats.note(name, (found.0, found.1, found.2), &keys[first..]);
        }
        Ok(found)
    }

    fn keys_of(&mut self, text: &str, source: &str, keys: &mut Vec<u64>) -> Keys {
        let few = self.few();
        let banding = self.options.banding;
        let first = keys.len();
        let (normal, length, hashes) = self.shingles.of(text, source);
        if !distinct_at_least(hashes, few, &mut self.seen) {
            return (normal, length, 0, None);
        }
        match self.options.scheme {
            Scheme::FastSimilarity => banding.keys(self.sketcher.sketch(hashes), keys),
            Scheme::Datasketch => {
                let values = self.affine.sketch(text, self.options.shingling_of(source));
                self.slots.clear();
                self.slots.extend(values.iter().map(|&value| u64::from(value)));
                banding.keys(&self.slots, keys);
            }
        }
        let wanted = self.shared.room_for_sets.is_some() && self.shared.seen.meets(&keys[first..]);
        let set = wanted.then(|| set_of(hashes));
        (normal, length, hashes.len() as u32, set)
    }
}

/// Bytes that datasketch's scheme takes for each byte of a text, which it cuts into strings.
const STRINGS: usize = 64;

impl Scanner<'_> {
    /// Shingles without which a text is not compared.
    fn few(&self) -> usize {
        if self.options.fuzzy_short { 1 } else { MIN_SHINGLES }
    }

    /// The same as `keys_of`, for a text whose shingles are not held all at once.
    fn keys_of_long(&mut self, text: &str, source: &str, keys: &mut Vec<u64>) -> Result<Keys> {
        let (options, few) = (self.options, self.few());
        let Self { shared, shingles, sketcher, affine, slots, seen, .. } = self;
        let mut held = shared.room_for_long.nothing();
        let mut hold = |bytes| held.resize(bytes as u64, "a long text");
        let (mut said, mut count) = ((0, 0), 0);
        seen.clear();
        let sketch = sketcher.sketch_pieces(|take| {
            count = 0;
            said = shingles.of_long(text, source, &mut hold, &mut |hashes| {
                count += hashes.len();
                for hash in hashes {
                    if seen.len() >= few {
                        break;
                    }
                    if !seen.contains(hash) {
                        seen.push(*hash);
                    }
                }
                take(hashes);
            })?;
            Ok::<_, Error>(())
        })?;
        let (normal, length) = said;
        if seen.len() < few {
            return Ok((normal, length, 0, None));
        }
        let first = keys.len();
        match options.scheme {
            Scheme::FastSimilarity => options.banding.keys(sketch, keys),
            Scheme::Datasketch => {
                let bytes = STRINGS * text.len().max(length as usize);
                held.resize(bytes as u64, "a long text")?;
                let values = affine.sketch(text, options.shingling_of(source));
                slots.clear();
                slots.extend(values.iter().map(|&value| u64::from(value)));
                options.banding.keys(slots, keys);
            }
        }
        shared.seen.meets(&keys[first..]);
        Ok((normal, length, count as u32, None))
    }
}

/// Normalised key, length of what is said, number of shingles, and the set of them if it is worth
/// keeping.
type Keys = (u128, u32, u32, Option<Box<[u64]>>);

/// Key of an address: equal for equal normal forms, 0 for what is no address.
fn url_key(url: &str) -> u128 {
    url_form(url).map_or(0, |form| hash128(form.as_bytes()).max(1))
}

/// Whether `hashes` holds at least `least` different values; looks no further than needed.
fn distinct_at_least(hashes: &[u64], least: usize, seen: &mut Vec<u64>) -> bool {
    seen.clear();
    for &hash in hashes {
        if !seen.contains(&hash) {
            seen.push(hash);
        }
        if seen.len() >= least {
            return true;
        }
    }
    false
}

/// What the scan of a unit leaves.
#[derive(Debug)]
pub(crate) struct ScannedUnit {
    pub(crate) scan: UnitScan,
    pub(crate) texts: UnitTexts,
    pub(crate) sets: EarlySets,
}

impl ScannedUnit {
    /// A unit that another run scanned; its texts are still in the input.
    pub(crate) fn of_another_run(scan: UnitScan) -> Self {
        Self { scan, texts: UnitTexts::Input, sets: EarlySets::default() }
    }
}

struct ScanSink<'s, 'a, 'k> {
    scanner: &'s mut Scanner<'a>,
    scan: Scanning<'k>,
    sets: EarlySets,
    keeper: TextKeeper<'k>,
    cancel: &'s Cancel,
    progress: &'s Progress,
}

impl UnitSink for ScanSink<'_, '_, '_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.cancel.check()?;
        self.scanner.add(&batch, &mut self.scan, &mut self.sets)?;
        self.scan.settle()?;
        self.progress.add(batch.num_rows() as u64, 0);
        self.keeper.keep(batch)
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.scan.note(event)
    }

    fn advanced(&mut self, bytes: u64) {
        self.progress.add(0, bytes);
    }
}

/// Changes whenever a text gets other keys, shingles or sketches, or the table other columns: a run that another version began
/// does not reuse its scans.
const VERSION: u32 = 5;

/// The folder of a run's scans is bound to what would change them.
pub(crate) fn fingerprint(options: &Options, file: &InputFile, unit: &Unit) -> String {
    let Options {
        read,
        scheme,
        num_perm,
        banding,
        shingling,
        script_fold,
        fuzzy_short,
        keep,
        url_dedup,
        date_field,
        ..
    } = options;
    let InputFile { root, relative, bytes, modified_ns, .. } = file;
    format!(
        "{VERSION} {read:?} {scheme:?} {num_perm} {banding:?} {shingling:?} {script_fold} {fuzzy_short} {keep:?} {url_dedup} {date_field:?} \
         {root}/{relative} {bytes} {modified_ns} {}..{}",
        unit.start, unit.end
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_comes_again_has_the_keys_of_its_source() {
        let options = Options::for_tests();
        let text = "let some_value = first(second) + 0x1F; // and so on\n".repeat(40);
        let texts = [("web", &text[..]), ("code", &text[..]), ("web", &text[60..])];
        let keys_of = |scanner: &mut Scanner<'_>, (source, text): (&str, &str)| {
            let mut keys = Vec::new();
            let (normal, length, shingles, set) =
                scanner.keys(text, hash128(text.as_bytes()), source, &mut keys).unwrap();
            ((normal, length, shingles, keys), set)
        };
        let budget = MemoryBudget::unlimited();
        let alone: Vec<_> = texts
            .iter()
            .map(|&text| {
                let shared = Shared::new(&options, 1 << 20, &budget, true);
                keys_of(&mut Scanner::new(&shared), text)
            })
            .collect();
        assert!(alone.iter().all(|(_, set)| set.is_none()), "nothing came before");
        assert_ne!(alone[0].0, alone[1].0);
        let shared = Shared::new(&options, 1 << 20, &budget, true);
        let (mut first, mut second) = (Scanner::new(&shared), Scanner::new(&shared));
        for scanner in [&mut first, &mut second] {
            for (&text, (expected, _)) in texts.iter().zip(&alone) {
                let (found, set) = keys_of(scanner, text);
                assert_eq!(&found, expected);
                // Only a text that was cut, and resembles one that was, leaves its set.
                if let Some(set) = set {
                    assert_eq!(&set, &Shingles::new(&options).set_of(text.1, text.0));
                    assert_eq!(text.1.len(), texts[2].1.len());
                }
            }
        }
    }
}
