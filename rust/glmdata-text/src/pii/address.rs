//! Mail addresses and public IPv4 addresses.

use std::ops::Range;

use super::place::{NEAR, ends_with, says_any};
use super::{digits, ends, in_word};

/// Last parts that are kinds of files, as in `icon@2x.png`.
const FILES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico"];

/// Last parts of hosts with more than six letters: of those that IANA lists, the ones in common use.
const LONG: [&str; 15] = [
    "academy",
    "community",
    "company",
    "computer",
    "consulting",
    "digital",
    "education",
    "engineering",
    "foundation",
    "institute",
    "international",
    "network",
    "services",
    "systems",
    "technology",
];

/// Hosts under com, org and net that stand for anybody's: `example` by RFC 2606, Microsoft's companies of
/// fiction, and what manuals write where a reader's own name belongs.
const FICTION: [&str; 9] = [
    "example",
    "contoso",
    "fabrikam",
    "northwindtraders",
    "mydomain",
    "yourdomain",
    "mycompany",
    "yourcompany",
    "mysite",
];

/// The mail address around the `@` at `at`.
pub(super) fn email(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = local(bytes, at);
    start += bytes[start..at].iter().take_while(|byte| b"._%+-'".contains(byte)).count();
    if start == at || bytes[at - 1] == b'.' {
        return None;
    }
    let mut run = 0;
    while let Some(next) = bytes.get(at + 1 + run) {
        run += match next {
            b'.' | b'-' => 1,
            next if next.is_ascii_alphanumeric() => 1,
            _ if is_latin(&bytes[at + 1 + run..]) => 2,
            _ => break,
        };
    }
    let host = &bytes[at + 1..at + 1 + run];
    // A full stop or dash behind the address belongs to the sentence.
    let kept = host.iter().rposition(|byte| !b".-".contains(byte))? + 1;
    let (host, end) = (&host[..kept], at + 1 + kept);
    let labels: Vec<&[u8]> = host.split(|byte| *byte == b'.').collect();
    let (last, named) = labels.split_last()?;
    let whole =
        |label: &&[u8]| !label.is_empty() && !label.starts_with(b"-") && !label.ends_with(b"-");
    if named.is_empty() || !labels.iter().all(whole) || in_word(bytes.get(end)) {
        return None;
    }
    let last = std::str::from_utf8(last).ok()?.to_ascii_lowercase();
    let is_name = last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && ((2..=6).contains(&last.len()) || LONG.contains(&last.as_str()));
    let second = named.last().copied().unwrap_or_default().to_ascii_lowercase();
    let for_books = FICTION.iter().any(|name| name.as_bytes() == second)
        && ["com", "org", "net"].contains(&last.as_str());
    // `git@host:owner/project` is a place, not a person.
    let is_place = &bytes[start..at] == b"git" && bytes.get(end) == Some(&b':');
    let nobodys = for_books || is_place || FILES.contains(&last.as_str());
    (is_name && !nobodys).then_some(start..end)
}

/// Where the name of an address begins that ends before `at`.
fn local(bytes: &[u8], at: usize) -> usize {
    let mut start = at;
    while let Some(before) = start.checked_sub(1).map(|at| bytes[at]) {
        start -= match before {
            byte if byte.is_ascii_alphanumeric() || b"._%+-'".contains(&byte) => 1,
            0x80..0xC0 if start > 1 && is_latin(&bytes[start - 2..]) => 2,
            _ => break,
        };
    }
    start
}

/// Whether a text begins with a letter between À and ɏ, or with an accent that combines with the letter
/// before it (U+0300 to U+036F).
fn is_latin(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xC3..=0xC8 | 0xCC, 0x80..0xC0, ..] | [0xC9, 0x80..=0x8F, ..] | [0xCD, 0x80..=0xAF, ..]
    ) && !matches!(bytes, [0xC3, 0x97 | 0xB7, ..])
}

/// Resolvers that everyone may use.
const RESOLVERS: [[u8; 4]; 8] = [
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [1, 1, 1, 1],
    [9, 9, 9, 9],
    [114, 114, 114, 114],
    [119, 29, 29, 29],
    [223, 5, 5, 5],
    [223, 6, 6, 6],
];

