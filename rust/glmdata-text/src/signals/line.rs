//! What a line is: its ends, whether it is program text, whether C4 would keep it.

use memchr::memchr_iter;

/// What the scan knows of a line once it has passed its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// The line without white space at its ends; not empty.
    pub(crate) text: &'a str,
    /// Begins with a tab or two spaces.
    pub(crate) indented: bool,
    /// White-space separated words.
    pub(crate) words: u32,
    /// Characters of the longest word.
    pub(crate) longest_word: u32,
    /// Letters.
    pub(crate) letters: u32,
    /// Han characters.
    pub(crate) han: u32,
    /// Visible characters.
    pub(crate) visible: u32,
    /// ASCII marks of program text: brackets, operators, `;`, `_`, `#`, `@` and the like.
    pub(crate) code_marks: u32,
    /// C4's phrases in it.
    pub(crate) phrases: Phrases,
}

/// Which of C4's phrases a line holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Phrases {
    pub(crate) lorem_ipsum: bool,
    /// `javascript` or a phrase about cookies or terms.
    pub(crate) boilerplate: bool,
}

impl Line<'_> {
    /// Begins with one of the two bullets of datatrove's Gopher rules.
    pub(crate) fn is_bullet(&self) -> bool {
        self.text.starts_with(['•', '-'])
    }

    /// Begins or ends a fenced block of Markdown.
    pub(crate) fn is_fence(&self) -> bool {
        self.text.starts_with("```") || self.text.starts_with("~~~")
    }
}

/// C4's view of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Left out of the page.
    Dropped,
    /// The page goes, for lorem ipsum.
    LoremIpsum,
    /// The page goes, for a curly bracket.
    Curly,
    /// Kept, with so many sentences.
    Kept(u32),
}

/// Characters from which a word makes C4 drop its line.
const LONG_WORD: u32 = 1_000;

/// What C4 does with a line, in the order of its rules: words, end, length, phrases.
pub(crate) fn c4(line: &Line<'_>) -> Verdict {
    let text = without_citations(line.text);
    let ends = text.ends_with(['.', '?', '!', '"', '\'']) && !text.ends_with("...");
    if !ends || line.words < 3 || line.longest_word > LONG_WORD {
        return Verdict::Dropped;
    }
    if line.phrases.lorem_ipsum {
        return Verdict::LoremIpsum;
    }
    // C4 asks for boilerplate first, but a bracket removes the page, whatever line it is on.
    if line.phrases.boilerplate {
        return Verdict::Dropped;
    }
    if text.contains('{') {
        return Verdict::Curly;
    }
    Verdict::Kept(sentences(text))
}

/// A line without the citation marks at its end: `[12]`, `[edit]`, `[citation needed]`.
fn without_citations(mut text: &str) -> &str {
    while let Some((before, inside)) = text.strip_suffix(']').and_then(|open| open.rsplit_once('['))
    {
        let cited = matches!(inside, "edit" | "citation needed")
            || inside.bytes().all(|byte| byte.is_ascii_digit());
        if !cited {
            break;
        }
        text = before;
    }
    text
}

/// One, and one more for each `.`, `?` or `!` inside of the line that white space follows, with
/// closing quotes and brackets between them passed over.
fn sentences(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let ends = |&at: &usize| {
        let behind = &bytes[at + 1..];
        let closing = behind.iter().take_while(|byte| b"\"')]".contains(byte)).count();
        behind.get(closing).is_some_and(|&byte| byte == b' ' || byte == b'\t')
    };
    let marks = |mark| memchr_iter(mark, bytes).filter(ends).count() as u32;
    1 + marks(b'.') + marks(b'?') + marks(b'!')
}

