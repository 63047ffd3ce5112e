//! From the fields of one JSON object to a document.

use std::borrow::Cow;
use std::ops::Range;

use glmdata_base::Result;

use crate::collect::{Collector, Document, Text};
use crate::json::{Entry, Kind, Marks, mend, scan_object, unescape};
use crate::options::{Field, ReadOptions};
use crate::quarantine::Reason;

/// Longest id, source, language or URL. What is longer is none; it stays in `meta`, whose column
/// has no 2 GiB limit.
const MAX_SCALAR_BYTES: usize = 64 << 10;

/// What stands before the names of the fields that a record or file has.
pub(crate) const HAS: &str = "; it has ";
/// Names of fields that are shown of a record.
const SHOWN_NAMES: usize = 12;
/// Bytes of a name that are shown.
const SHOWN_BYTES: usize = 40;

/// Where a record stands, and the marks of the block it lies in.
pub(crate) struct Place<'a> {
    pub(crate) offset: u64,
    pub(crate) marks: &'a Marks,
    /// The byte of the block where the record begins.
    pub(crate) base: usize,
}

/// A field by its meaning: the entry, and the place of its name among those that it may have.
#[derive(Clone)]
struct Found<'a> {
    rank: usize,
    entry: Cow<'a, Entry>,
}

/// Buffers that serve all records of a unit.
pub(crate) struct Records<'a> {
    options: &'a ReadOptions,
    meta: String,
    nested: Vec<Entry>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(options: &'a ReadOptions) -> Self {
        Self { options, meta: String::new(), nested: Vec::new() }
    }

    /// Give the record `line`, whose fields are `fields`, to `collector`.
    pub(crate) fn add(
        &mut self,
        line: &str,
        fields: &[Entry],
        place: &Place<'_>,
        collector: &mut Collector<'_>,
    ) -> Result<()> {
        let options = self.options;
        let wanted = options.fields();
        let mut found: [Option<Found<'_>>; 5] = [const { None }; 5];
        let mut meta = std::mem::take(&mut self.meta);
        meta.clear();
        for field in fields {
            let key = key_of(line, field);
            let role =
                wanted.iter().enumerate().find_map(|(i, names)| Some((i, names.rank(&key)?)));
            let Some((role, rank)) = role else {
                push_meta(&mut meta, line, field);
                continue;
            };
            // Of several names, one whose value is null counts only where no other is there.
            let gives_way = field.kind == Kind::Null && wanted[role].names().len() > 1;
            let rank = if gives_way { usize::MAX } else { rank };
            match &found[role] {
                Some(held) if held.rank < rank => {
                    push_meta(&mut meta, line, field);
                    continue;
                }
                // Another name that counts less; of one name the last wins, as in every JSON parser.
                Some(held) if held.rank > rank => push_meta(&mut meta, line, &held.entry),
                _ => {}
            }
            let unfit =
                role > 0 && (field.kind == Kind::Container || field.value.len() > MAX_SCALAR_BYTES);
            if unfit {
                push_meta(&mut meta, line, field);
                found[role] = None;
            } else {
                found[role] = Some(Found { rank, entry: Cow::Borrowed(field) });
            }
        }
        for (role, names) in wanted.iter().enumerate() {
            for (rank, path) in names.paths() {
                if found[role].as_ref().is_none_or(|held| held.rank > rank)
                    && let Some((entry, holder)) = self.nested(line, fields, path, place)
                {
                    if role == 0 {
                        // The text is a column already; all else of its holder stays.
                        cut_from(&mut meta, line, &holder, &entry);
                    }
                    found[role] = Some(Found { rank, entry: Cow::Owned(entry) });
                }
            }
        }
        if !meta.is_empty() {
            meta.push('}');
        }
        let scalar_of = |at: usize| found[at].as_ref().and_then(|held| scalar(line, &held.entry));
        let (id, source, lang, url) = (scalar_of(1), scalar_of(2), scalar_of(3), scalar_of(4));
        let text = found[0].as_ref().map(|held| held.entry.as_ref());
        let result = match text {
            Some(field) if field.kind == Kind::String && field.odd.surrogate.is_none() => {
                let start = field.value.start + 1;
                let raw = &line[start..field.value.end - 1];
                let text = if field.value_escaped {
                    Text::Escaped { raw, marks: place.marks, base: place.base + start }
                } else {
                    Text::Plain(raw)
                };
                collector.document(&Document {
                    id: id.as_deref(),
                    text,
                    source: source.as_deref(),
                    lang: lang.as_deref(),
                    url: url.as_deref(),
                    meta: (!meta.is_empty()).then_some(meta.as_str()),
                    offset: place.offset,
                })
            }
            other => {
                let (kind, mut detail) = no_text(&options.text_field, other);
                if kind == Reason::MissingText {
                    detail.push_str(HAS);
                    detail.push_str(&names_of(line, fields));
                }
                collector.bad_record(kind, place.offset, detail, line.as_bytes())
            }
        };
        self.meta = meta;
        result
    }

    /// The field at the end of `path`, and the top-level field that holds it.
    fn nested(
        &mut self,
        line: &str,
        fields: &[Entry],
        path: &str,
        place: &Place<'_>,
    ) -> Option<(Entry, Entry)> {
        let mut names = path.split('.');
        let first = names.next()?;
        let holder = fields.iter().rfind(|field| key_of(line, field) == first)?.clone();
        let mut at = holder.clone();
        for name in names {
            if at.kind != Kind::Container {
                return None;
            }
            let start = at.value.start;
            let inner = &line[at.value.clone()];
            scan_object(inner, place.marks, place.base + start, &mut self.nested).ok()?;
            let below = self.nested.iter().rfind(|field| key_of(inner, field) == name)?;
            at = shifted(below, start);
        }
        (at.kind != Kind::Null).then_some((at, holder))
    }
}

