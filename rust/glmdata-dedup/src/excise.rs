//! What is cut out of one text: from places where windows of it were met before to bytes.

use glmdata_base::{Result, hash64};
use glmdata_text::{END_OF_UNIT, Kind, RawUnits};

use crate::forms::{Chunk, Forms};
use crate::layout::{Layout, OPENING, Part, Run};
use crate::passage::{CHARACTER, Form, SHORTEST, WORD};
use crate::span::Span;
use crate::substring::Met;

/// Windows in a row that were met in a row before.
#[derive(Clone, Copy, Debug)]
struct Claim {
    /// Units that the first and the last of them begin at.
    first: usize,
    last: usize,
    /// Where the forms of the first one begin and end, and where those of the last one end.
    at: usize,
    first_end: usize,
    end: usize,
    /// Where the first one was met; the last one.
    from: u32,
    met: Met,
}

impl Claim {
    fn of(unit: usize, at: usize, met: Met) -> Self {
        let from = met.first_offset;
        Self { first: unit, last: unit, at, first_end: at, end: at, from, met }
    }

    /// Whether `next`, which begins at this unit, is the window behind the last one there and here.
    fn goes_on(&self, unit: usize, step: usize, next: &Met) -> bool {
        let there = self.met.first_offset.wrapping_add(step as u32);
        self.last + 1 == unit && self.met.first == next.first && there == next.first_offset
    }
}

/// Tells claims where their windows end while units are read.
#[derive(Default)]
struct Ends {
    first: usize,
    last: usize,
}

impl Ends {
    /// The forms of unit number `unit` begin at `at`. Claims are in order, so only the next may end.
    fn reach(&mut self, claims: &mut [Claim], unit: usize, at: usize, least: usize) {
        if let Some(claim) = claims.get_mut(self.first).filter(|c| c.first + least == unit) {
            claim.first_end = at;
            self.first += 1;
        }
        if let Some(claim) = claims.get_mut(self.last).filter(|c| c.last + least == unit) {
            claim.end = at;
            self.last += 1;
        }
    }
}

/// Where a piece stands in the text, and what is around it.
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    /// End of the unit before it, its own bytes, begin of the unit behind it.
    before: usize,
    start: usize,
    end: usize,
    after: usize,
    hash: u64,
}

/// Holds the buffers of one worker.
#[derive(Default)]
pub(crate) struct Excision {
    units: RawUnits,
    layout: Layout,
    forms: Vec<u8>,
    chunk: Chunk,
}

/// What becomes of a text.
pub(crate) struct Excised {
    /// All spans of it, those of other rules included.
    pub(crate) spans: Vec<Span>,
    /// What is left says less than the shortest passage.
    pub(crate) emptied: bool,
}

impl Excision {
    /// Cut `text`, whose windows of `least` units were `met` before, besides `spans` that other rules
    /// found.
    pub(crate) fn of(
        &mut self,
        (document, text): (u32, &str),
        met: &[Met],
        spans: &[Span],
        least: usize,
        known: &Forms,
    ) -> Result<Excised> {
        self.layout.read(text);
        let claims = self.claims(text, met, least);
        let mut runs: Vec<Run> = Vec::new();
        for claim in claims {
            if !self.holds(document, &claim, known)? {
                continue;
            }
            let (start, end, count) = (claim.first, claim.last + least, claim.met.count);
            match runs.last_mut().filter(|run| run.end >= start) {
                Some(run) => (run.end, run.count) = (run.end.max(end), run.count.max(count)),
                None => runs.push(Run { start, end, count }),
            }
        }
        self.layout.finish(text, least);
        let pieces = self.layout.settle(&runs, least);
        if pieces.is_empty() {
            return Ok(Excised { spans: spans.to_vec(), emptied: false });
        }
        let (edges, weight) = self.edges(text, &pieces, spans);
        let mut found = Vec::new();
        for (piece, edges) in pieces.iter().zip(&edges) {
            for (start, end) in self.bytes_of(text, piece, edges) {
                let (start, end) = (start as u32, end as u32);
                let (count, hash, form) = (piece.count, edges.hash, Form::Substring);
                found.push(Span { document, start, end, count, hash, form });
            }
        }
        Ok(Excised { spans: joined(spans, &found), emptied: weight < SHORTEST })
    }

