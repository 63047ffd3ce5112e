//! What numbers begin with: area codes of mainland China and country codes.

/// First and last area code of every stretch in use, without the zero before it, from the numbering
/// plan of the ministry of industry and information technology.
const AREAS: [(u16, u16); 58] = [
    (10, 10),
    (20, 25),
    (27, 29),
    (310, 319),
    (335, 335),
    (349, 359),
    (370, 379),
    (391, 398),
    (411, 419),
    (421, 421),
    (427, 429),
    (431, 439),
    (451, 459),
    (464, 464),
    (467, 469),
    (470, 479),
    (482, 483),
    (510, 519),
    (523, 523),
    (527, 527),
    (530, 539),
    (543, 543),
    (546, 546),
    (550, 566),
    (570, 580),
    (591, 599),
    (631, 635),
    (660, 660),
    (662, 663),
    (668, 668),
    (691, 692),
    (701, 701),
    (710, 719),
    (722, 722),
    (724, 724),
    (728, 728),
    (730, 739),
    (743, 746),
    (750, 763),
    (766, 766),
    (768, 779),
    (790, 799),
    (812, 813),
    (816, 818),
    (825, 827),
    (830, 839),
    (851, 859),
    (870, 879),
    (883, 883),
    (886, 888),
    (891, 898),
    (901, 903),
    (906, 909),
    (930, 939),
    (941, 943),
    (951, 955),
    (970, 979),
    (990, 999),
];

/// Whether `code`, written without the zero before it, is an area code.
pub(super) fn is_area(code: &[u8]) -> bool {
    let number = code.iter().fold(0, |sum, digit| 10 * sum + u16::from(digit - b'0'));
    (2..=3).contains(&code.len())
        && code[0] != b'0'
        && AREAS.iter().any(|&(first, last)| (first..=last).contains(&number))
}

/// Country codes that are in use, from the list of assigned codes of ITU-T E.164: those of two digits,
/// and beginnings of those of three.
const OF_TWO: [u8; 44] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];
const OF_THREE: [(u16, u16); 20] = [
    (211, 213),
    (216, 216),
    (218, 218),
    (220, 269),
    (290, 291),
    (297, 299),
    (350, 359),
    (370, 378),
    (380, 383),
    (385, 387),
    (389, 389),
    (420, 421),
    (423, 423),
    (500, 509),
    (590, 599),
    (670, 692),
    (850, 856),
    (870, 870),
    (880, 888),
    (960, 998),
];

/// Whether a number in international form begins with a country code. Numbers of the first zone have
/// eleven digits.
pub(super) fn is_country(number: &[u8]) -> bool {
    let head = |length: usize| {
        number[..length].iter().fold(0, |sum, digit| 10 * sum + u16::from(digit - b'0'))
    };
    if number.len() < 3 {
        return false;
    }
    let three = head(3);
    let of_three = OF_THREE.iter().any(|&(first, last)| (first..=last).contains(&three));
    match number[0] {
        b'1' => number.len() == 11 && number[1] > b'1' && number[4] > b'1',
        b'7' => number.len() == 11 && number[1] > b'2',
        _ => of_three || OF_TWO.iter().any(|&code| u16::from(code) == head(2)),
    }
}