/// Keywords that begin a statement of many languages, and hardly a sentence.
const STATEMENTS: &[&str] = &[
    "#define ",
    "#include",
    "#endif",
    "#ifdef",
    "#ifndef",
    "#pragma",
    "$(",
    "$ ",
    "%> ",
    "*/",
    "/**",
    "// ",
    "//",
    "<!--",
    "</",
    "<?php",
    "@Override",
    "CREATE TABLE ",
    "INSERT INTO ",
    "Traceback (",
    "async def ",
    "async function",
    "console.",
    "const ",
    "def ",
    "elif ",
    "else {",
    "else:",
    "except ",
    "export const ",
    "export default ",
    "export function ",
    "fn ",
    "func ",
    "function ",
    "function(",
    "impl ",
    "import {",
    "let mut ",
    "private ",
    "protected ",
    "pub fn ",
    "public class ",
    "public static ",
    "public void ",
    "pub struct ",
    "static void ",
    "struct ",
    "sudo ",
    "try {",
    "try:",
    "typedef ",
    "using namespace ",
    "var ",
    "void ",
    ">>> ",
    "} else",
    "} catch",
    "npm install",
    "pip install",
    "self.",
    "this.",
    "mkdir ",
    "curl ",
    "docker ",
    "git clone ",
    "apt-get ",
    "cmake ",
    "export PATH",
];

/// Keywords that sentences begin with as well.
const WEAK_STATEMENTS: &[&str] = &[
    "at ",
    "class ",
    "for ",
    "for(",
    "from ",
    "if ",
    "if(",
    "import ",
    "let ",
    "package ",
    "return",
    "static ",
    "switch ",
    "use ",
    "using ",
    "while ",
    "while(",
    "enum ",
    "interface ",
    "File \"",
    "case ",
    "int ",
    "string ",
    "print",
    "SELECT ",
    "export ",
];

/// What statements may begin with: most lines are done after one look.
const HEADS: [u8; STATEMENTS.len()] = heads(STATEMENTS);
const WEAK_HEADS: [u8; WEAK_STATEMENTS.len()] = heads(WEAK_STATEMENTS);

const fn heads<const N: usize>(words: &[&str]) -> [u8; N] {
    let mut heads = [0; N];
    let mut at = 0;
    while at < N {
        heads[at] = words[at].as_bytes()[0];
        at += 1;
    }
    heads
}

/// Whether `text` begins with one of `words`, whose first bytes are `heads`.
fn begins(text: &str, words: &[&str], heads: &[u8]) -> bool {
    memchr_iter(text.as_bytes()[0], heads).any(|word| text.starts_with(words[word]))
}

/// What stands between a file and the number of a line in traces.
const TRACES: &[&str] = &[".java:", ".go:", ".py:", ".js:", ".ts:", ".kt:", ".rb:", ".cpp:"];

/// Points from which a line is program text.
const CODE: i32 = 3;
/// Points for operators, and for assignments and calls.
const MOST_FOR_MARKS: i32 = 2;

