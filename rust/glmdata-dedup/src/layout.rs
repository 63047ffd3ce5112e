//! What of a text must not be torn when passages are cut out of it: a sentence and a block of code
//! go as a whole or not at all, and a heading stays with what is left of its section.

use glmdata_text::RawUnit;

use crate::passage::fence_of;

/// Marks that open what follows.
pub(crate) const OPENING: &str = "([{<“‘「『《〈（【〔［｛«‹";

/// A line that ends so is no title.
const ENDS_SENTENCE: [char; 15] =
    ['.', '。', '!', '！', '?', '？', ';', '；', ',', '，', ':', '：', '…', '、', '|'];

/// Marks that end a sentence, and those that do with a blank behind them: `a?b` may be an address.
const ENDS: [char; 5] = ['。', '！', '？', '；', '…'];
const ENDS_BEFORE_BLANK: [char; 3] = ['.', '!', '?'];

/// What may stand in front of the lines of a quotation.
const QUOTES: [char; 3] = ['>', ' ', '\t'];

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Line,
    Blank,
    /// Code: lines between fences, with the fences, or indented ones.
    Code,
    /// A heading of this level; the title of a text has level 0.
    Heading(u8),
}

/// Lines `start..end` of a text, with their line ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) part: Part,
    /// Its first unit, and how many it has.
    pub(crate) first: usize,
    pub(crate) units: usize,
}

impl Block {
    /// Whether it goes as a whole or not at all.
    fn is_whole(&self) -> bool {
        !matches!(self.part, Part::Line | Part::Blank)
    }

    pub(crate) fn end_unit(&self) -> usize {
        self.first + self.units
    }
}

/// Units `start..end` of a text that stand elsewhere too; up to here, `count` places have some of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) count: u32,
}

/// The blocks of a text.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) blocks: Vec<Block>,
    units: usize,
    /// The block of the unit that was given last.
    at: usize,
    /// Where that unit ends, and whether it is a number.
    last: (usize, bool),
    /// Units that begin a sentence or a line, but for those within fences and headings.
    begins: Vec<usize>,
}

impl Layout {
    /// Look at the lines of `text`; its units are given after that.
    pub(crate) fn read(&mut self, text: &str) {
        self.blocks.clear();
        self.begins.clear();
        (self.units, self.at, self.last) = (0, 0, (0, false));
        let mut fence: Option<(char, usize)> = None;
        // The last block of indented lines.
        let mut above: Option<usize> = None;
        let mut start = 0;
        for piece in text.split_inclusive('\n') {
            let end = start + piece.len();
            let body = piece.trim();
            let mark = fence_of(body);
            match (fence, self.blocks.last_mut()) {
                (Some((sign, length)), Some(open)) => {
                    open.end = end;
                    let closes = |(other, longer, bare)| bare && other == sign && longer >= length;
                    if mark.is_some_and(closes) {
                        fence = None;
                    }
                    start = end;
                    continue;
                }
                (None, Some(line)) if line.part == Part::Line => {
                    if let Some(level) = underline(body) {
                        (line.end, line.part) = (end, Part::Heading(level));
                        start = end;
                        continue;
                    }
                }
                _ => {}
            }
            fence = mark.map(|(sign, length, _)| (sign, length));
            let signs = body.bytes().take_while(|&byte| byte == b'#').count();
            let indented = piece.starts_with('\t') || piece.starts_with("    ");
            let part = if body.is_empty() && fence.is_none() {
                Part::Blank
            } else if fence.is_some() || indented {
                Part::Code
            } else if signs > 0 {
                Part::Heading(signs.min(6) as u8)
            } else {
                Part::Line
            };
            if part == Part::Code && fence.is_none() {
                if let Some(above) = above.filter(|&above| self.are_blank(above + 1)) {
                    self.blocks.truncate(above + 1);
                    self.blocks[above].end = end;
                    start = end;
                    continue;
                }
                above = Some(self.blocks.len());
            }
            self.blocks.push(Block { start, end, part, first: 0, units: 0 });
            start = end;
        }
    }

    /// Whether all blocks from number `from` on are blank lines.
    fn are_blank(&self, from: usize) -> bool {
        self.blocks[from..].iter().all(|block| block.part == Part::Blank)
    }

    /// The next unit of the text.
    pub(crate) fn take(&mut self, text: &str, unit: &RawUnit<'_>) {
        let before = self.at;
        while self.blocks[self.at].end <= unit.start {
            self.close();
        }
        let (end, is_short) = self.last;
        let block = self.blocks[self.at];
        let above = self.blocks[before];
        let begins = if self.at > before && (block.is_whole() || above.is_whole()) {
            above.is_whole() || block.part != Part::Code || !introduces(&text[end..unit.start])
        } else {
            !(block.units > 0 && block.is_whole())
                && begins_sentence(&text[end..unit.start], is_short, &text[unit.start..])
        };
        if self.units == 0 || begins {
            self.begins.push(self.units);
        }
        self.last = (unit.end, is_shortened(unit.form));
        self.blocks[self.at].units += 1;
        self.units += 1;
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(block) = self.blocks.get_mut(self.at) {
            block.first = self.units;
        }
    }

