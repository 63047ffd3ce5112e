use std::time::Duration;

use super::start::with_numbers;
use super::*;
use crate::inventory::{Counter, Counting};
use crate::metadata::Tally;
use crate::validity::faults;

const ZH: [&str; 3] = ["东海的龙王在龙宫里", "龙王说龙宫在东海", "东海龙王的龙宫"];
const EN: [&str; 2] = ["zqxj zqxj wvut wvut", "zqxj wvut wvutzqxj"];
const RU: [&str; 2] = ["щукарь рыщет", "щукарь и щукарь рыщет"];

fn corpus(texts: &[(&str, &[&str])]) -> Corpus {
    let mut corpus = Corpus::default();
    for (language, texts) in texts {
        let mut counter = Counter::new(Counting::default());
        texts.iter().for_each(|text| counter.add(text, "web"));
        corpus.inventories.insert((*language).to_owned(), counter.into_inventory());
        let tally = Tally { documents: texts.len() as u64, text_bytes: 0 };
        let sources = BTreeMap::from([("web".to_owned(), tally)]);
        corpus.tallies.insert((*language).to_owned(), sources);
    }
    corpus
}

fn recipe(base: Base, room: usize, numbers: bool) -> Recipe {
    let before = base.ranks().unwrap().len() + if numbers { 1_100 } else { 0 };
    Recipe {
        base,
        size: before + room,
        numbers,
        cover: Vec::new(),
        policy: Policy::Quota,
        chinese_share: 0.5,
        code_share: 0.0,
        language_least: 0,
        weights: BTreeMap::new(),
        least: 2,
        guards: Guards::default(),
        min_documents: Some(1),
        min_sources: 0,
    }
}

fn learn(recipe: &Recipe, texts: &[(&str, &[&str])]) -> Learned {
    let learned = recipe.learn(corpus(texts), None, &Cancel::new(), &Progress::new()).unwrap();
    assert_eq!(faults(&learned.ranks), []);
    let start = learned.ranks.len() - learned.counts.len();
    assert!(learned.steps.iter().any(|step| step.name == "cover" && step.end == start));
    learned
}

/// The tokens of all stretches of a name, as text.
fn of_step(learned: &Learned, name: &str) -> Vec<String> {
    let mut start = 0;
    let mut tokens = Vec::new();
    for step in &learned.steps {
        if step.name == name {
            let of_step = (start..step.end).filter_map(|rank| learned.ranks.token(rank as u32));
            tokens.extend(of_step.map(|token| String::from_utf8_lossy(token).into_owned()));
        }
        start = step.end;
    }
    tokens
}

#[test]
fn numbers_keep_rule_c1() {
    for base in [Base::None, Base::Glm4] {
        let all = with_numbers(&base.ranks().unwrap()).unwrap();
        assert_eq!(all.len(), base.ranks().unwrap().len() + 1_100);
        assert_eq!(faults(&all), []);
    }
    let kept = Base::Cl100kKeep.ranks().unwrap();
    assert_eq!(with_numbers(&kept).unwrap().len(), kept.len());
}

#[test]
fn listed_characters_are_tokens() {
    let cover: Vec<char> = "龘靐齉𠀀丂é一".chars().collect();
    for base in [Base::None, Base::Glm4, Base::Cl100kKeep] {
        let recipe = Recipe { cover: cover.clone(), ..recipe(base, 40, false) };
        let learned = learn(&recipe, &[("zh", &ZH)]);
        for character in &cover {
            assert!(learned.ranks.rank(character.to_string().as_bytes()).is_some(), "{character}");
        }
    }
}

#[test]
fn each_language_chooses_its_share() {
    let learned = learn(&recipe(Base::Glm4, 8, true), &[("zh", &ZH), ("en", &EN)]);
    assert_eq!(learned.counts.len(), 8);
    assert_eq!(of_step(&learned, "chinese").len(), 4);
    let multilingual = of_step(&learned, "multilingual");
    assert!(multilingual.len() == 4 && multilingual.iter().all(|token| token.is_ascii()));
}

#[test]
fn a_small_language_gets_tokens_and_code_its_share() {
    let most: Vec<&str> = EN.iter().copied().cycle().take(400).collect();
    let texts: [(&str, &[&str]); 4] = [("zh", &ZH), ("en", &most), ("ru", &RU), ("code", &EN)];
    let plain = recipe(Base::None, 20, false);
    let free = learn(&plain, &texts);
    assert!(of_step(&free, "ru").is_empty() && !of_step(&free, "multilingual").is_empty());
    let held = learn(&Recipe { language_least: 4, code_share: 0.1, ..plain }, &texts);
    assert_eq!((of_step(&held, "ru").len(), of_step(&held, "en").len()), (4, 4));
    assert_eq!(of_step(&held, "code").len(), 2);
}

#[test]
fn what_one_cannot_fill_the_other_may() {
    let recipe = recipe(Base::None, 30, false);
    let only_other = learn(&recipe, &[("en", &EN)]);
    assert!(only_other.counts.len() > 5);
    let only_chinese = learn(&recipe, &[("zh", &ZH)]);
    assert!(only_chinese.counts.len() > 15, "{}", only_chinese.counts.len());
    assert_eq!(only_chinese.steps.last().unwrap().name, "chinese");
}