/// Whether a line reads as program text, markup or the trace of a program.
///
/// Points for a statement's beginning, for operators, for how it ends, for density of marks; points
/// off for Han characters and for the end of a sentence.
pub(crate) fn is_code(line: &Line<'_>) -> bool {
    // Prose without a mark of program text, the commonest line, costs nothing more.
    let Line { text, code_marks, visible, han, .. } = *line;
    let declares = text.starts_with("import ") || text.starts_with("package ");
    if declares && line.words == 2 {
        return true;
    }
    if code_marks == 0 {
        return false;
    }
    if line.letters == 0 && text.bytes().all(|byte| b"{}()[];,".contains(&byte)) {
        return true;
    }
    let mut points = 0;
    if begins(text, STATEMENTS, &HEADS) {
        points += 2;
    } else if begins(text, WEAK_STATEMENTS, &WEAK_HEADS) {
        points += 1;
    }
    if text.starts_with('<') && text.ends_with('>') && text.contains("</") | text.contains("=\"") {
        points += 2;
    }
    if text.ends_with(['{', '}', ';']) || text.ends_with("):") {
        points += 1;
        if code_marks > 1 {
            points += 1;
        }
        // A declaration of a style sheet: `color: red;`.
        if text.split(' ').next().is_some_and(|first| first.len() > 1 && first.ends_with(':')) {
            points += 2;
        }
    }
    points += i32::from(line.indented);
    if line.words <= 8 && is_trace(text, line.words) {
        points += 3;
    }
    // Marks of program text among all visible characters: a tenth, a fourth.
    points += i32::from(10 * code_marks > visible) + i32::from(4 * code_marks > visible);
    if 4 * han > visible {
        points -= 2;
    }
    if line.words >= 5 && text.ends_with(['.', '?', '!', '。', '？', '！']) {
        points -= 2;
    }
    // A row of a table, a heading, an item with a link: marks, but no program.
    if text.starts_with(['|', '#', '-', '*', '[', '!', '('])
        && !text.starts_with("#include")
        && !text.starts_with("!function")
        && !text.starts_with("(function")
    {
        points -= 2;
    }
    // What takes a pass over the line is asked last, where it can still change the answer.
    if points >= CODE || points + MOST_FOR_MARKS < CODE {
        return points >= CODE;
    }
    let marks = marks_of(text.as_bytes());
    points += i32::from(marks.operator) + i32::from(marks.assigns || has_call(text));
    points >= CODE
}

/// A line of the trace of a program: `at a.b(C.java:1)`, `File "a.py", line 1`, `a.go:1`.
fn is_trace(text: &str, words: u32) -> bool {
    words == 2 && text.starts_with("at ") && text.ends_with(')')
        || text.starts_with("File \"") && text.contains("\", line ")
        || names_a_line(text.as_bytes())
}

/// Whether a number stands behind the first place of one of [`TRACES`].
fn names_a_line(bytes: &[u8]) -> bool {
    let mut seen = [false; TRACES.len()];
    for at in memchr_iter(b':', bytes) {
        let file = TRACES.iter().position(|ending| bytes[..=at].ends_with(ending.as_bytes()));
        if let Some(file) = file {
            if !seen[file] && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                return true;
            }
            seen[file] = true;
        }
    }
    false
}

/// What program text is made of and prose is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    /// `==`, `!=`, `=>`, `->`, `::`, `&&`, `||`, `+=`, `:=`, `</`, `/>`, `){`, `) {` or `();`.
    operator: bool,
    /// ` = `.
    assigns: bool,
}

/// The highest bit of each of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// All of them in one pass: looking for each of fifteen strings took a sixth of the time of Chinese.
fn marks_of(bytes: &[u8]) -> Marks {
    let mut marks = Marks::default();
    let mut at = 0;
    while at + 1 < bytes.len() {
        // What begins with no ASCII is none of them.
        if let Some(eight) = bytes[at..].first_chunk::<8>()
            && let ahead @ 1.. = (!u64::from_le_bytes(*eight) & HIGH).trailing_zeros() / 8
        {
            at += ahead as usize;
            continue;
        }
        let behind = || bytes.get(at + 2).copied();
        match &bytes[at..at + 2] {
            b"==" | b"!=" | b"=>" | b"->" | b"::" | b"&&" | b"||" | b"+=" | b":=" | b"</"
            | b"/>" | b"){" => marks.operator = true,
            b") " => marks.operator |= behind() == Some(b'{'),
            b"()" => marks.operator |= behind() == Some(b';'),
            b" =" => marks.assigns |= behind() == Some(b' '),
            _ => {}
        }
        at += 1;
    }
    marks
}

/// A name with a bracket right behind it: `name(`, and no sentence about it.
fn has_call(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr_iter(b'(', bytes)
        .any(|at| at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_and_sentences() {
        assert_eq!(without_citations("So it was.[12][edit]"), "So it was.");
        assert_eq!(without_citations("a[x]"), "a[x]");
        assert_eq!(sentences("One. Two? (Three.) \"Four!\" 5.6 e.g"), 5);
        assert_eq!(sentences("One."), 1);
    }
}
