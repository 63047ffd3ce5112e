//! What comparisons ask of a text again and again, found once: its title, the dates of its enactment,
//! and where its lines are.

use glmdata_base::hash64;

use super::line::enactment_dates;
use super::title::title_of;

/// The outline of a text. Ranges are of its bytes.
#[derive(Debug)]
pub(crate) struct Outline {
    title: Option<(u32, u32)>,
    /// Dates of enactment, in order.
    pub(super) dates: Vec<String>,
    /// Lines that say something, ends trimmed, with the hash of each.
    lines: Vec<(u32, u32)>,
    pub(super) keys: Vec<u64>,
}

impl Outline {
    pub(crate) fn of(text: &str) -> Self {
        let range = |part: &str| {
            let start = part.as_ptr().addr() - text.as_ptr().addr();
            (start as u32, (start + part.len()) as u32)
        };
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self {
            title: title_of(text).map(range),
            dates: enactment_dates(text),
            lines: lines().map(range).collect(),
            keys: lines().map(|line| hash64(line.as_bytes())).collect(),
        }
    }
}

/// A text with its outline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlined<'t> {
    pub(crate) text: &'t str,
    pub(crate) outline: &'t Outline,
}

impl<'t> Outlined<'t> {
    fn part(&self, (start, end): (u32, u32)) -> &'t str {
        &self.text[start as usize..end as usize]
    }

    pub(super) fn title(&self) -> Option<&'t str> {
        self.outline.title.map(|range| self.part(range))
    }

    pub(super) fn line(&self, number: usize) -> &'t str {
        self.part(self.outline.lines[number])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_again() {
        let text = "\n  # One \r\n\n2018年3月30日通过\nthree\t";
        let outline = Outline::of(text);
        let outlined = Outlined { text, outline: &outline };
        assert_eq!(outlined.title(), Some("# One"));
        assert_eq!(outline.dates, ["2018-03-30"]);
        let lines: Vec<&str> = (0..outline.keys.len()).map(|i| outlined.line(i)).collect();
        assert_eq!(lines, ["# One", "2018年3月30日通过", "three"]);
    }
}
