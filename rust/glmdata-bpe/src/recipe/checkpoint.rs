//! What was learned so far, on disk, so that a killed run need not learn it again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glmdata_base::{AtomicFile, Error, Result};
use serde::{Deserialize, Serialize};

use super::{Learned, Step};
use crate::train::Veto;

/// A file that is written after a step, if the last time was long enough ago.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    every: Duration,
    written: Instant,
    saved: Saved,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Saved {
    /// Ranks before anything was learned.
    start: usize,
    /// Tokens that each step learned, in order.
    learned: Vec<usize>,
    /// The tokens behind `start`, base64.
    tokens: Vec<String>,
    /// Name, end and `min_documents` of every stretch.
    steps: Vec<(String, usize, u32)>,
    counts: Vec<u64>,
    vetoes: Vec<SavedVeto>,
}

/// Token, count, documents, sources, reason.
type SavedVeto = (String, u64, Option<u32>, Option<u32>, String);

/// What guards say, so that a reason read back is the same static word.
const REASONS: [&str; 6] =
    ["whole_characters", "max_han", "max_bytes", "min_documents", "min_sources", "lexicon"];

impl Checkpoint {
    /// Keep what is learned in `path`, which may hold what an earlier run left.
    pub fn new(path: &Path, every: Duration) -> Result<Self> {
        let saved = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|e| Error::corrupt(path, e))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Saved::default(),
            Err(error) => return Err(Error::storage("read", path, error)),
        };
        Ok(Self { path: path.to_path_buf(), every, written: Instant::now(), saved })
    }

    /// Tokens that step number `step`, from 1, learned in an earlier run.
    pub(super) fn learned_in(&self, step: usize) -> Option<usize> {
        self.saved.learned.get(step.checked_sub(1)?).copied()
    }

    /// `start` with what the file holds, and the number of steps it took.
    pub(super) fn read(&self, start: Learned) -> Result<(Learned, usize)> {
        if self.saved.learned.is_empty() {
            return Ok((start, 0));
        }
        let corrupt = |reason: &str| Error::corrupt(&self.path, reason);
        let mut learned = start;
        if learned.ranks.len() != self.saved.start {
            return Err(corrupt("it was made from another start"));
        }
        let bytes = |text: &String| STANDARD.decode(text).map_err(|e| corrupt(&e.to_string()));
        for token in &self.saved.tokens {
            learned.ranks.push(&bytes(token)?);
        }
        let steps = self.saved.steps.iter().cloned();
        learned.steps =
            steps.map(|(name, end, min_documents)| Step { name, end, min_documents }).collect();
        learned.counts.clone_from(&self.saved.counts);
        for (token, count, documents, sources, reason) in &self.saved.vetoes {
            let reason = REASONS.iter().find(|known| *known == reason);
            let reason = reason.ok_or_else(|| corrupt("an unknown guard"))?;
            let (count, documents, sources) = (*count, *documents, *sources);
            learned.vetoes.push(Veto { token: bytes(token)?, count, documents, sources, reason });
        }
        Ok((learned, self.saved.learned.len()))
    }

    /// A step ended that learned so many tokens.
    pub(super) fn note(&mut self, tokens: usize, learned: &Learned) -> Result<()> {
        self.saved.learned.push(tokens);
        if self.written.elapsed() < self.every {
            return Ok(());
        }
        let start = learned.ranks.len() - learned.counts.len();
        let veto = |veto: &Veto| {
            let token = STANDARD.encode(&veto.token);
            (token, veto.count, veto.documents, veto.sources, veto.reason.to_owned())
        };
        let step = |step: &Step| (step.name.clone(), step.end, step.min_documents);
        self.saved = Saved {
            start,
            learned: std::mem::take(&mut self.saved.learned),
            tokens: learned.ranks.iter().skip(start).map(|token| STANDARD.encode(token)).collect(),
            steps: learned.steps.iter().map(step).collect(),
            counts: learned.counts.clone(),
            vetoes: learned.vetoes.iter().map(veto).collect(),
        };
        let text = serde_json::to_vec(&self.saved).map_err(Error::internal)?;
        let mut file = AtomicFile::create(&self.path)?;
        file.write_all(&text).map_err(|e| Error::storage("write", &self.path, e))?;
        file.commit()?;
        self.written = Instant::now();
        Ok(())
    }
}
