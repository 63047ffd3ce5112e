//! Street addresses down to the number of the house, in Chinese and in English.

use std::ops::Range;

use super::digits;
use super::place::says_any;

/// A Chinese address is looked back at for so many characters.
const LOOK_BACK: usize = 40;
const PROVINCES: [&str; 34] = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];
/// What a region's name ends with, and a road's.
const REGIONS: &str = "省市区县州旗镇乡";
const ROADS: &str = "路街道巷弄里村同条段园苑坊";
/// Characters before a name that are none of it.
const BETWEEN: &str = "在住址是到的了往寄至";
/// What a number of a house is followed by, and what else may be.
const HOUSES: [&str; 3] = ["号", "弄", "號"];
const NO_HOUSES: &str = "线令文机车站台公";
/// Parts of a house.
const PARTS: [&str; 12] =
    ["号楼", "号院", "栋", "幢", "座", "单元", "层", "楼", "室", "户", "房", "号"];
/// Characters between a number and the next part, at most.
const NAME: usize = 8;

fn is_han(character: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&character)
}

/// The Chinese address whose number of a house begins at `start`.
pub(super) fn chinese(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut end = start + digits(&bytes[start..]);
    if end - start > 5 {
        return None;
    }
    if bytes.get(end) == Some(&b'-') && (1..=4).contains(&digits(&bytes[end + 1..])) {
        end += 1 + digits(&bytes[end + 1..]);
    }
    let rest = &text[end..];
    let behind = rest.strip_prefix(' ').unwrap_or(rest);
    let house = HOUSES.iter().find(|house| behind.starts_with(**house))?;
    let behind = &behind[house.len()..];
    if *house != "弄" && behind.starts_with(|next| NO_HOUSES.contains(next)) {
        return None;
    }
    let before = text[..start].strip_suffix(' ').unwrap_or(&text[..start]);
    if !before.ends_with(|last| ROADS.contains(last)) {
        return None;
    }
    let inside = |&(_, character): &(usize, char)| is_han(character) || character == ' ';
    let (from, _) = before.char_indices().rev().take(LOOK_BACK).take_while(inside).last()?;
    let begin = from + begin(&before[from..], &before[..from])?;
    Some(begin..text.len() - parts(behind).len())
}

/// Where in a run of Chinese an address begins.
fn begin(run: &str, before: &str) -> Option<usize> {
    let Some((region, _)) = run.char_indices().find(|&(at, c)| at > 0 && REGIONS.contains(c))
    else {
        let said = before.strip_suffix(['：', ':'])?.ends_with('址');
        return said.then_some(run.len() - run.trim_start().len());
    };
    let name = |c: char| BETWEEN.contains(c) || c == ' ';
    let head = &run[..region];
    let head = head.rfind("位于").map_or(head, |at| &head[at + 6..]);
    let head = head.rfind("落于").map_or(head, |at| &head[at + 6..]);
    let head = head
        .rfind(name)
        .map_or(head, |at| &head[at + head[at..].chars().next().map_or(0, char::len_utf8)..]);
    // What stands before such a word is somebody's name, and may name a province too.
    let cut = region - head.len();
    // A name of a region has two to four characters.
    let length = if (1..=12).contains(&head.len()) { head.len() } else { 6.min(region) };
    let named = region - length;
    let province = PROVINCES.iter().filter_map(|name| run[cut..].find(name)).min();
    Some(province.map_or(named, |at| (cut + at).min(named)))
}