    /// There are no more units; a first line of fewer than `short` that ends no sentence is a title.
    pub(crate) fn finish(&mut self, text: &str, short: usize) {
        while self.at < self.blocks.len() {
            self.close();
        }
        let Some(first) = self.blocks.iter_mut().find(|block| block.units > 0) else { return };
        let sentence = text[first.start..first.end].trim().ends_with(ENDS_SENTENCE);
        let title = first.part == Part::Line && first.units < short && first.units < self.units;
        if title && !sentence {
            first.part = Part::Heading(0);
            let behind = first.end_unit();
            let known = self.begins.partition_point(|&begin| begin <= behind);
            self.begins.splice(..known, [0, behind]);
        }
    }

    /// The block that a unit is in.
    pub(crate) fn block_of(&self, unit: usize) -> usize {
        self.blocks.partition_point(|block| block.end_unit() <= unit)
    }

    /// What may go of `runs`, which are in order and do not touch: pieces of at least `least` units that
    /// tear nothing. A heading goes only where nothing of its section stays.
    pub(crate) fn settle(&self, runs: &[Run], least: usize) -> Vec<Run> {
        let runs = self.without_torn(runs);
        let mut pieces = Vec::new();
        // From the end: whether a heading stays depends on what follows.
        let ends = self.section_ends();
        let mut headings = ends.iter().rev().peekable();
        for &Run { start, mut end, count } in runs.iter().rev() {
            // The first unit behind it that stays: runs do not touch.
            let mut stays = if end < self.units { end } else { usize::MAX };
            while let Some(&&(block, section_end)) = headings.peek() {
                let heading = &self.blocks[block];
                if heading.first < start {
                    break;
                }
                headings.next();
                if heading.end_unit() > end || stays >= section_end {
                    continue;
                }
                keep(Run { start: heading.end_unit(), end, count }, least, &mut pieces);
                (end, stays) = (heading.first, heading.first);
            }
            keep(Run { start, end, count }, least, &mut pieces);
        }
        pieces.reverse();
        pieces
    }

    /// Headings that have units: block, and the unit that their section ends at.
    fn section_ends(&self) -> Vec<(usize, usize)> {
        let mut next = [self.units; 7];
        let mut found = Vec::new();
        for (i, block) in self.blocks.iter().enumerate().rev() {
            if let (Part::Heading(level), true) = (block.part, block.units > 0) {
                found.push((i, next[level as usize]));
                next[level as usize..].fill(block.first);
            }
        }
        found.reverse();
        found
    }

    /// `runs` but for fences, headings and sentences that they have a part of.
    fn without_torn(&self, runs: &[Run]) -> Vec<Run> {
        let mut whole = Vec::new();
        for &Run { mut start, mut end, count } in runs {
            // A run begins in one block and ends in one; those between are whole.
            let first = &self.blocks[self.block_of(start)];
            if first.is_whole() && (first.first < start || first.end_unit() > end) {
                start = first.end_unit();
            }
            let last = &self.blocks[self.block_of(end - 1)];
            if last.is_whole() && last.end_unit() > end {
                end = last.first;
            }
            // Sentences that it has a part of stay.
            let begin = self.begins.partition_point(|&begin| begin < start);
            start = self.begins.get(begin).copied().unwrap_or(self.units);
            if end < self.units {
                end = self.begins[self.begins.partition_point(|&begin| begin <= end) - 1];
            }
            if start < end {
                whole.push(Run { start, end, count });
            }
        }
        whole
    }
}

/// Whether what stands between two units ends a line that introduces the next one.
fn introduces(gap: &str) -> bool {
    gap.split_once('\n').is_some_and(|(line, _)| line.trim_end().ends_with([':', '：']))
}

/// What a full stop does not end a sentence behind: `1. item`, `e.g. this`, `J. Smith`, `vs. that`.
fn is_shortened(form: &[u8]) -> bool {
    matches!(form, [b'a'..=b'z'] | b"vs" | b"cf" | b"fig" | b"mr" | b"mrs" | b"dr")
        || form.iter().all(u8::is_ascii_digit)
}

/// Whether a sentence or a line begins between two units; a stop behind the first may shorten it; `next`
/// begins with the second one.
fn begins_sentence(gap: &str, is_short: bool, next: &str) -> bool {
    // A tag closes what stands before it.
    if gap.ends_with("</") {
        return false;
    }
    let stop = gap.find(ENDS_BEFORE_BLANK).filter(|_| !is_short);
    if gap.contains(ENDS) || stop.is_some_and(|at| gap[at..].contains(char::is_whitespace)) {
        return true;
    }
    match gap.rsplit_once('\n') {
        None => false,
        // The next line of a paragraph that is wrapped goes on in small letters.
        Some((before, mark)) => {
            let wrapped =
                next.starts_with(char::is_lowercase) && mark.trim_matches(QUOTES).is_empty();
            !introduces(gap) && (!wrapped || before.contains('\n'))
        }
    }
}

fn keep(run: Run, least: usize, pieces: &mut Vec<Run>) {
    if run.end >= run.start + least {
        pieces.push(run);
    }
}

/// The level of the heading that a line of signs makes of the line above it.
fn underline(body: &str) -> Option<u8> {
    let all = |sign: u8| body.len() >= 3 && body.bytes().all(|byte| byte == sign);
    if all(b'=') { Some(1) } else { all(b'-').then_some(2) }
}
