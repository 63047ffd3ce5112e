//! The title of a document: the heading it opens with.

use super::kind_of_line::is_furniture;
use super::line::is_title_heading;

/// How far down a title may stand, in lines that say something.
const LINES: usize = 4;

/// Lines of any kind in which these are looked for.
const FIRST: usize = 40;

/// The longest line that is still a title, in bytes.
const MOST_BYTES: usize = 240;

/// The first heading among the first lines of `text`, or its first line if that looks like one:
/// short, alone, and no sentence.
pub(super) fn title_of(text: &str) -> Option<&str> {
    let says = |line: &&str| !line.is_empty() && !is_furniture(line) && !skips(line);
    let lines = || text.lines().take(FIRST).map(str::trim).filter(says).take(LINES);
    let heading = lines().find(|line| is_title_heading(line));
    let title = heading.or_else(|| lines().next().filter(|line| looks_like_title(line)))?;
    (title.len() <= MOST_BYTES).then_some(title)
}

/// The link that a page begins with for those who hear it.
fn skips(line: &str) -> bool {
    const LINKS: [&str; 5] = ["skip to ", "jump to ", "跳到", "跳转到", "跳至"];
    let lower = line.trim_start_matches(['[', '*', '-', ' ']).to_lowercase();
    line.len() <= 40 && LINKS.iter().any(|link| lower.starts_with(link))
}

/// Whether a first line names what follows.
pub(super) fn looks_like_title(line: &str) -> bool {
    let sentence = |c: char| ".!?。！？；;:：,，".contains(c);
    // A Han character is three bytes and says as much as six letters.
    line.len() <= 90
        && !line.ends_with(sentence)
        && !line.starts_with(['#', '-', '*', '_', '>', '|', '<', '!', '{', '`'])
        && !is_navigation(line)
}

/// The symbols of two titles, if each names its thing by others: `operator ||` and `operator !=`.
pub(super) fn other_symbols(a: &str, b: &str) -> Option<(String, String)> {
    let symbols = |title: &str| -> String {
        let marks = ['#', '=', ' ', '*', '_', '`'];
        let bare = title.trim_start_matches('#').trim();
        // The marks of a wiki heading stand on both sides.
        let bare = if bare.starts_with("==") { bare.trim_matches(marks) } else { bare };
        bare.chars().filter(|c| "<>=!+&|^%~≤≥≠±×÷".contains(*c)).collect()
    };
    let (left, right) = (symbols(a), symbols(b));
    (left != right && !left.is_empty() && !right.is_empty()).then_some((left, right))
}

/// The names of program text, or codes, by which two headings differ: `clamp` and `clamp_`, `RC2101` and
/// `RW2001`. Words are the same in normal form, or the text below says nothing of its own code.
pub(super) fn sibling_names(a: &str, b: &str) -> Option<(String, String)> {
    let words = |line: &'_ str| -> Vec<String> {
        line.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect()
    };
    let (left, right) = (words(a), words(b));
    if left.len() != right.len() {
        return None;
    }
    let mut other = left.into_iter().zip(right).filter(|(a, b)| a != b).peekable();
    let first = other.peek()?.clone();
    let bare = |word: &str| word.trim_end_matches('_').len();
    let is_sibling = |(a, b): (String, String)| {
        // `_emphasis_` has a mark on both sides.
        let marked = a.starts_with('_') || b.starts_with('_');
        (!marked && bare(&a) > 0 && a[..bare(&a)] == b[..bare(&b)]) || (is_code(&a) && is_code(&b))
    };
    other.all(is_sibling).then_some(first)
}

/// A few capital letters and three to six digits, as errors, patches and products are called; no version.
fn is_code(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = word.len() - letters;
    let is_number = word.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    let is_version = letters == 1 && word.starts_with(['V', 'R', 'Q', 'T']);
    (1..=4).contains(&letters) && (3..=6).contains(&digits) && is_number && !is_version
}

/// A link, a trail of pages or a row of menu entries.
pub(super) fn is_navigation(line: &str) -> bool {
    let linked = line.starts_with('[') && line.contains("](");
    linked || line.contains(['›', '»']) || line.contains(" > ") || line.matches(" | ").count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        let cases = [
            ("\n# One\n\ntext", Some("# One")),
            ("<!-- a -->\n\n# [1. Two](x)\n", Some("# [1. Two](x)")),
            ("My Day\nIt was a long day.", Some("My Day")),
            ("It was a long day.\nThen night.", None),
            ("> quoted", None),
            // A section is no title.
            ("It was a long day.\n\n## Night", None),
            ("[Home](/) [News](/news)\nIt was a long day.", None),
            ("Home > News > Today\nIt was a long day.", None),
            ("首页 | 新闻 | 关于\n今天很长。", None),
            ("## Abstract\n\nIt was a long day.", None),
            ("Skip to main content\nChapter 3\nIt was a long day.", Some("Chapter 3")),
            ("[跳转到主要内容](#main)\n第三章\n今天很长。", Some("第三章")),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(title_of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn names_and_codes_are_told_apart() {
        let found =
            sibling_names("## [ 无参数 ]torch.Tensor.clamp", "## [ 无参数 ]torch.Tensor.clamp_");
        assert_eq!(found, Some(("clamp".to_owned(), "clamp_".to_owned())));
        let found =
            sibling_names("# Resource Compiler Error RC2101", "# Resource Compiler Error RW2001");
        assert_eq!(found, Some(("RC2101".to_owned(), "RW2001".to_owned())));
        for (a, b) in [
            ("# clamp", "# clamp"),
            ("# The _clamp_ of old", "# The clamp of old"),
            ("# Release V20241", "# Release V20242"),
            ("# News of 2023", "# News of 2024"),
            ("# clamp_ of x", "# clamp of y"),
            ("# RC2101", "# About RC2101"),
        ] {
            assert_eq!(sibling_names(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn symbols_name_operators() {
        let found = other_symbols("# operator ||", "# operator != (MASM)");
        assert_eq!(found, Some(("||".to_owned(), "!=".to_owned())));
        assert!(other_symbols("== a < b ==", "== a > b ==").is_some());
        for (a, b) in [
            ("# Models & Collections", "# Models and Collections"),
            ("# operator ||", "== operator || =="),
            ("# Hello!", "# Hello"),
        ] {
            assert_eq!(other_symbols(a, b), None, "{a} {b}");
        }
    }
}