/// Where the public IPv4 address that begins at `start` ends.
pub(super) fn ip(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut parts, mut at) = ([0_u8; 4], start);
    for (number, part) in parts.iter_mut().enumerate() {
        if number > 0 {
            (bytes.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let length = digits(&bytes[at..]);
        let written = std::str::from_utf8(&bytes[at..at + length]).ok()?;
        *part = written.parse().ok()?;
        (length == 1 || !written.starts_with('0')).then_some(())?;
        at += length;
    }
    let public = match parts {
        [0 | 10 | 127 | 224.., ..]
        | [169, 254, ..]
        | [192, 168, ..]
        // Addresses of nets.
        | [.., 0]
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => false,
        [172, second, ..] => !(16..32).contains(&second),
        [100, second, ..] => !(64..128).contains(&second),
        _ => !RESOLVERS.contains(&parts),
    };
    // Four small numbers are a chapter or a version sooner than a machine, and so are three very small
    // ones where nothing speaks of a machine.
    let version = parts[..3].iter().all(|&part| part < 13)
        && !says_any(&bytes[start.saturating_sub(NEAR)..start], &MACHINES);
    let small = version || parts.iter().all(|&part| part < 20);
    // Hosts and versions have names behind their numbers.
    // Hosts and versions have names behind their numbers.
    let named = matches!(bytes.get(at), Some(b'.' | b'-'))
        && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    let made_up = parts.iter().all(|part| *part == parts[0]);
    let machine =
        public && !small && !made_up && !named && ends(bytes, at) && !is_measure(&bytes[at..]);
    (machine && !is_version(&bytes[..start])).then_some(at)
}

/// Words somewhat before four numbers that are a machine.
const MACHINES: [&str; 9] =
    ["host", "server", "ping", "ssh", "dns", " ip", "地址", "服务器", "主机"];

/// Words before four numbers that are a version, a chapter or the sizes of a thing.
const VERSIONS: [&str; 39] = [
    "版本",
    "版",
    "第",
    "节",
    "章",
    "条",
    "款",
    "图",
    "表",
    "附录",
    "尺寸",
    "规格",
    "大小",
    "编号",
    "§",
    "¶",
    "version",
    "ver",
    "v",
    "build",
    "release",
    "section",
    "sections",
    "sec",
    "sec.",
    "chapter",
    "clause",
    "article",
    "rule",
    "appendix",
    "figure",
    "table",
    "size",
    "sizes",
    "dimensions",
    "==",
    ">=",
    "<=",
    "~=",
];

/// Words somewhat before four numbers that are a version, or the number of an object.
const RELEASES: [&str; 14] = [
    "oid_",
    " oid",
    "version",
    "upgrade",
    "release",
    "firmware",
    "driver",
    "版本",
    "升级",
    "固件",
    "버전",
    "верси",
    "artikel",
    "artículo",
];

fn is_version(before: &[u8]) -> bool {
    // `Chrome/98.0.0.1`, `lib.so.98.0.0.1`
    if let [.., name, b'/' | b'.' | b'-'] = before
        && name.is_ascii_alphanumeric()
    {
        return true;
    }
    if says_any(&before[before.len().saturating_sub(NEAR)..], &RELEASES) {
        return true;
    }
    let trimmed = before.trim_ascii_end();
    let trimmed = trimmed.strip_suffix("：".as_bytes()).unwrap_or(trimmed);
    let trimmed = trimmed.strip_suffix(b":").unwrap_or(trimmed).trim_ascii_end();
    ends_with(trimmed, &VERSIONS)
}

/// Units and parts behind four numbers.
const PARTS: [&str; 14] =
    ["mm", "cm", "px", "毫米", "厘米", "版", "节", "節", "章", "条", "條", "款", "所示", "of"];

fn is_measure(behind: &[u8]) -> bool {
    let behind = behind.trim_ascii_start();
    PARTS.iter().any(|part| {
        behind.get(..part.len()).is_some_and(|head| head.eq_ignore_ascii_case(part.as_bytes()))
            && !(part.is_ascii() && in_word(behind.get(part.len())))
    })
}
