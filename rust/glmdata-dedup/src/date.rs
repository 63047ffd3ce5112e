//! The date of a document, from the fields that records have beside their text.

use glmdata_io::{Field, own_fields};
use memchr::memmem::Finder;
use sonic_rs::{JsonValueTrait, LazyValue};

/// The date of a document without one.
pub(crate) const NO_DATE: i64 = i64::MIN;

/// Of one that has the field, which holds no date.
pub(crate) const UNREAD: i64 = i64::MIN + 1;

/// Numbers from here on are seconds since 1970 (from 1973 on), and from there on milliseconds.
const FIRST_SECONDS: f64 = 1e8;
const FIRST_MILLISECONDS: f64 = 1e11;
const BEYOND: f64 = 1e14;

/// Years that four digits alone may be.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2100;

/// Of a date: `0001-01-01` stands for none in many databases.
const FIRST_YEAR: i64 = 1000;

const DAY: i64 = 86_400;

/// Reads the dates of records.
#[derive(Debug)]
pub(crate) struct DateReader {
    /// The names of the field, each as it is and as a path, in the order in which they count.
    paths: Vec<Path>,
}

#[derive(Debug)]
struct Path {
    keys: Vec<String>,
    /// Looks for the last key, where it has no letter that writers of JSON escape: most records lack
    /// most names, and this is faster than to parse them.
    finder: Option<Finder<'static>>,
}

impl Path {
    fn new(keys: &[&str]) -> Self {
        let last = keys.last().copied().unwrap_or_default();
        let is_plain = last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let finder = is_plain.then(|| Finder::new(&format!("\"{last}\"")).into_owned());
        Self { keys: keys.iter().map(|&key| key.to_owned()).collect(), finder }
    }

    /// The value at this path, if it is there and neither null nor empty.
    fn find<'f>(&self, fields: &'f str) -> Option<LazyValue<'f>> {
        if self.finder.as_ref().is_some_and(|finder| finder.find(fields.as_bytes()).is_none()) {
            return None;
        }
        let value = sonic_rs::get(fields, &self.keys).ok()?;
        (!value.is_null() && value.as_str() != Some("")).then_some(value)
    }
}

impl DateReader {
    pub(crate) fn new(field: &Field) -> Self {
        let mut paths = Vec::new();
        for name in field.names() {
            paths.push(Path::new(&[name]));
            if name.contains('.') {
                paths.push(Path::new(&name.split('.').collect::<Vec<_>>()));
            }
        }
        Self { paths }
    }

    /// Seconds since 1970 of the first of the fields that a record with the other fields `meta` has;
    /// [`NO_DATE`] without any, [`UNREAD`] if it holds no date.
    pub(crate) fn of(&self, meta: Option<&str>) -> i64 {
        let Some(fields) = meta.and_then(own_fields) else { return NO_DATE };
        let Some(value) = self.paths.iter().find_map(|path| path.find(&fields)) else {
            return NO_DATE;
        };
        let written = value.as_str().unwrap_or_else(|| value.as_raw_str());
        moment_of(written.trim()).unwrap_or(UNREAD)
    }
}

/// A date that can be compared with another.
pub(crate) fn known(date: i64) -> Option<i64> {
    (date > UNREAD).then_some(date)
}

/// What [`seconds_of`] reads; `20240501`, `2024-05` and `2024`; seconds or milliseconds since 1970.
fn moment_of(text: &str) -> Option<i64> {
    if let Some(seconds) = seconds_of(text) {
        return Some(seconds);
    }
    let year = number(text, 0, 4).filter(|year| YEARS.contains(year));
    let first_of = |year, month| midnight(year, month, 1);
    match (text.len(), year) {
        (4, Some(year)) => return first_of(year, 1),
        (7, Some(year)) if text.as_bytes()[4] == b'-' => {
            return first_of(year, number(text, 5, 2)?);
        }
        (8, Some(year)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            return midnight(year, number(text, 4, 2)?, number(text, 6, 2)?);
        }
        _ => {}
    }
    let value: f64 = text.parse().ok()?;
    if (FIRST_SECONDS..FIRST_MILLISECONDS).contains(&value) {
        return Some(value.floor() as i64);
    }
    let milliseconds = (FIRST_MILLISECONDS..BEYOND).contains(&value);
    milliseconds.then(|| (value / 1000.0).floor() as i64)
}

/// Seconds since 1970 of a text that begins with a day, `2024-05-01` or `2024/05/01`, with a time
/// of day and a zone if there are any; no zone is UTC.
pub(crate) fn seconds_of(text: &str) -> Option<i64> {
    let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
    let mark = text.as_bytes()[4];
    let separated = matches!(mark, b'-' | b'/') && text.as_bytes()[7] == mark;
    if !separated || text.as_bytes().get(10).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let midnight = midnight(year, month, day)?;
    Some(clock(&text[10..]).map_or(midnight, |seconds| midnight + seconds))
}

