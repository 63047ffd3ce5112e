//! Pairs written for these rules: what must be kept apart, what is the same text again.

use super::*;

fn rule(a: &str, b: &str) -> Option<String> {
    let (outline_a, outline_b) = (Outline::of(a), Outline::of(b));
    let a = Outlined { text: a, outline: &outline_a };
    let b = Outlined { text: b, outline: &outline_b };
    let forward = difference(a, b);
    let backward = difference(b, a);
    // Which document comes first must not matter for the verdict.
    let name = |what: &Option<String>| what.as_ref().map(|w| w[..w.find(':').unwrap()].to_owned());
    assert_eq!(name(&forward), name(&backward), "{forward:?} {backward:?}");
    name(&forward)
}

const BODY: &str = "The pump fills the tank and the drain empties it.\nHow long does it take?\n";

#[test]
fn titles_that_name_different_things() {
    let cases = [
        ("# Filling a Tank I", "# Filling a Tank II"),
        ("# Exercise 12", "# Exercise 13"),
        ("# 第3题", "# 第4题"),
        ("# 海边市停车条例", "# 山前市停车条例"),
        ("# `read_left`", "# `read_right`"),
        ("Filling a Tank", "Filling a Tank II"),
    ];
    for (a, b) in cases {
        let (a, b) = (format!("{a}\n\n{BODY}"), format!("{b}\n\n{BODY}"));
        assert_eq!(rule(&a, &b).as_deref(), Some("title"), "{a} {b}");
    }
}

/// Pages of operators name their subject by symbols, and little else of them differs.
#[test]
fn titles_that_name_different_symbols() {
    let page = |symbol: &str, says: &str| {
        format!(
            "# operator {symbol}\n\n{says}. Used only within a block that is evaluated at run time.\n\n\
             ## Syntax\n\n> *first* **{symbol}** *second*\n\n## See also\n\nOperators"
        )
    };
    let (or, unequal) = (page("||", "Logical or"), page("!= (basic)", "Is not equal to"));
    assert_eq!(rule(&or, &unequal).as_deref(), Some("title"));
    assert_eq!(rule(&or, &or.replace("## See", "## Look")), None);
}

#[test]
fn titles_that_name_the_same_thing() {
    let cases = [
        ("# Filling a Tank", "# Filling a Tank"),
        ("# Filling a Tank", "# Filling a tank {#filling}"),
        ("# Tanks v2.5", "# Tanks v2.6"),
        ("# Tanks 5.7.1", "# Tanks 5.7.2"),
        ("# Filing a Tank", "# Filling a Tank"),
        ("# Filling a Tank", "# Filling a Tank | The Pump Site"),
        ("# Report of 2021-03-04", "# Report of 2021-03-05"),
    ];
    for (a, b) in cases {
        let (a, b) = (format!("{a}\n\n{BODY}"), format!("{b}\n\n{BODY}"));
        assert_eq!(rule(&a, &b), None, "{a} {b}");
    }
}

#[test]
fn numbers_are_the_exercise() {
    let exercise = |speed: u32, hours: u32| {
        format!("A train runs at {speed} km/h for {hours} hours. How far does it come?\n{BODY}")
    };
    assert_eq!(rule(&exercise(60, 3), &exercise(80, 5)).as_deref(), Some("numbers"));
    let zh = |元: u32| format!("小明买书花了 {元} 元，又买了一支笔。\n他一共花了多少钱？");
    assert_eq!(rule(&zh(12), &zh(18)).as_deref(), Some("numbers"));
}

#[test]
fn numbers_that_come_with_publishing() {
    let cases = [
        ("Posted on March 3, 2021 at 12:30", "Posted on June 14, 2022 at 08:05"),
        ("1,204 views 31 comments", "88 views 2 comments"),
        ("阅读 1204 评论 31", "阅读 88 评论 2"),
        ("更新于 2021年3月4日", "更新于 2022年5月6日"),
        ("See https://tanks.example/2.5/pump", "See https://tanks.example/2.6/pump"),
        ("Copyright 2019", "Copyright 2021"),
        ("Available as of v2.3.0", "Available as of v2.4.1"),
    ];
    for (a, b) in cases {
        let (a, b) = (format!("{BODY}{a}\n{BODY}"), format!("{BODY}{b}\n{BODY}"));
        assert_eq!(rule(&a, &b), None, "{a} {b}");
    }
}

