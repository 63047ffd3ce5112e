//! What of a text must not be torn when passages are cut out of it: blocks between code fences go as a
//! whole or not at all, and a heading stays with what is left of its section.

use glmdata_text::RawUnit;

use crate::passage::fence_of;

/// Marks that open what follows.
pub(crate) const OPENING: &str = "([{<“‘「『《〈（【〔［｛«‹";

/// A line that ends so is no title.
const ENDS_SENTENCE: [char; 15] =
    ['.', '。', '!', '！', '?', '？', ';', '；', ',', '，', ':', '：', '…', '、', '|'];

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Line,
    Blank,
    /// Lines between fences, with the fences.
    Fence,
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
}

impl Layout {
    /// Look at the lines of `text`; its units are given after that.
    pub(crate) fn read(&mut self, text: &str) {
        self.blocks.clear();
        (self.units, self.at) = (0, 0);
        let mut fence: Option<(char, usize)> = None;
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
                (None, Some(above)) if above.part == Part::Line => {
                    if let Some(level) = underline(body) {
                        (above.end, above.part) = (end, Part::Heading(level));
                        start = end;
                        continue;
                    }
                }
                _ => {}
            }
            fence = mark.map(|(sign, length, _)| (sign, length));
            let signs = body.bytes().take_while(|&byte| byte == b'#').count();
            let part = if fence.is_some() {
                Part::Fence
            } else if body.is_empty() {
                Part::Blank
            } else if signs > 0 {
                Part::Heading(signs.min(6) as u8)
            } else {
                Part::Line
            };
            self.blocks.push(Block { start, end, part, first: 0, units: 0 });
            start = end;
        }
    }

    /// The next unit of the text.
    pub(crate) fn take(&mut self, unit: &RawUnit<'_>) {
        while self.blocks[self.at].end <= unit.start {
            self.close();
        }
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

    /// `runs` but for fences and headings that they have a part of.
    fn without_torn(&self, runs: &[Run]) -> Vec<Run> {
        let mut whole = Vec::new();
        for &Run { mut start, mut end, count } in runs {
            // A run begins in one block and ends in one; those between are whole.
            let torn = |block: &Block| !matches!(block.part, Part::Line | Part::Blank);
            let first = &self.blocks[self.block_of(start)];
            if torn(first) && (first.first < start || first.end_unit() > end) {
                start = first.end_unit();
            }
            let last = &self.blocks[self.block_of(end - 1)];
            if torn(last) && last.end_unit() > end {
                end = last.first;
            }
            if start < end {
                whole.push(Run { start, end, count });
            }
        }
        whole
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