fn shifted(entry: &Entry, by: usize) -> Entry {
    let shift = |range: &Range<usize>| range.start + by..range.end + by;
    let mut odd = entry.odd;
    odd.surrogate = odd.surrogate.map(|at| at + by);
    Entry { key: shift(&entry.key), value: shift(&entry.value), odd, ..entry.clone() }
}

/// What is said of a record without a text that can be used.
fn no_text(names: &Field, field: Option<&Entry>) -> (Reason, String) {
    let name = names.shown();
    let Some(field) = field else {
        return (Reason::MissingText, format!("no field `{name}`"));
    };
    match field.kind {
        Kind::Null => (Reason::MissingText, format!("`{name}` is null")),
        Kind::Number => (Reason::TextNotString, format!("`{name}` is a number")),
        Kind::Boolean => (Reason::TextNotString, format!("`{name}` is a boolean")),
        Kind::Container => (Reason::TextNotString, format!("`{name}` is an object or array")),
        Kind::String => {
            let at = field.odd.surrogate.unwrap_or(field.value.start);
            let detail = format!("a surrogate escape without its other half at byte {at}");
            (Reason::LoneSurrogate, detail)
        }
    }
}

/// The first names, as printable ASCII: no crawled byte may move a terminal.
fn names_of(line: &str, fields: &[Entry]) -> String {
    let names = fields.iter().take(SHOWN_NAMES).map(|field| {
        let key = key_of(line, field);
        let end = (0..=key.len().min(SHOWN_BYTES)).rev().find(|at| key.is_char_boundary(*at));
        key[..end.unwrap_or(0)].escape_default().to_string()
    });
    names.collect::<Vec<_>>().join(", ")
}

fn key_of<'a>(line: &'a str, field: &Entry) -> Cow<'a, str> {
    string(line, field.key.clone(), field.key_escaped)
}

/// Append a field, as spelled but for what no parser would take, to the object under construction.
fn push_meta(meta: &mut String, line: &str, field: &Entry) {
    meta.push(if meta.is_empty() { '{' } else { ',' });
    let spelled = &line[field.key.start - 1..field.value.end];
    if field.odd.is_any() { mend(spelled, meta) } else { meta.push_str(spelled) }
}

/// Take `cut`, which lies somewhere in the field `holder`, out of what `meta` holds of it.
fn cut_from(meta: &mut String, line: &str, holder: &Entry, cut: &Entry) {
    let spelled = |range: Range<usize>| {
        let mut out = String::new();
        mend(&line[range], &mut out);
        out
    };
    let whole = spelled(holder.key.start - 1..holder.value.end);
    let Some(at) = meta.rfind(&whole) else { return };
    // The comma behind the field goes with it, or the one before the last.
    let (mut start, mut end) = (cut.key.start - 1, cut.value.end);
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let bytes = line.as_bytes();
    let behind = end + bytes[end..].iter().take_while(|byte| blank(byte)).count();
    if bytes.get(behind) == Some(&b',') {
        end = behind + 1;
        end += bytes[end..].iter().take_while(|byte| blank(byte)).count();
    } else {
        let before = start - bytes[..start].iter().rev().take_while(|byte| blank(byte)).count();
        if bytes.get(before.wrapping_sub(1)) == Some(&b',') {
            start = before - 1;
        }
    }
    let rest = spelled(holder.key.start - 1..start) + spelled(end..holder.value.end).as_str();
    meta.replace_range(at..at + whole.len(), &rest);
}

/// A scalar as text; none for null.
fn scalar<'a>(line: &'a str, field: &Entry) -> Option<Cow<'a, str>> {
    match field.kind {
        Kind::Null | Kind::Container => None,
        Kind::String => {
            let inner = field.value.start + 1..field.value.end - 1;
            if field.odd.surrogate.is_none() {
                return Some(string(line, inner, field.value_escaped));
            }
            let mut mended = String::new();
            mend(&line[field.value.clone()], &mut mended);
            Some(Cow::Owned(string(&mended, 1..mended.len() - 1, true).into_owned()))
        }
        Kind::Number | Kind::Boolean => Some(Cow::Borrowed(&line[field.value.clone()])),
    }
}

/// A checked string without its quotes, unescaped if it must be. Half a surrogate pair in a key leaves
/// it as spelled: it is no name that anybody asks for.
fn string(line: &str, inner: Range<usize>, escaped: bool) -> Cow<'_, str> {
    let raw = &line[inner];
    if !escaped {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    match unescape(raw, |piece| out.push_str(piece)) {
        Some(()) => Cow::Owned(out),
        None => Cow::Borrowed(raw),
    }
}
