//! What stands before the text of a line: signs of lists, headings and quotations.

/// Bullets that no white space need follow.
const BULLETS: [char; 11] = ['•', '●', '·', '▪', '◦', '‣', '○', '■', '□', '◆', '★'];

/// What may stand between a sign and the text.
const BLANKS: [char; 3] = [' ', '\t', '\u{3000}'];

/// Bytes before the text of a line that has no white space at its ends, and whether a bullet is
/// among them. `-{` and `-5` are no bullets.
pub(super) fn marker(line: &str) -> (usize, bool) {
    let behind = |bytes: usize| line.len() - line[bytes..].trim_start_matches(BLANKS).len();
    let spaced = |bytes: usize| {
        let text = behind(bytes);
        if text > bytes { text } else { 0 }
    };
    let digits = |from: &str| from.bytes().take_while(u8::is_ascii_digit).count();
    let Some(first) = line.chars().next() else { return (0, false) };
    match first {
        '-' | '*' | '+' => {
            let text = spaced(1);
            (text, text > 0)
        }
        '#' => {
            let signs = line.bytes().take_while(|&byte| byte == b'#').count();
            (if signs <= 6 { spaced(signs) } else { 0 }, false)
        }
        '>' => (line.len() - line.trim_start_matches(['>', ' ']).len(), false),
        '(' | '（' => {
            let inside = first.len_utf8();
            let number = digits(&line[inside..]);
            let closing = line[inside + number..].chars().next().filter(|&c| c == ')' || c == '）');
            match closing {
                Some(closing) if (1..=3).contains(&number) => {
                    (behind(inside + number + closing.len_utf8()), false)
                }
                _ => (0, false),
            }
        }
        '0'..='9' => {
            let number = digits(line);
            let text = match line[number..].chars().next() {
                _ if number > 3 => 0,
                Some('.' | ')') => spaced(number + 1),
                Some(sign @ ('、' | '．' | '）')) => behind(number + sign.len_utf8()),
                _ => 0,
            };
            (text, false)
        }
        _ if BULLETS.contains(&first) => (behind(first.len_utf8()), true),
        _ => (0, false),
    }
}

/// Words between blanks that a sign takes from its line; the last one goes on where no blank follows.
pub(super) fn words_of_sign(sign: &str) -> u32 {
    if sign.is_empty() {
        return 0;
    }
    sign.split(BLANKS).filter(|word| !word.is_empty()).count() as u32
        - u32::from(!sign.ends_with(BLANKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_lists_are_no_text() {
        let cases = [
            ("- a", "a", true),
            ("-{ a", "-{ a", false),
            ("12. a", "a", false),
            ("1.5 a", "1.5 a", false),
            ("3、一", "一", false),
            ("（2）二", "二", false),
            ("## a", "a", false),
            ("#a", "#a", false),
            ("> > a", "a", false),
            ("•一", "一", true),
        ];
        for (line, text, bullet) in cases {
            assert_eq!((&line[marker(line).0..], marker(line).1), (text, bullet), "{line}");
        }
    }
}
