//! Policy `quota`: every group of documents chooses so many tokens, one group after the other.

use glmdata_base::Result;

use super::{Course, Material};
use crate::language::{CHINESE, CODE};

impl Course<'_> {
    /// Chinese, each other language a few, code, then the others together. What one of them cannot
    /// fill, the next may.
    pub(super) fn quota(&mut self, mut material: Material) -> Result<()> {
        let room = self.room();
        let share = |share: f64| (room as f64 * share).round() as usize;
        let (of_chinese, of_code) =
            (share(self.recipe.chinese_share), share(self.recipe.code_share));
        let (chinese, code) = (material.take(CHINESE), material.take(CODE));
        self.step("chinese", &chinese, of_chinese)?;
        let of_others = room.saturating_sub(of_chinese + of_code);
        let each = self.recipe.language_least.min(of_others / material.0.len().max(1));
        let mut left = of_others;
        for (language, counted) in &material.0 {
            left -= self.step(language, counted, each)?;
        }
        self.step("code", &code, of_code)?;
        let others = material.rest();
        self.step("multilingual", &others, left)?;
        for (name, group) in [("multilingual", others), ("chinese", chinese), ("code", code)] {
            self.step(name, &group, self.room())?;
        }
        Ok(())
    }
}