#[test]
fn weights_decide_who_comes_first() {
    let texts: [(&str, &[&str]); 2] = [("en", &EN), ("ru", &RU)];
    let weigh = |language: &str, weight| {
        let weights = BTreeMap::from([(language.to_owned(), weight)]);
        let recipe = recipe(Base::None, 3, false);
        learn(&Recipe { policy: Policy::Weighted, weights, ..recipe }, &texts)
    };
    let russian = of_step(&weigh("ru", 100.0), "weighted");
    assert!(russian.iter().all(|token| !token.is_ascii()), "{russian:?}");
    let english = weigh("ru", 0.0);
    assert!(of_step(&english, "weighted").iter().all(|token| token.is_ascii()));
    // Counts are told as they were before the weights.
    assert!(english.counts[0] <= 8, "{:?}", english.counts);
}

#[test]
fn parity_helps_the_worst_compressed() {
    let many: Vec<&str> = EN.iter().copied().cycle().take(100).collect();
    let texts: [(&str, &[&str]); 2] = [("en", &many), ("ru", &RU)];
    let policy = |policy| Recipe { policy, ..recipe(Base::None, 12, false) };
    let weighted = learn(&policy(Policy::Weighted), &texts);
    let parity = learn(&policy(Policy::Parity), &texts);
    let of_russian = |learned: &Learned| {
        learned.ranks.iter().skip(256).filter(|token| !token.is_ascii()).count()
    };
    let (few, more) = (of_russian(&weighted), of_russian(&parity));
    assert!(more > few + 2, "{few} {more}");
}

#[test]
fn a_union_is_repaired_and_filled() {
    let learned = learn(
        &Recipe { policy: Policy::Union, ..recipe(Base::Glm4, 20, false) },
        &[("zh", &ZH), ("en", &EN)],
    );
    assert_eq!(learned.counts.len(), 20);
    assert!(of_step(&learned, "chinese").iter().any(|token| token.contains('龙')));
}

#[test]
fn a_checkpoint_spares_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("learned.json");
    let texts: [(&str, &[&str]); 3] = [("zh", &ZH), ("en", &EN), ("ru", &RU)];
    for policy in [Policy::Quota, Policy::Weighted, Policy::Parity, Policy::Union] {
        let guards = Guards { max_han: 1, ..Guards::default() };
        let recipe = Recipe { policy, guards, language_least: 2, ..recipe(Base::None, 24, false) };
        let whole = learn(&recipe, &texts);
        let run = |texts: &[(&str, &[&str])]| {
            let checkpoint = Checkpoint::new(&path, Duration::ZERO).unwrap();
            let progress = Progress::new();
            let learned =
                recipe.learn(corpus(texts), Some(checkpoint), &Cancel::new(), &progress).unwrap();
            assert_eq!(progress.read().2, learned.counts.len() as u64);
            learned
        };
        let first = run(&texts);
        // With all steps held nothing is read from the inventories but which languages there are.
        let none: [(&str, &[&str]); 3] = [("zh", &["x"]), ("en", &["y"]), ("ru", &["z"])];
        let second = if policy == Policy::Parity { run(&texts) } else { run(&none) };
        assert_eq!(first.resumed, 0, "{policy:?}");
        assert!(second.resumed > 0, "{policy:?}");
        for learned in [first, second] {
            assert!(learned.ranks.iter().eq(whole.ranks.iter()), "{policy:?}");
            assert_eq!((&learned.steps, &learned.counts), (&whole.steps, &whole.counts));
            assert_eq!(learned.vetoes, whole.vetoes);
        }
        std::fs::remove_file(&path).unwrap();
    }
}

/// The file of a run that was killed after `steps` steps, from that of a whole one.
fn cut_off(whole: &serde_json::Value, steps: usize) -> serde_json::Value {
    let mut saved = whole.clone();
    let learned = whole["learned"].as_array().unwrap();
    let tokens: u64 = learned[..steps].iter().map(|n| n.as_u64().unwrap()).sum();
    saved["learned"] = learned[..steps].to_vec().into();
    for list in ["tokens", "counts"] {
        let held = whole[list].as_array().unwrap();
        saved[list] = held[..tokens as usize].to_vec().into();
    }
    let end = whole["start"].as_u64().unwrap() + tokens;
    let mut begin = 0;
    let mut stretches = Vec::new();
    for step in whole["steps"].as_array().unwrap() {
        if begin < end {
            let mut step = step.clone();
            step[1] = step[1].as_u64().unwrap().min(end).into();
            stretches.push(step.clone());
            begin = step[1].as_u64().unwrap();
        }
    }
    saved["steps"] = stretches.into();
    saved
}

#[test]
fn killed_after_any_step_the_vocabulary_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("learned.json");
    let texts: [(&str, &[&str]); 3] = [("zh", &ZH), ("en", &EN), ("ru", &RU)];
    for policy in [Policy::Quota, Policy::Weighted, Policy::Parity, Policy::Union] {
        let recipe = Recipe { policy, language_least: 2, ..recipe(Base::None, 24, false) };
        let run = || {
            let checkpoint = Checkpoint::new(&path, Duration::ZERO).unwrap();
            let found =
                recipe.learn(corpus(&texts), Some(checkpoint), &Cancel::new(), &Progress::new());
            found.unwrap()
        };
        let whole = run();
        let saved: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let steps = saved["learned"].as_array().unwrap().len();
        for taken in 0..=steps {
            std::fs::write(&path, cut_off(&saved, taken).to_string()).unwrap();
            let resumed = run();
            assert_eq!(resumed.resumed, taken, "{policy:?}");
            assert!(resumed.ranks.iter().eq(whole.ranks.iter()), "{policy:?} after {taken}");
            assert_eq!((&resumed.steps, &resumed.counts), (&whole.steps, &whole.counts));
        }
        std::fs::remove_file(&path).unwrap();
    }
}