    /// Read the units of `text` and join what was met in a row.
    fn claims(&mut self, text: &str, met: &[Met], least: usize) -> Vec<Claim> {
        let Self { units, layout, forms, .. } = self;
        forms.clear();
        let mut claims: Vec<Claim> = Vec::new();
        let mut met = met.iter().peekable();
        let mut ends = Ends::default();
        let (mut number, mut before) = (0, 0);
        units.each(text, |unit| {
            layout.take(text, &unit);
            let at = forms.len();
            ends.reach(&mut claims, number, at, least);
            if let Some(&next) = met.next_if(|next| next.offset as usize == at) {
                match claims.last_mut().filter(|claim| claim.goes_on(number, at - before, &next)) {
                    Some(claim) => {
                        let count = claim.met.count.max(next.count);
                        (claim.last, claim.met) = (number, Met { count, ..next });
                    }
                    None => claims.push(Claim::of(number, at, next)),
                }
            }
            before = at;
            forms.extend_from_slice(unit.form);
            forms.push(END_OF_UNIT);
            number += 1;
        });
        ends.reach(&mut claims, number, forms.len(), least);
        claims
    }

    /// Whether what was met is equal, letter for letter, and does not overlap with what it is met by.
    fn holds(&mut self, document: u32, claim: &Claim, known: &Forms) -> Result<bool> {
        let Claim { at, first_end, end, from, met, .. } = *claim;
        let own = &self.forms[at..end];
        if met.first != document {
            return known.equal(met.first, from, own, &mut self.chunk);
        }
        // As many units lie between all windows of a claim and where they were met.
        let from = from as usize;
        Ok(from + (first_end - at) <= at && self.forms[from..from + own.len()] == *own)
    }

    /// The edges of every piece, and the weight of what is in no piece and in none of `spans`.
    fn edges(&mut self, text: &str, pieces: &[Run], spans: &[Span]) -> (Vec<Edges>, usize) {
        let Self { units, forms, .. } = self;
        forms.clear();
        let mut edges = vec![Edges { after: text.len(), ..Edges::default() }; pieces.len()];
        let (mut number, mut before, mut weight) = (0, 0, 0);
        let (mut piece, mut span) = (0, 0);
        units.each(text, |unit| {
            if pieces.get(piece).is_some_and(|piece| piece.end == number) {
                (edges[piece].after, edges[piece].hash) = (unit.start, hash64(forms));
                forms.clear();
                piece += 1;
            }
            while spans.get(span).is_some_and(|span| span.end as usize <= unit.start) {
                span += 1;
            }
            let cut = spans.get(span).is_some_and(|span| span.start as usize <= unit.start);
            match pieces.get(piece).filter(|piece| piece.start <= number) {
                Some(open) => {
                    if open.start == number {
                        (edges[piece].before, edges[piece].start) = (before, unit.start);
                    }
                    edges[piece].end = unit.end;
                    forms.extend_from_slice(unit.form);
                    forms.push(END_OF_UNIT);
                }
                None if !cut => weight += if unit.kind == Kind::Word { WORD } else { CHARACTER },
                None => {}
            }
            before = unit.end;
            number += 1;
        });
        if let Some(last) = edges.get_mut(piece) {
            last.hash = hash64(forms);
        }
        (edges, weight)
    }

