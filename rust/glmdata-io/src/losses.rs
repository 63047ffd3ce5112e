//! What was not read: records, files and bytes, with the reasons grouped for a person to read.

use std::collections::{BTreeMap, BTreeSet};

use glmdata_base::{Error, Result};
use serde_json::{Value, json};

use crate::input::{InputFile, READABLE};
use crate::quarantine::QuarantineEvent;

/// How many groups of lost files are listed.
const MAX_GROUPS: usize = 20;

/// What a run could not read.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Records that were set aside, and those that lost files say they held.
    pub records: u64,
    /// Files found.
    pub files: u64,
    /// Files that were lost, as a whole or from some place on.
    pub files_lost: u64,
    /// Size of the files found.
    pub bytes: u64,
    /// Bytes of files that were lost, and of large records that were set aside.
    pub bytes_lost: u64,
    /// Events by reason.
    reasons: BTreeMap<&'static str, u64>,
    /// Lost files by what was wrong with them.
    groups: BTreeMap<(&'static str, String), Group>,
}

#[derive(Clone, Debug, Default)]
struct Group {
    files: u64,
    rows: u64,
    bytes: u64,
    example: String,
}

impl Losses {
    /// Of the files that were read, with all events of the run, those of the discovery included.
    pub fn of(files: &[InputFile], events: &[QuarantineEvent]) -> Self {
        let mut losses = Self {
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.bytes).sum(),
            ..Self::default()
        };
        let known: BTreeSet<(&str, &str)> =
            files.iter().map(|file| (file.root.as_str(), file.relative.as_str())).collect();
        let mut lost = BTreeSet::new();
        for event in events {
            losses.records += event.records();
            let reason = losses.reasons.entry(event.kind.name()).or_default();
            if event.row.is_some() {
                *reason += event.records();
                losses.bytes_lost += event.bytes.unwrap_or(0);
                continue;
            }
            *reason += 1;
            let name = (event.root.as_str(), event.relative.as_str());
            let (rows, bytes) = (event.rows.unwrap_or(0), event.bytes.unwrap_or(0));
            losses.bytes_lost += bytes;
            let is_new = lost.insert(name);
            if !known.contains(&name) && is_new {
                losses.files += 1;
                losses.bytes += bytes;
            }
            losses.files_lost += u64::from(is_new);
            let group = losses.groups.entry((event.kind.name(), event.detail.clone())).or_default();
            group.files += 1;
            group.rows += rows;
            group.bytes += bytes;
            if group.example.is_empty() {
                group.example = format!("{}/{}", event.root, event.relative);
            }
        }
        losses
    }

    /// Fails if not one document was read.
    ///
    /// # Errors
    /// [`Error::NothingRead`] with what was found.
    pub fn refuse_nothing(&self, documents: u64, passed: &[String]) -> Result<()> {
        if documents > 0 {
            return Ok(());
        }
        let mut reasons: Vec<String> =
            self.groups().into_iter().map(|(key, group)| sentence(key, group)).collect();
        let records = self
            .reasons
            .iter()
            .filter(|(name, _)| !self.groups.keys().any(|(kind, _)| kind == *name));
        reasons.extend(records.map(|(name, count)| format!("{count} records: {name}")));
        reasons.extend(passed.iter().take(MAX_GROUPS).cloned());
        Err(Error::NothingRead { found: reasons, readable: READABLE })
    }

    /// `files` and `bytes` with what was lost of them, `quarantine` by reason and `lost_files` by
    /// what was wrong, as report.json has them.
    pub fn json(&self) -> Value {
        let groups: Vec<Value> = self
            .groups()
            .into_iter()
            .map(|((kind, detail), group)| {
                json!({
                    "reason": kind,
                    "detail": detail,
                    "files": group.files,
                    "documents": group.rows,
                    "bytes": group.bytes,
                    "example": group.example,
                })
            })
            .collect();
        json!({
            "files": { "in": self.files, "lost": self.files_lost },
            "bytes": { "in": self.bytes, "lost": self.bytes_lost.min(self.bytes) },
            "quarantine": self.reasons,
            "lost_files": groups,
        })
    }

    /// The largest groups first.
    fn groups(&self) -> Vec<(&(&'static str, String), &Group)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by(|a, b| b.1.files.cmp(&a.1.files).then(a.0.cmp(b.0)));
        groups.truncate(MAX_GROUPS);
        groups
    }
}

fn sentence((kind, detail): &(&'static str, String), group: &Group) -> String {
    let files =
        if group.files == 1 { "1 file".to_owned() } else { format!("{} files", group.files) };
    format!("{files}: {kind}: {detail}, such as {}", group.example)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quarantine::Reason;

    fn event(relative: &str, row: Option<u64>, rows: Option<u64>) -> QuarantineEvent {
        QuarantineEvent {
            root: "crawl".into(),
            relative: relative.into(),
            kind: if row.is_some() { Reason::BrokenJson } else { Reason::MissingText },
            offset: None,
            row,
            rows,
            bytes: row.is_none().then_some(100),
            detail: "no column `text`; it has id, content".into(),
            sample: String::new(),
        }
    }

    #[test]
    fn files_and_their_rows_are_counted_once() {
        let events = [
            event("a", Some(3), None),
            event("b", None, Some(20)),
            event("c", None, None),
            event("c", None, None),
        ];
        let losses = Losses::of(&[], &events);
        assert_eq!((losses.records, losses.files, losses.files_lost), (21, 2, 2));
        assert_eq!(losses.bytes_lost, 300);
        let error = losses.refuse_nothing(0, &[]).unwrap_err().to_string();
        assert!(
            error.contains("3 files: missing_text: no column `text`; it has id, content"),
            "{error}"
        );
        assert!(error.contains("1 records: broken_json"), "{error}");
        assert!(losses.refuse_nothing(1, &[]).is_ok());
    }
}
