//! Formulas of LaTeX: on lines of their own, and within a line; code within a line beside them.

use memchr::{memchr, memchr2, memchr3};

use super::entity::entity_end;
use super::markup::tag_end;

/// Environments that hold no prose, without the star of their unnumbered forms.
const ENVIRONMENTS: [&str; 24] = [
    "align",
    "alignat",
    "aligned",
    "array",
    "bmatrix",
    "cases",
    "displaymath",
    "eqnarray",
    "equation",
    "flalign",
    "gather",
    "gathered",
    "lstlisting",
    "math",
    "matrix",
    "multline",
    "pmatrix",
    "smallmatrix",
    "split",
    "tabular",
    "tikzcd",
    "tikzpicture",
    "verbatim",
    "vmatrix",
];

/// Whether a formula that began on an earlier line is open.
#[derive(Debug, Default)]
pub(super) struct Display {
    /// What ends it; empty if none is open.
    closing: String,
}

impl Display {
    /// Nothing is open: a text begins, or a blank line ended what somebody forgot to close.
    pub(super) fn close(&mut self) {
        self.closing.clear();
    }

    pub(super) fn is_open(&self) -> bool {
        !self.closing.is_empty()
    }

    /// Whether a line, without white space at its ends, is one of a formula.
    pub(super) fn holds(&mut self, line: &str) -> bool {
        if self.is_open() {
            if line.contains(&self.closing) {
                self.closing.clear();
            }
            return true;
        }
        if let Some(rest) = line.strip_prefix("$$") {
            return self.open(rest, "$$");
        }
        let Some(command) = line.strip_prefix('\\') else { return false };
        if let Some(rest) = command.strip_prefix('[') {
            return self.open(rest, "\\]");
        }
        if let Some(rest) = command.strip_prefix("begin{")
            && let Some((name, rest)) = rest.split_once('}')
            && ENVIRONMENTS.contains(&name.strip_suffix('*').unwrap_or(name))
        {
            return self.open(rest, &format!("\\end{{{name}}}"));
        }
        // The frame of a theorem or a list.
        (command.starts_with("begin{") || command.starts_with("end{")) && !line.contains(' ')
    }

    /// Of a line with prose behind the formula, the formula is one within a line.
    fn open(&mut self, rest: &str, closing: &str) -> bool {
        if let Some((_, behind)) = rest.split_once(closing) {
            return !behind.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 128);
        }
        self.closing.push_str(closing);
        true
    }
}

/// What is no prose within a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Formula,
    /// Between backticks.
    Code,
    /// A tag of HTML; plain without attributes.
    Tag {
        plain: bool,
    },
    /// An entity of HTML, and what it stands for.
    Entity(char),
}

/// Put formulas, code and, if `markup` says so, tags and entities within `line` into `spans`.
pub(super) fn spans(line: &str, markup: bool, spans: &mut Vec<Span>) {
    spans.clear();
    let bytes = line.as_bytes();
    let markup_from = |at| memchr2(b'<', b'&', bytes.get(at..)?).map(|found| at + found);
    let mut next = if markup { markup_from(0) } else { None };
    let mut at = 0;
    loop {
        let sign = bytes.get(at..).and_then(|rest| memchr3(b'$', b'\\', b'`', rest));
        let sign = sign.map(|found| at + found);
        if next.is_some_and(|next| next < at) {
            next = markup_from(at);
        }
        let Some(start) = sign.into_iter().chain(next).min() else { return };
        let end = match bytes[start] {
            b'`' => code_end(line, start).map(|end| (end, within_ticks(&line[start..end]))),
            b'$' => dollars_end(line, start).map(|end| (end, Kind::Formula)),
            b'\\' => brackets_end(line, start).map(|end| (end, Kind::Formula)),
            b'&' => entity_end(line, start).map(|(end, c)| (end, Kind::Entity(c))),
            _ => tag_end(line, start).map(|(end, plain)| (end, Kind::Tag { plain })),
        };
        match end {
            Ok((end, kind)) => {
                spans.push(Span { start, end, kind });
                at = end;
            }
            Err(next) => at = next,
        }
    }
}

