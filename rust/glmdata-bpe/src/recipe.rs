//! What a vocabulary is made of: a base, the numbers, then tokens learned from Chinese documents and
//! from all others, each from its own counts.

use glmdata_base::{Cancel, Phase as Work, Progress, Result};

use crate::base::Base;
use crate::corpus::{Corpus, Language};
use crate::ranks::Ranks;
use crate::train::{Guards, Phase, Veto, train};

/// How a vocabulary is learned from a [`Corpus`].
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What is there before.
    pub base: Base,
    /// Ranks in the end, if the corpus has as many.
    pub size: usize,
    /// Whether all numbers of two and three digits become tokens before anything is learned.
    pub numbers: bool,
    /// The share of the learned tokens that Chinese documents choose.
    pub chinese_share: f64,
    /// Stop when the best pair occurs less often.
    pub least: u64,
    /// What is refused.
    pub guards: Guards,
    /// Fewest documents behind a token; none: 0.05 % of those of its language, and at least 8.
    pub min_documents: Option<u32>,
}

/// A stretch of ranks and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// `base`, `numbers`, `chinese` or `multilingual`.
    pub name: &'static str,
    /// The rank behind its last token.
    pub end: usize,
    /// Fewest documents that a token of it needed.
    pub min_documents: u32,
}

/// A vocabulary and how it came about.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The vocabulary; it obeys C1.
    pub ranks: Ranks,
    /// The stretches of ranks, in order.
    pub steps: Vec<Step>,
    /// For every learned token, behind base and numbers: how often its pair occurred.
    pub counts: Vec<u64>,
    /// What guards refused.
    pub vetoes: Vec<Veto>,
}

impl Recipe {
    /// Learn from the Chinese counts, then from the others. What one of them cannot fill, the other
    /// one may.
    pub fn learn(&self, corpus: &Corpus, cancel: &Cancel, progress: &Progress) -> Result<Learned> {
        progress.enter(Work::Learn, 0);
        let base = self.base.ranks()?;
        let mut steps = vec![Step { name: "base", end: base.len(), min_documents: 0 }];
        let ranks = if self.numbers { with_numbers(&base)? } else { base };
        steps.push(Step { name: "numbers", end: ranks.len(), min_documents: 0 });
        let mut learned = Learned { ranks, steps, counts: Vec::new(), vetoes: Vec::new() };
        let room = self.size.saturating_sub(learned.ranks.len());
        let chinese = (room as f64 * self.chinese_share).round() as usize;
        for (language, most) in
            [(Language::Chinese, chinese), (Language::Other, room), (Language::Chinese, room)]
        {
            let tokens = most.min(self.size.saturating_sub(learned.ranks.len()));
            if tokens > 0 {
                self.step(corpus, language, tokens, &mut learned, cancel)?;
            }
        }
        Ok(learned)
    }

    fn step(
        &self,
        corpus: &Corpus,
        language: Language,
        tokens: usize,
        learned: &mut Learned,
        cancel: &Cancel,
    ) -> Result<()> {
        let (name, inventory) = match language {
            Language::Chinese => ("chinese", &corpus.chinese),
            Language::Other => ("multilingual", &corpus.other),
        };
        let standard = || Guards::standard(corpus.tally(language).documents).min_documents;
        let min_documents = self.min_documents.unwrap_or_else(standard);
        let guards = Guards { min_documents, ..self.guards.clone() };
        let phase = Phase { inventory, tokens, least: self.least, guards };
        let mut trained = train(learned.ranks.clone(), &[phase], cancel)?;
        learned.ranks = trained.ranks;
        learned.counts.append(&mut trained.counts);
        learned.vetoes.append(&mut trained.vetoes);
        learned.steps.push(Step { name, end: learned.ranks.len(), min_documents });
        Ok(())
    }
}

/// All numbers of two digits, then all of three, behind `base`: three digits then always merge from
/// two and one, whatever the digits are, so rule C1 holds.
fn with_numbers(base: &Ranks) -> Result<Ranks> {
    let two = (0..100).map(|number| format!("{number:02}"));
    let three = (0..1000).map(|number| format!("{number:03}"));
    let new = two.chain(three).map(String::into_bytes);
    let new: Vec<Vec<u8>> = new.filter(|number| base.rank(number).is_none()).collect();
    Ranks::new(base.iter().chain(new.iter().map(Vec::as_slice)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::corpus::Tally;
    use crate::inventory::Inventory;
    use crate::scan::Digits;
    use crate::validity::faults;

    fn corpus(chinese: &[&str], other: &[&str]) -> Corpus {
        let tally = |texts: &[&str]| Tally { documents: texts.len() as u64, text_bytes: 0 };
        Corpus {
            chinese: Inventory::count(chinese, Digits::UpToThree),
            other: Inventory::count(other, Digits::UpToThree),
            tallies: BTreeMap::from([
                ((Language::Chinese, String::new()), tally(chinese)),
                ((Language::Other, String::new()), tally(other)),
            ]),
            files: Vec::new(),
            events: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn recipe(base: Base, room: usize, numbers: bool) -> Recipe {
        let before = base.ranks().unwrap().len() + if numbers { 1_100 } else { 0 };
        Recipe {
            base,
            size: before + room,
            numbers,
            chinese_share: 0.5,
            least: 2,
            guards: Guards::default(),
            min_documents: Some(1),
        }
    }

    const ZH: [&str; 3] = ["东海的龙王在龙宫里", "龙王说龙宫在东海", "东海龙王的龙宫"];
    const EN: [&str; 2] = ["zqxj zqxj wvut wvut", "zqxj wvut wvutzqxj"];

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
    fn each_language_chooses_its_share() {
        let (cancel, progress) = (Cancel::new(), Progress::new());
        let learned =
            recipe(Base::Glm4, 8, true).learn(&corpus(&ZH, &EN), &cancel, &progress).unwrap();
        let ends: Vec<_> = learned.steps.iter().map(|step| (step.name, step.end)).collect();
        let start = 98_286 + 1_100;
        let expected = [
            ("base", 98_286),
            ("numbers", start),
            ("chinese", start + 4),
            ("multilingual", start + 8),
        ];
        assert_eq!(ends, expected);
        assert_eq!(learned.counts.len(), 8);
        let multilingual: Vec<_> = learned.ranks.iter().skip(start + 4).collect();
        assert!(multilingual.iter().all(|token| token.is_ascii()), "{multilingual:?}");
    }

    #[test]
    fn what_one_cannot_fill_the_other_may() {
        let (cancel, progress) = (Cancel::new(), Progress::new());
        let recipe = recipe(Base::None, 30, false);
        let only_other = recipe.learn(&corpus(&[], &EN), &cancel, &progress).unwrap();
        assert!(only_other.counts.len() > 5);
        let only_chinese = recipe.learn(&corpus(&ZH, &[]), &cancel, &progress).unwrap();
        assert!(only_chinese.counts.len() > 15, "{}", only_chinese.counts.len());
        assert_eq!(only_chinese.steps.last().unwrap().name, "chinese");
    }
}
