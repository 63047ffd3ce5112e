//! Entities of HTML, `&amp;` and `&#128555;`: each is one character of a text.

use memchr::{memchr, memmem};

use super::class::{Class, FLAGS, SPACE, class_of};

/// Entities with a name, and what they stand for; most letters with accents aside.
const ENTITIES: [(&str, char); 38] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("shy", '\u{AD}'),
    ("zwnj", '\u{200C}'),
    ("zwj", '\u{200D}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("bull", '•'),
    ("middot", '·'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("sect", '§'),
    ("para", '¶'),
    ("deg", '°'),
    ("plusmn", '±'),
    ("times", '×'),
    ("divide", '÷'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
];
/// What is behind the letter in the names of letters with accents.
const ACCENTS: [&str; 8] = ["acute", "grave", "circ", "uml", "tilde", "cedil", "ring", "slash"];
/// An entity has no more bytes between `&` and `;`.
const LONGEST_ENTITY: usize = 8;

/// Behind the entity that begins at `start` and the character it stands for, or where to look on. `&value;` is
/// none: programs are full of those.
pub(super) fn entity_end(line: &str, start: usize) -> Result<(usize, char), usize> {
    let rest = &line.as_bytes()[start + 1..];
    let within = &rest[..rest.len().min(LONGEST_ENTITY + 1)];
    let Some(length) = memchr(b';', within) else { return Err(start + 1) };
    let name = &line[start + 1..start + 1 + length];
    let number = |digits: &str, radix| {
        let digits = digits.chars().all(|c| c.is_digit(radix)).then_some(digits)?;
        let code = u32::from_str_radix(digits, radix).ok()?;
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    let character = match name.strip_prefix('#') {
        Some(hex) if hex.starts_with(['x', 'X']) => number(&hex[1..], 16),
        Some(decimal) => number(decimal, 10),
        None => named(name),
    };
    let Some(character) = character else { return Err(start + 1) };
    // A line feed is a blank within its line.
    let blank = FLAGS[class_of(character) as usize] & SPACE != 0;
    Ok((start + length + 2, if blank { ' ' } else { character }))
}

fn named(name: &str) -> Option<char> {
    let known = ENTITIES.iter().find(|(known, _)| *known == name);
    let accented = || {
        let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
        ACCENTS.contains(&&name[1..]).then_some(letter)
    };
    known.map(|&(_, character)| character).or_else(accented)
}

/// Characters of entities in a text that are numbers, digits of them, and how many there are.
pub(super) fn numbered(text: &str) -> [u32; 3] {
    let mut found = [0; 3];
    for at in memmem::find_iter(text.as_bytes(), b"&#") {
        if let Ok((end, character)) = entity_end(text, at) {
            let digits = text[at..end].bytes().filter(u8::is_ascii_digit).count() as u32;
            found[0] += (end - at) as u32;
            found[1] += digits - u32::from(class_of(character) == Class::Digit).min(digits);
            found[2] += 1;
        }
    }
    found
}
