//! Training beside its plainest form: count all pairs, merge the best, start again.

use std::collections::BTreeMap;

use super::*;

type Merge = (Vec<u8>, Vec<u8>);

/// The merges of a slow and obvious trainer, as (left, right).
fn slow(words: &[(Vec<u8>, u64)], merges: usize, least: u64) -> Vec<Merge> {
    let mut words: Vec<(Vec<Vec<u8>>, u64)> = words
        .iter()
        .map(|(bytes, count)| (bytes.iter().map(|&byte| vec![byte]).collect(), *count))
        .collect();
    let mut learned = Vec::new();
    while learned.len() < merges {
        let mut counts: BTreeMap<Merge, u64> = BTreeMap::new();
        for (parts, count) in &words {
            for pair in parts.windows(2) {
                *counts.entry((pair[0].clone(), pair[1].clone())).or_default() += count;
            }
        }
        // The map runs by bytes, and the first of equals wins.
        let mut best: Option<(&Merge, u64)> = None;
        for (pair, &count) in &counts {
            if count >= least && best.is_none_or(|(_, most)| count > most) {
                best = Some((pair, count));
            }
        }
        let Some((pair, _)) = best else { break };
        let pair = pair.clone();
        for (parts, _) in &mut words {
            let mut at = 0;
            while at + 1 < parts.len() {
                if parts[at] == pair.0 && parts[at + 1] == pair.1 {
                    let joined = [pair.0.clone(), pair.1.clone()].concat();
                    parts.splice(at..at + 2, [joined]);
                }
                at += 1;
            }
        }
        learned.push(pair);
    }
    learned
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        ((self.0 >> 33) as usize) % limit
    }
}

fn texts(random: &mut Random) -> Vec<String> {
    let syllables =
        ["a", "aa", "b", "ab", "na", "the", "ing", "中", "国", "中国", "人民", "é", "x"];
    (0..=random.below(20))
        .map(|_| {
            let mut text = String::new();
            for _ in 0..random.below(60) {
                text.push_str(syllables[random.below(syllables.len())]);
                if random.below(4) == 0 {
                    text.push(' ');
                }
            }
            text
        })
        .collect()
}

#[test]
fn merges_equal_the_slow_trainers() {
    let mut random = Random(3);
    for _ in 0..300 {
        let texts = texts(&mut random);
        let inventory = Inventory::count(&texts, Digits::UpToThree);
        let words: Vec<(Vec<u8>, u64)> =
            inventory.iter().map(|word| (word.bytes.to_vec(), word.count)).collect();
        let least = 1 + random.below(3) as u64;
        let phase = Phase { inventory: &inventory, tokens: 150, least, guards: Guards::default() };
        let trained =
            train(Ranks::bytes_only(), &[phase], &Cancel::new(), &Progress::new()).unwrap();
        let merges = Merges::of(&trained.ranks).unwrap();
        let learned: Vec<Merge> = (256..trained.ranks.len() as u32)
            .map(|rank| {
                let [left, right] = merges.split(rank).unwrap();
                let token = |rank| trained.ranks.token(rank).unwrap().to_vec();
                (token(left), token(right))
            })
            .collect();
        assert_eq!(learned, slow(&words, 150, least));
        assert!(trained.counts.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn phases_build_on_each_other_and_keep_c1() {
    let mut random = Random(5);
    let (first, second) = (texts(&mut random), texts(&mut random));
    let first = Inventory::count(&first, Digits::UpToThree);
    let second = Inventory::count(&second, Digits::UpToThree);
    let phase =
        |inventory, tokens| Phase { inventory, tokens, least: 1, guards: Guards::default() };
    let base = crate::base::Base::Glm4.ranks().unwrap();
    let phases = [phase(&first, 20), phase(&second, 20)];
    let trained = train(base.clone(), &phases, &Cancel::new(), &Progress::new()).unwrap();
    assert!(trained.ranks.iter().take(base.len()).eq(base.iter()));
    assert_eq!(crate::validity::faults(&trained.ranks), []);
    assert_eq!(trained.ends.len(), 2);
}

#[test]
fn spam_of_few_documents_is_refused_and_noted() {
    let mut texts: Vec<String> =
        (0..2_000).map(|n| format!("第{n}号，我们的工作，今天天气，{}", n * 7919 % 1000)).collect();
    for (n, text) in texts.iter_mut().enumerate().take(6) {
        text.push_str(&"，彩票平台，彩票平台注册".repeat(500 + n));
    }
    let inventory = Inventory::count(&texts, Digits::UpToThree);
    let learned = |guards| {
        let phase = Phase { inventory: &inventory, tokens: 200, least: 2, guards };
        train(Ranks::bytes_only(), &[phase], &Cancel::new(), &Progress::new()).unwrap()
    };
    let free = learned(Guards::default());
    assert!(free.ranks.rank("彩票平台".as_bytes()).is_some());
    let guarded = learned(Guards::standard(texts.len() as u64));
    assert!(guarded.ranks.rank("彩票".as_bytes()).is_none());
    assert!(guarded.ranks.rank("我们".as_bytes()).is_some());
    assert!(guarded.vetoes.iter().any(|veto| veto.token == "彩".as_bytes()));
    for token in guarded.ranks.iter().skip(256) {
        let within_one = token[1..].iter().all(|byte| byte & 0xC0 == 0x80);
        assert!(within_one || str::from_utf8(token).is_ok(), "{token:x?}");
    }
}

#[test]
fn threads_and_order_do_not_matter() {
    let mut random = Random(11);
    let mut texts: Vec<String> = (0..40).flat_map(|_| texts(&mut random)).collect();
    let run = |texts: &[String], threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let inventory = Inventory::count(texts, Digits::UpToThree);
            let guards = Guards::standard(texts.len() as u64);
            let phase = Phase { inventory: &inventory, tokens: 300, least: 1, guards };
            let trained =
                train(Ranks::bytes_only(), &[phase], &Cancel::new(), &Progress::new()).unwrap();
            crate::tiktoken_file::to_tiktoken(&trained.ranks)
        })
    };
    let expected = run(&texts, 1);
    texts.reverse();
    assert_eq!(run(&texts, 3), expected);
}