/// What stands behind the parts of a house that a text begins with.
fn parts(text: &str) -> &str {
    let mut rest = text;
    if let Some(behind) = rest.strip_prefix('附').or_else(|| rest.strip_prefix('之')) {
        let run = digits(behind.as_bytes());
        if run > 0 {
            let behind = &behind[run..];
            rest = behind.strip_prefix('号').unwrap_or(behind);
        }
    }
    for _ in 0..6 {
        let name = rest.chars().take_while(|&c| is_han(c) && !BETWEEN.contains(c) && c != '有');
        let length: usize = name.map(char::len_utf8).sum();
        let number = rest[length..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let behind = &rest[length + number..];
        let part = PARTS.iter().find(|part| behind.starts_with(**part));
        let (1..=5, Some(part), true) = (number, part, length <= 3 * NAME) else { break };
        rest = &behind[part.len()..];
        let room = digits(rest.as_bytes());
        if (3..=4).contains(&room)
            && !rest[room..].starts_with(|c: char| {
                PARTS.iter().any(|p| p.starts_with(c)) || c.is_ascii_alphanumeric()
            })
        {
            return &rest[room..];
        }
    }
    rest
}

const ROUTES: [&str; 9] =
    ["Street", "St", "Avenue", "Ave", "Road", "Rd", "Boulevard", "Blvd", "Lane"];
/// Words of streets that are words of much else, and say an address only where more says it.
const OTHERS: [&str; 14] = [
    "Drive", "Dr", "Court", "Ct", "Place", "Pl", "Way", "Terrace", "Square", "Parkway", "Pkwy",
    "Close", "Crescent", "Ln",
];
const SIDES: [&str; 8] = ["N", "S", "E", "W", "NE", "NW", "SE", "SW"];
const ROOMS: [&str; 5] = ["Apt", "Suite", "Ste", "Unit", "Floor"];
const ADDRESS: [&str; 9] =
    ["address", "live", "living", "located", "residence", "resides", "ship to", "mail to", "visit"];
/// Words with a capital that may stand before an address.
const LEADING: [&str; 6] = ["At", "To", "From", "Of", "Address", "Visit"];

/// Where the English address that begins at `start` ends.
pub(super) fn english(bytes: &[u8], start: usize) -> Option<usize> {
    let run = digits(&bytes[start..]);
    let mut at =
        start + run + usize::from(bytes.get(start + run).is_some_and(u8::is_ascii_uppercase));
    if run > 5 || bytes.get(at) != Some(&b' ') || bytes[start] == b'0' {
        return None;
    }
    at += 1;
    let mut words = 0;
    let (route, sure) = loop {
        let word = word(bytes, at)?;
        let named = std::str::from_utf8(word).ok()?;
        let sure = ROUTES.contains(&named);
        if words > 0 && (sure || OTHERS.contains(&named)) {
            break (at + word.len(), sure);
        }
        let mut behind = at + word.len();
        if words == 0 && SIDES.contains(&named) {
            behind += usize::from(bytes.get(behind) == Some(&b'.'));
        } else {
            words += 1;
        }
        if words > 3 || bytes.get(behind) != Some(&b' ') {
            return None;
        }
        at = behind + 1;
    };
    // Of a longer word in another alphabet.
    if bytes.get(route).is_some_and(|next| (0xC3..0xE0).contains(next)) {
        return None;
    }
    let mut end = route;
    // The point of a short form, unless a sentence ends with it.
    if bytes.get(end) == Some(&b'.')
        && bytes.get(end + 1).is_some_and(|next| b", ".contains(next))
        && route - at <= 4
    {
        end += 1;
    }
    let (room, city, code) = tail(bytes, end);
    let near = &bytes[start.saturating_sub(40)..start];
    let said = code.is_some() || room.is_some() || says_any(near, &ADDRESS);
    let year = run == 4 && (&b"1500"[..]..=&b"2099"[..]).contains(&&bytes[start..start + 4]);
    let goes_on = bytes.get(end) == Some(&b' ')
        && word(bytes, end + 1)
            .is_some_and(|next| !SIDES.iter().any(|side| side.as_bytes() == next));
    let plain = sure && (!year || city.is_some()) && !goes_on && !is_title(&bytes[..start]);
    (said || plain).then(|| code.or(city).or(room).unwrap_or(end))
}

/// A word with a capital, or a number in order.
fn word(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let run = digits(&bytes[at..]);
    let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = &bytes[at..at + length];
    let order = [b"st", b"nd", b"rd", b"th"].iter().any(|end| word[run..] == **end);
    let capital = word.first()?.is_ascii_uppercase();
    (capital && run == 0 || (1..=3).contains(&run) && order).then_some(word)
}

/// Where the room, the city, and the state with its code end behind a street.
fn tail(bytes: &[u8], street: usize) -> (Option<usize>, Option<usize>, Option<usize>) {
    let mut at = street;
    let room = comma(bytes, at).and_then(|from| {
        let name = word(bytes, from)?;
        let known = ROOMS.iter().any(|room| room.as_bytes() == name);
        let mut behind = from + name.len();
        behind += usize::from(bytes.get(behind) == Some(&b'.'));
        let number =
            bytes.get(behind + 1..)?.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        (known && bytes[behind] == b' ' && (1..=5).contains(&number)).then_some(behind + 1 + number)
    });
    at = room.unwrap_or(at);
    let mut city = comma(bytes, at).and_then(|from| {
        let mut end = from + capital(bytes, from)?;
        for _ in 0..2 {
            let more = (bytes.get(end) == Some(&b' ')).then(|| capital(bytes, end + 1)).flatten();
            end += more.map_or(0, |length| 1 + length);
        }
        Some(end)
    });
    let code = city.and_then(|end| {
        let from = comma(bytes, end)?;
        let state = bytes.get(from..from + 3)?;
        let number = digits(&bytes[from + 3..]);
        let fits = state[..2].iter().all(u8::is_ascii_uppercase) && state[2] == b' ';
        let end = from + 3 + 5;
        let long = bytes.get(end) == Some(&b'-') && digits(&bytes[end + 1..]) == 4;
        (fits && number == 5).then_some(end + 5 * usize::from(long))
    });
    // A word behind the name means that it was none.
    let closed = |end: &usize| bytes.get(*end).is_none_or(|next| b".,;)\n".contains(next));
    city = city.filter(closed);
    (room, city.or(code), code)
}

fn comma(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.starts_with(b", ").then_some(at + 2)
}

/// Bytes of a word of a capital and small letters.
fn capital(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at).filter(|first| first.is_ascii_uppercase())?;
    let small = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    (small > 0).then_some(1 + small)
}

/// Whether a word with a capital stands before a number, as in `Season 2`.
fn is_title(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b" ") else { return false };
    let length = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &before[before.len() - length..];
    word.first().is_some_and(u8::is_ascii_uppercase)
        && !LEADING.iter().any(|known| known.as_bytes() == word)
}
