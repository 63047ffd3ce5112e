//! Texts below the threshold of which one holds most of the other: a page that grew, or the same page in
//! another frame. Pages of two things made from one template hold each other as well, so what the
//! smaller text opens with must stand in the larger one too.

use super::kind_of_line::is_furniture;
use super::line::is_title_heading;
use super::outline::Outlined;

/// Lines that must stand in the other text where nothing is a heading.
const LINES: usize = 2;

/// Bytes of the marks around a heading, at most.
const MARKS: usize = 32;

/// Lines in which a heading is looked for besides: a form may begin with a page of instructions.
const FIRST: usize = 200;

/// Whether what `smaller` opens with stands in `larger` too.
pub(crate) fn opens_in(smaller: Outlined<'_>, larger: Outlined<'_>) -> bool {
    let lines = || 0..smaller.outline.keys.len();
    let says = |&number: &usize| {
        let line = smaller.line(number);
        line.chars().any(char::is_alphanumeric) && !is_furniture(line) && !is_note(line)
    };
    let is_title = |&number: &usize| is_title_heading(smaller.line(number));
    let titled = smaller.title().filter(|title| is_title_heading(title));
    let few = if titled.is_some() { 0 } else { LINES };
    let begins = lines().filter(says).take(few);
    let heading = lines().take(FIRST).find(is_title);
    begins.chain(heading).all(|number| has(larger, smaller, number))
}

/// A line in italics: since when something is there, or for whom.
fn is_note(line: &str) -> bool {
    let italic = |mark: char| line.len() > 2 && line.starts_with(mark) && line.ends_with(mark);
    italic('_') || (italic('*') && !line.starts_with("**"))
}

/// Whether `larger` has a line of `smaller`, the marks of a heading, targets of links and case aside.
fn has(larger: Outlined<'_>, smaller: Outlined<'_>, number: usize) -> bool {
    if larger.outline.has(smaller.outline.keys[number]) {
        return true;
    }
    let wanted = bare(smaller.line(number));
    let lines = (0..larger.outline.keys.len()).map(|number| larger.line(number));
    // A line with its marks is little longer than without them, but for one with links.
    let near = wanted.len()..=wanted.len() + MARKS;
    { lines }
        .any(|other| (near.contains(&other.len()) || other.contains("](")) && bare(other) == wanted)
}

/// A line without the marks of a heading and without targets of links, in lower case.
fn bare(line: &str) -> String {
    let marks = ['#', '=', '*', '>', '-', ' ', '\t', '"', '\''];
    let lower = without_targets(line.trim_matches(marks)).to_lowercase();
    lower.strip_prefix("title:").unwrap_or(&lower).trim_matches(marks).to_owned()
}

/// `[a page](of/another/version)` is `[a page]()`.
fn without_targets(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, target)) = rest.split_once("](")
        && let Some((_, behind)) = target.split_once(')')
    {
        out.push_str(before);
        out.push_str("]()");
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::outline::Outline;
    use super::*;

    fn opens(smaller: &str, larger: &str) -> bool {
        let (a, b) = (Outline::of(smaller), Outline::of(larger));
        let smaller = Outlined { text: smaller, outline: &a };
        opens_in(smaller, Outlined { text: larger, outline: &b })
    }

    const BODY: &str = "The harbour lies at the mouth of the river.\nBoats leave it at six.\n\
        The market opens at seven.\nFish is sold until noon.\nIn winter the river freezes.\n";

    #[test]
    fn a_page_that_grew_is_one_page() {
        let page = format!("# The harbour\n\n{BODY}");
        let grown = format!("Home > Places\n\n## The Harbour\n\n{BODY}A new pier was built.\n");
        assert!(opens(&page, &grown));
        assert!(opens(BODY, &grown));
    }

    #[test]
    fn targets_of_links_and_notes_in_italics_are_no_other_beginning() {
        let page = |version: &str| {
            format!(
                "See [the harbour](/{version}/harbour) and [its boats](/{version}/boats).\n{BODY}"
            )
        };
        assert!(opens(&page("v2.4"), &format!("{}A new pier was built.\n", page("v2.6/latest"))));
        let noted = format!("_Available as of spring_\n{BODY}");
        assert!(opens(&noted, &format!("{BODY}A new pier was built.\n")));
        assert!(!opens(&page("v2.4"), &format!("See [the quay](/v2.6/quay).\n{BODY}")));
    }

    #[test]
    fn another_heading_or_another_beginning_is_another_page() {
        let page = format!("# The harbour\n\n{BODY}");
        let sibling = format!("# The quay of the old town\n\n{BODY}A new pier was built.\n");
        assert!(!opens(&page, &sibling));
        let question = format!("Travel\nWhere do boats leave?\n{BODY}");
        let other =
            format!("Travel\nWhere is fish sold and until when?\n{BODY}A new pier was built.\n");
        assert!(!opens(&question, &other));
    }
}
