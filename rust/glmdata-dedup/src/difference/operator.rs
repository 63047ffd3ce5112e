//! Operators of code and formulas: the marks that turn a statement round, told from those that lay out a
//! page.

/// Marks that are made of these characters are looked at.
const PARTS: &[char] =
    &['<', '>', '=', '!', '+', '-', '*', '/', '&', '|', '≤', '≥', '≠', '±', '×', '÷', '−'];

/// Operators that may stand for each other by mistake or on purpose.
const GROUPS: &[&[&str]] = &[
    &["<", ">", "<=", ">=", "==", "!=", "===", "!==", "=", "≤", "≥", "≠"],
    &["+", "-", "−", "*", "/", "×", "÷", "±"],
    &["+=", "-=", "*=", "/="],
    &["&&", "||"],
    &["<<", ">>"],
];

/// Whether a character may begin an operator.
pub(super) fn may_begin(first: char) -> bool {
    PARTS.contains(&first)
}

/// Operators that are typed in two ways.
const SAME: &[(&str, &str)] =
    &[("≤", "<="), ("≥", ">="), ("≠", "!="), ("−", "-"), ("×", "*"), ("÷", "/")];

/// Whether one of two operators may stand for the other, and says something else.
pub(super) fn are_of_one_group(a: &str, b: &str) -> bool {
    let same = SAME.iter().any(|&pair| pair == (a, b) || pair == (b, a));
    !same && GROUPS.iter().any(|group| group.contains(&a) && group.contains(&b))
}

/// The sign at the start of `rest`, if it is one: directly in front of digits, and behind nothing that it
/// could be taken from.
pub(super) fn sign(rest: &str, previous: char) -> Option<&str> {
    let sign = ["-", "−", "+"].into_iter().find(|sign| rest.starts_with(sign))?;
    let behind = previous.is_ascii_alphanumeric() || ")]}_./-+".contains(previous);
    let number = rest[sign.len()..].starts_with(|c: char| c.is_ascii_digit());
    (number && !behind).then_some(sign)
}

/// The operator at the start of `rest`: between two operands, and not as markup has it. `previous` is the
/// character in front of it, `operand` the last one that is no blank.
pub(super) fn operator(rest: &str, previous: char, operand: char) -> Option<&str> {
    let length = rest.find(|c: char| !PARTS.contains(&c)).unwrap_or(rest.len());
    let (mark, after) = rest.split_at(length);
    if !GROUPS.iter().any(|group| group.contains(&mark)) {
        return None;
    }
    let next = after.chars().next()?;
    let second = after.trim_start().chars().next()?;
    let begins = |c: char| c.is_alphanumeric() || "_$('\"[{\\".contains(c);
    let ends = |c: char| c.is_alphanumeric() || "_$)'\"]}%|".contains(c);
    if !ends(operand) || !begins(second) {
        return None;
    }
    let apart = previous == ' ' && next == ' ';
    let letters = previous.is_ascii_alphanumeric() && next.is_ascii_alphanumeric();
    let found = match mark {
        // `a <b>`, `a-b`, `and/or`, `**a**`
        "<" | ">" => apart || previous.is_ascii_digit() || next.is_ascii_digit(),
        "-" | "−" => apart || (previous.is_ascii_alphabetic() && next.is_ascii_digit()),
        "/" => apart,
        "*" => apart || letters,
        _ => true,
    };
    found.then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_markup() {
        let found = |line: &str, at: usize| {
            let before = &line[..at];
            let previous = before.chars().next_back().unwrap_or(' ');
            let operand = before.trim_end().chars().next_back().unwrap_or(' ');
            operator(&line[at..], previous, operand).map(str::to_owned)
        };
        for (line, at, expected) in [
            ("a < b", 2, Some("<")),
            ("p<0.05", 1, Some("<")),
            ("(a) != b", 4, Some("!=")),
            ("n-1", 1, Some("-")),
            ("a*b", 1, Some("*")),
            ("x ≤ 7", 2, Some("≤")),
            ("a <b>c", 2, None),
            ("well-known", 4, None),
            ("and/or", 3, None),
            ("**a**", 0, None),
            ("- item", 0, None),
            ("a -> b", 2, None),
            ("a | b", 2, None),
        ] {
            assert_eq!(found(line, at).as_deref(), expected, "{line}");
        }
        assert_eq!(sign("-5", ' '), Some("-"));
        assert_eq!(sign("-5", '('), Some("-"));
        assert_eq!(sign("-5", '3'), None);
        assert_eq!(sign("- 5", ' '), None);
    }
}
