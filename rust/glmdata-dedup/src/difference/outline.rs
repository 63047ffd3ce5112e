//! What comparisons ask of a text again and again, found once: its title, the dates of its enactment,
//! and where its lines are.

use std::sync::OnceLock;

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
    /// The same, sorted, when they are first looked up.
    sorted: OnceLock<Vec<u64>>,
    /// What kind of text it is, found when a difference first asks for it.
    pub(super) strict: OnceLock<Option<&'static str>>,
}

impl Outline {
    pub(crate) fn of(text: &str) -> Self {
        let range = |part: &str| {
            let start = part.as_ptr().addr() - text.as_ptr().addr();
            (start as u32, (start + part.len()) as u32)
        };
        let (mut lines, mut keys) = (Vec::new(), Vec::new());
        let mut from = 0;
        // The standard library looks for line ends eight bytes at a time.
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let line = text.get(from..end).unwrap_or_default().trim();
            if !line.is_empty() {
                lines.push(range(line));
                keys.push(hash64(line.as_bytes()));
            }
            from = end + 1;
        }
        let (title, dates) = (title_of(text).map(range), enactment_dates(text));
        Self { title, dates, lines, keys, sorted: OnceLock::new(), strict: OnceLock::new() }
    }
}

impl Outline {
    /// Whether the text has a line of this hash.
    pub(super) fn has(&self, key: u64) -> bool {
        let sorted = self.sorted.get_or_init(|| {
            let mut keys = self.keys.clone();
            keys.sort_unstable();
            keys
        });
        sorted.binary_search(&key).is_ok()
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

    pub(super) fn first_line(&self) -> Option<&'t str> {
        self.outline.lines.first().map(|range| self.part(*range))
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
