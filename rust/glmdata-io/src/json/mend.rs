//! JSON as other programs write it, respelled so that every parser takes it.

use super::scan::hex4;

/// Append `json`, which [`scan_object`](super::scan_object) has passed: `null` in the place of `NaN`,
/// `Infinity` and `-Infinity`, `\ufffd` (the replacement character) in the place of half a surrogate pair.
pub(crate) fn mend(json: &str, out: &mut String) {
    let bytes = json.as_bytes();
    let (mut at, mut copied, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        let (length, spelling) = match bytes[at] {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' => escape(&bytes[at..]),
            b'N' if !in_string => ("NaN".len(), Some("null")),
            b'I' if !in_string => ("Infinity".len(), Some("null")),
            b'-' if !in_string && bytes.get(at + 1) == Some(&b'I') => {
                ("-Infinity".len(), Some("null"))
            }
            _ => (1, None),
        };
        if let Some(spelling) = spelling {
            out.push_str(&json[copied..at]);
            out.push_str(spelling);
            copied = at + length;
        }
        at += length;
    }
    out.push_str(&json[copied..]);
}

/// Length of an escape, and what is written in its place if it is half a pair.
fn escape(bytes: &[u8]) -> (usize, Option<&'static str>) {
    match hex4(bytes) {
        Some(0xd800..=0xdbff) if matches!(hex4(&bytes[6..]), Some(0xdc00..=0xdfff)) => (12, None),
        Some(0xd800..=0xdfff) => (6, Some("\\ufffd")),
        Some(_) => (6, None),
        None => (2, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(json: &str) -> String {
        let mut out = String::new();
        mend(json, &mut out);
        out
    }

    #[test]
    fn only_what_no_parser_takes_is_respelled() {
        let cases = [
            ("NaN", "null"),
            (r#"[NaN, -Infinity,{"Infinity":Infinity}]"#, r#"[null, null,{"Infinity":null}]"#),
            (r#""NaN \" NaN""#, r#""NaN \" NaN""#),
            (r#""x \ud83d""#, r#""x \ufffd""#),
            (r#""\ud83d\ude00 \ude00\ud83d""#, r#""\ud83d\ude00 \ufffd\ufffd""#),
            (r#""\\ud83d 中""#, r#""\\ud83d 中""#),
            ("-1.5e3", "-1.5e3"),
        ];
        for (json, expected) in cases {
            assert_eq!(mended(json), expected);
            assert!(serde_json::from_str::<serde_json::Value>(&mended(json)).is_ok(), "{json}");
        }
    }
}