#[test]
fn an_amended_statute_is_another_statute() {
    let statute = |dates: &str, fine: &str| {
        format!(
            "# 停车条例\n\n{dates} 常务委员会会议通过\n\n第一条 违者处{fine}罚款。\n第二条 本条例自公布之日起施行。"
        )
    };
    let (old, new) =
        (statute("2018年3月30日", "五百元"), statute("2018年3月30日 2024年3月29日", "一千元"));
    assert_eq!(rule(&old, &new).as_deref(), Some("enacted"));
}

#[test]
fn pages_of_sibling_functions() {
    let page = |name: &str| {
        format!(
            "This page explains one call.\n\n## `{name}`\n\nCall `{name}` with a handle.\nIt fails when `{name}` was called before.\n{BODY}{BODY}"
        )
    };
    assert_eq!(rule(&page("read_left"), &page("read_right")).as_deref(), Some("sibling"));
    // Deep inside of a manual it is a word that was replaced.
    let manual = |name: &str| format!("{}{}", BODY.repeat(3), page(name));
    assert_eq!(rule(&manual("read_left"), &manual("read_right")), None);
}

#[test]
fn a_not_is_a_difference() {
    let a = format!("{BODY}The drain is open at night.\n{BODY}");
    let b = format!("{BODY}The drain is not open at night.\n{BODY}");
    assert_eq!(rule(&a, &b).as_deref(), Some("negation"));
    let (a, b) = (format!("{BODY}夜里可以排水。"), format!("{BODY}夜里不可以排水。"));
    assert_eq!(rule(&a, &b).as_deref(), Some("negation"));
}

#[test]
fn a_word_that_turns_a_sentence_round() {
    let cases = [
        ("opposite", "The court finds him guilty.", "The court finds him innocent."),
        ("opposite", "本院认为被告人有罪。", "本院认为被告人无罪。"),
        ("unit", "Take 5 mg at night.", "Take 5 g at night."),
        ("unit", "服用 5 毫克。", "服用 5 克。"),
        ("unit", "It is -5 degrees.", "It is 5 degrees."),
        ("operator", "if (a < b) stop();", "if (a > b) stop();"),
        ("swapped", "Alice sued Robert.", "Robert sued Alice."),
        ("swapped", "张三起诉李四。", "李四起诉张三。"),
    ];
    let long = BODY.repeat(10);
    for (expected, a, b) in cases {
        let (a, b) = (format!("{long}{a}\n{BODY}"), format!("{long}{b}\n{BODY}"));
        assert_eq!(rule(&a, &b).as_deref(), Some(expected), "{a} {b}");
    }
}

#[test]
fn what_turns_nothing_round() {
    let cases = [
        ("Open menu", "Close menu"),
        ("上一篇：山里的春天", "下一篇：山里的春天"),
        ("Tags: travel food", "Tags: food travel"),
        ("字号：大 中 小", "字号：小 中 大"),
        ("Home > News", "Home - News"),
        ("He walked slowly to the town in spring.", "He walked slowly to the village in spring."),
    ];
    let long = BODY.repeat(10);
    for (a, b) in cases {
        let (a, b) = (format!("{long}{a}\n{BODY}"), format!("{long}{b}\n{BODY}"));
        assert_eq!(rule(&a, &b), None, "{a} {b}");
    }
}

#[test]
fn among_many_changes_a_word_is_part_of_a_revision() {
    let words = |list: &str| {
        list.split(' ').map(|w| format!("A {w} drain.")).collect::<Vec<_>>().join("\n") + "\n"
    };
    let long = BODY.repeat(10);
    let a = format!("{long}{}The court finds him guilty.\n", words("red small long thin"));
    let b = format!("{long}{}The court finds him innocent.\n", words("blue grey steep dark"));
    assert_eq!(rule(&a, &b), None);
}

#[test]
fn the_same_text_again() {
    let cases = [
        ("Home > Pumps > Tanks", "Start > Pumps"),
        ("The drain is large.", "The drain is very large."),
        ("The colour of the drain", "The color of the drain"),
        ("A new paragraph about valves and pipes.", ""),
    ];
    for (a, b) in cases {
        let (a, b) = (format!("{BODY}{a}\n{BODY}"), format!("{BODY}{b}\n{BODY}"));
        assert_eq!(rule(&a, &b), None, "{a} {b}");
    }
}
