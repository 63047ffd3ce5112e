//! What of the lines of prose came before: lines, blocks, and the words and text that repeats are counted in.

use super::grams::{Counter, Words};
use super::prose::{Prose, ProseLine};

/// From here on a line that comes again is text, not the frame of an answer in a forum.
const TEXT_LINE: u32 = 20;
/// From here on a block is one, not the heading of a section.
const TEXT_BLOCK: u32 = 40;

impl Prose {
    /// Whether repetition counts quotations: an answer quotes what it answers, but a page that is mostly quotations
    /// is judged by them.
    fn judges_quotes(&self) -> bool {
        2 * self.sums.quoted as usize > self.lines.len()
    }

    /// Words of which nothing is seen, from a number on.
    pub(super) fn unseen_from(&self, word: u32) -> u32 {
        let last = self.shortened.iter().rev().take_while(|&&(place, _)| place >= word);
        last.filter(|&&(_, counted)| counted == 0).count() as u32
    }

    /// How many words repetition of prose counts.
    pub(super) fn number_of_words(&self) -> u32 {
        let quotes = self.judges_quotes();
        let own = self.lines.iter().filter(|line| quotes || !line.quoted);
        own.map(|line| line.words.1 - line.words.0).sum()
    }

    /// Count what came before, once all lines are there.
    pub(super) fn count_repeats(&mut self, counter: &mut Counter) {
        let quotes = self.judges_quotes();
        let own = |line: &&ProseLine| quotes || !line.quoted;
        let sums = &mut self.sums;
        counter.reset(self.lines.len());
        for line in self.lines.iter().filter(own) {
            if counter.add(line.hash, 0).1 > 0 {
                sums.repeated_lines += 1;
                sums.repeated_width += line.width;
                sums.repeated_text += if line.width >= TEXT_LINE { line.width } else { 0 };
            }
        }
        if sums.repeated_lines == 0 {
            return;
        }
        counter.reset(self.lines.len());
        for block in self.lines.chunk_by(|a, b| a.block == b.block) {
            let joined = |hash: u64, line: &ProseLine| {
                (hash ^ line.hash).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)
            };
            let width = block.iter().filter(own).map(|line| line.width).sum::<u32>();
            if counter.add(block.iter().filter(own).fold(0, joined), 0).1 > 0 && width >= TEXT_BLOCK
            {
                sums.repeated_blocks += width;
            }
        }
    }

    /// The words of prose among `all`, without those of which nothing is seen, and addresses shortened.
    pub(super) fn words(&mut self, all: &Words) -> &Words {
        self.words.clear();
        let mut shortened = self.shortened.iter().copied().peekable();
        let quotes = self.judges_quotes();
        for line in self.lines.iter().filter(|line| quotes || !line.quoted) {
            for place in line.words.0..line.words.1 {
                while shortened.next_if(|&(word, _)| word < place).is_some() {}
                let at = place as usize;
                let characters = match shortened.peek() {
                    Some(&(word, counted)) if word == place => counted,
                    _ => all.characters[at + 1] - all.characters[at],
                };
                if characters > 0 {
                    self.words.push(all.hashes[at], characters);
                }
            }
        }
        &self.words
    }

    /// The lines of prose of `text`, one below the other.
    pub(super) fn text(&mut self, text: &str) -> &str {
        self.text.clear();
        let quotes = self.judges_quotes();
        for line in self.lines.iter().filter(|line| quotes || !line.quoted) {
            self.text.push_str(&text[line.start as usize..line.end as usize]);
            self.text.push('\n');
        }
        &self.text
    }
}