/// Behind the code that begins at `start`, or where to look on.
fn code_end(line: &str, start: usize) -> Result<usize, usize> {
    let ticks = line[start..].bytes().take_while(|&byte| byte == b'`').count();
    let (fence, rest) = line[start..].split_at(ticks);
    let end = if ticks == 1 { memchr(b'`', rest.as_bytes()) } else { rest.find(fence) };
    let end = end.map(|at| start + at + 2 * ticks);
    end.ok_or(start + ticks)
}

/// A formula between backticks is one all the same.
fn within_ticks(code: &str) -> Kind {
    let inside = code.trim_matches('`').trim_matches(' ');
    let end = match inside.as_bytes().first() {
        Some(b'$') => dollars_end(inside, 0),
        Some(b'\\') => brackets_end(inside, 0),
        _ => return Kind::Code,
    };
    if end == Ok(inside.len()) { Kind::Formula } else { Kind::Code }
}

/// The same for `$…$` and `$$…$$`: a price and a variable of the shell are no formula.
fn dollars_end(line: &str, start: usize) -> Result<usize, usize> {
    let rest = &line[start + 1..];
    if let Some(rest) = rest.strip_prefix('$') {
        return rest.find("$$").map(|at| start + at + 4).ok_or(start + 2);
    }
    let next = start + 1;
    let bytes = rest.as_bytes();
    let end = (0..bytes.len()).find(|&at| bytes[at] == b'$' && (at == 0 || bytes[at - 1] != b'\\'));
    let Some(end) = end else { return Err(next) };
    let blank = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    let joined = |&byte: &u8| byte.is_ascii_alphanumeric() || b"{($".contains(&byte);
    if end == 0
        || blank(bytes.first())
        || blank(bytes.get(end - 1))
        || bytes.get(end + 1).is_some_and(joined)
    {
        return Err(next);
    }
    Ok(next + end + 1)
}

/// The same for `\(…\)` and `\[…\]`; any other character behind `\` is passed over.
fn brackets_end(line: &str, start: usize) -> Result<usize, usize> {
    let rest = &line[start + 1..];
    let closing = match rest.as_bytes().first() {
        Some(b'(') => "\\)",
        Some(b'[') => "\\]",
        Some(byte) if byte.is_ascii() => return Err(start + 2),
        _ => return Err(start + 1),
    };
    rest.find(closing).map(|at| start + at + 3).ok_or(start + 2)
}

/// `text` without its formulas: what is said in a language.
pub fn without_formulas(text: &str) -> String {
    let (mut display, mut found) = (Display::default(), Vec::new());
    let mut left = String::with_capacity(text.len());
    for line in text.split('\n') {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            display.close();
        } else if !display.holds(trimmed) {
            spans(trimmed, false, &mut found);
            let mut from = 0;
            for span in found.iter().filter(|span| span.kind == Kind::Formula) {
                left.push_str(&trimmed[from..span.start]);
                left.push(' ');
                from = span.end;
            }
            left.push_str(&trimmed[from..]);
        }
        left.push('\n');
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_variables_are_no_formulas() {
        let of = |line: &str| {
            let mut found = Vec::new();
            spans(line, false, &mut found);
            found.iter().map(|span| line[span.start..span.end].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("let $x$ and $y_1$."), ["$x$", "$y_1$"]);
        assert_eq!(of("from $5 to $10, $PATH:$HOME, ${a}${b}, $(A)/$(B)"), [""; 0]);
        assert_eq!(
            of(r"a \(b\) \[c\] \$d `e` ``f`g`` $$h$$ $i"),
            [r"\(b\)", r"\[c\]", "`e`", "``f`g``", "$$h$$"]
        );
    }

    #[test]
    fn formulas_are_taken_out() {
        let text = "Let $x$ be\n$$\ny = z\n$$\nso\n\\begin{align*}\na\n\\end{align*}\n\\[ b\n\nend";
        assert_eq!(without_formulas(text), "Let   be\n\n\n\nso\n\n\n\n\n\nend\n");
    }
}