/// Seconds of `T10:22`, `T10:22:33.5` or ` 10:22:33+08:00`.
fn clock(text: &str) -> Option<i64> {
    let marked = text.starts_with(['T', 't', ' ']) && text.as_bytes().get(3) == Some(&b':');
    let (hour, minute) = (number(text, 1, 2)?, number(text, 4, 2)?);
    let (mut second, mut rest) = (0, &text[6..]);
    if rest.starts_with(':')
        && let Some(found) = number(rest, 1, 2)
    {
        (second, rest) = (found, &rest[3..]);
        let part = rest.strip_prefix(['.', ',']).unwrap_or("");
        let behind = part.trim_start_matches(|character: char| character.is_ascii_digit());
        if behind.len() < part.len() {
            rest = behind;
        }
    }
    if !marked || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let zone = rest.strip_prefix(' ').unwrap_or(rest);
    let ahead = match (zone.as_bytes().first(), number(zone, 1, 2)) {
        (Some(sign @ (b'+' | b'-')), Some(hours)) => {
            let behind = &zone[3..];
            let minutes = number(behind.strip_prefix(':').unwrap_or(behind), 0, 2).unwrap_or(0);
            let ahead = hours * 3_600 + minutes * 60;
            if *sign == b'+' { ahead } else { -ahead }
        }
        _ => 0,
    };
    Some(hour * 3_600 + minute * 60 + second - ahead)
}

/// `length` digits from byte `at` on.
fn number(text: &str, at: usize, length: usize) -> Option<i64> {
    let digits = text.as_bytes().get(at..at + length)?;
    let value =
        |sum: i64, digit: &u8| digit.is_ascii_digit().then(|| 10 * sum + i64::from(digit - b'0'));
    digits.iter().try_fold(0, value)
}

/// Seconds from 1970 to the begin of a day of the civil calendar (Howard Hinnant, "chrono-compatible
/// date algorithms").
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < FIRST_YEAR || !(1..=longest).contains(&day) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_OF_MAY: i64 = 1_714_521_600;

    #[test]
    fn dates_of_many_spellings() {
        let cases = [
            ("\"2024-05-01\"", FIRST_OF_MAY),
            ("\"2024/05/01\"", FIRST_OF_MAY),
            ("\"20240501\"", FIRST_OF_MAY),
            ("20240501", FIRST_OF_MAY),
            ("\"2024-05\"", FIRST_OF_MAY),
            ("\"2024-05-01T10:22:33Z\"", FIRST_OF_MAY + 37_353),
            ("\"2024-05-01 10:22\"", FIRST_OF_MAY + 37_320),
            ("\"2024-05-01T10:22:33.25+08:00\"", FIRST_OF_MAY + 37_353 - 28_800),
            ("\"2024-05-01T10:22:33 -0130\"", FIRST_OF_MAY + 37_353 + 5_400),
            ("\"2024-05-01T99:22:33\"", FIRST_OF_MAY),
            ("\"2024-05-01，北岸\"", FIRST_OF_MAY),
            ("2024", 1_704_067_200),
            ("1714521600", FIRST_OF_MAY),
            ("\"1714521600000\"", FIRST_OF_MAY),
            ("1714521600.75", FIRST_OF_MAY),
            ("\"1969-07-20\"", -14_256_000),
            ("\"2024-02-30\"", UNREAD),
            ("\"0001-01-01T00:00:00\"", UNREAD),
            ("\"2024-05/01\"", UNREAD),
            ("\"五月一日\"", UNREAD),
            ("\"May 1\"", UNREAD),
            ("12345", UNREAD),
            ("1e15", UNREAD),
            ("true", UNREAD),
            ("[2024]", UNREAD),
            ("null", NO_DATE),
            ("\"\"", NO_DATE),
        ];
        let reader = DateReader::new(&Field::parse("date-field", "date").unwrap());
        for (value, expected) in cases {
            assert_eq!(
                reader.of(Some(&format!("{{\"a\":1,\"date\":{value}}}"))),
                expected,
                "{value}"
            );
        }
        assert_eq!(reader.of(None), NO_DATE);
        assert_eq!(reader.of(Some("{}")), NO_DATE);
    }

    #[test]
    fn the_first_name_that_is_there_counts() {
        let reader = DateReader::new(&Field::parse("date-field", "a.b,date").unwrap());
        let cases = [
            (r#"{"date":"2024-05-01","a":{"b":1714521601}}"#, FIRST_OF_MAY + 1),
            (r#"{"a.b":1714521602,"a":{"b":1714521601}}"#, FIRST_OF_MAY + 2),
            (r#"{"date":"2024-05-01","a":{"b":null}}"#, FIRST_OF_MAY),
            (r#"{"date":"2024-05-01","a":7}"#, FIRST_OF_MAY),
            (r#"{"date":"2024-05-01","a":{"b":"soon"}}"#, UNREAD),
        ];
        for (meta, expected) in cases {
            assert_eq!(reader.of(Some(meta)), expected, "{meta}");
        }
    }
}
