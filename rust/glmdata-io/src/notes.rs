//! What a discovery passed over, told once a kind where there is much of it.

use std::collections::BTreeMap;

use crate::roots::Root;

/// Up to so many files of a kind are named one by one.
const NAMED: usize = 20;

/// Notes by reason.
#[derive(Debug, Default)]
pub(crate) struct Notes(BTreeMap<String, Vec<String>>);

impl Notes {
    /// Something below `root` was passed over because of `why`.
    pub(crate) fn add(&mut self, root: &Root, relative: &str, why: &str) {
        let name = if relative.is_empty() {
            root.label.clone()
        } else {
            format!("{}/{relative}", root.label)
        };
        self.add_named(name, why);
    }

    /// The same for something with a name of its own.
    pub(crate) fn add_named(&mut self, name: String, why: &str) {
        self.0.entry(why.to_owned()).or_default().push(name);
    }

    /// Sentences, sorted.
    pub(crate) fn finish(self) -> Vec<String> {
        let mut notes = Vec::new();
        for (why, mut names) in self.0 {
            names.sort();
            names.dedup();
            match names.as_slice() {
                [first, ..] if names.len() > NAMED => {
                    notes.push(format!("{} entries, such as {first}: {why}", names.len()));
                }
                _ => notes.extend(names.iter().map(|name| format!("{name}: {why}"))),
            }
        }
        notes.sort();
        notes
    }
}