    /// The bytes that go for a piece: whole lines if all their units are in it, else units with the marks
    /// that belong to them. Where something stays both before it and behind it, so does a line break.
    fn bytes_of(&self, text: &str, piece: &Run, edges: &Edges) -> Vec<(usize, usize)> {
        let blocks = &self.layout.blocks;
        let (a, b) = (self.layout.block_of(piece.start), self.layout.block_of(piece.end - 1));
        let (first, last) = (&blocks[a], &blocks[b]);
        let from_begin = first.first == piece.start;
        let start = if from_begin {
            first.start
        } else {
            edges.start - opening(&text[edges.before..edges.start])
        };
        let line_end = |end: usize| text[..end].trim_end_matches(['\n', '\r']).len();
        let end = if last.end_unit() > piece.end {
            edges.end + closing(&text[edges.end..edges.after])
        } else if from_begin {
            let blank = blocks[b + 1..].iter().take_while(|block| block.part == Part::Blank);
            blank.last().map_or(last.end, |block| block.end)
        } else if a == b {
            line_end(last.end)
        } else {
            last.end
        };
        let spans = if from_begin || a == b {
            vec![(start, end)]
        } else {
            vec![(start, line_end(first.end)), (first.end, end)]
        };
        spans.into_iter().filter(|(start, end)| start < end).collect()
    }
}

/// Bytes at the end of what stands between two units that belong to the second one.
fn opening(gap: &str) -> usize {
    match gap.char_indices().rfind(|(_, character)| character.is_whitespace()) {
        Some((at, white)) => gap.len() - at - white.len_utf8(),
        None => gap.len() - gap.trim_end_matches(|character| OPENING.contains(character)).len(),
    }
}

/// Bytes at the start of what stands between two units that belong to the first one, and the blanks
/// behind them.
fn closing(gap: &str) -> usize {
    match gap.find(char::is_whitespace) {
        Some(at) => gap.len() - gap[at..].trim_start().len(),
        None => gap.find(|character| OPENING.contains(character)).unwrap_or(gap.len()),
    }
}

/// `spans`, and what `more` has beside them.
pub(crate) fn joined(spans: &[Span], more: &[Span]) -> Vec<Span> {
    let mut all = spans.to_vec();
    let mut next = 0;
    for piece in more {
        let mut at = piece.start;
        while spans.get(next).is_some_and(|span| span.end <= at) {
            next += 1;
        }
        let within = spans[next..].iter().take_while(|span| span.start < piece.end);
        for span in within {
            if span.start > at {
                all.push(Span { start: at, end: span.start, ..*piece });
            }
            at = at.max(span.end);
        }
        if at < piece.end {
            all.push(Span { start: at, ..*piece });
        }
    }
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::FormsWriter;

    /// What goes of `text` if its first window of four units was met at the beginning of `other`.
    fn cut(text: &str, other: &str) -> Vec<(u32, u32)> {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FormsWriter::create(folder.path(), 2).unwrap();
        let mut forms = Vec::new();
        RawUnits::new().each(other, |unit| {
            forms.extend_from_slice(unit.form);
            forms.push(END_OF_UNIT);
        });
        writer.append(0, &forms).unwrap();
        let known = writer.finish().unwrap();
        let met = [Met { document: 1, offset: 0, first: 0, first_offset: 0, count: 2 }];
        let excised = Excision::default().of((1, text), &met, &[], 4, &known).unwrap();
        excised.spans.iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn hashes_only_propose() {
        let text = "渡船离开。另有一句话。";
        assert_eq!(cut(text, "渡船离开！"), [(0, 15)]);
        assert_eq!(cut(text, "渡船离岸！"), []);
        assert_eq!(cut(text, "渡船离"), []);
    }

    #[test]
    fn marks_go_with_the_units_they_belong_to() {
        let cases = [(" “", 3), ("：“", 3), ("，", 0), (" - **", 2), (". ", 0)];
        for (gap, expected) in cases {
            assert_eq!(opening(gap), expected, "{gap:?}");
        }
        let cases = [("。“", 3), (".” “", 5), ("，", 3), (" ", 1), (": ", 2)];
        for (gap, expected) in cases {
            assert_eq!(closing(gap), expected, "{gap:?}");
        }
    }
}
