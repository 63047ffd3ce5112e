//! `report.json`: counts that add up, per rule, source and language, and what the machinery did.

use std::collections::BTreeMap;

use glmdata_base::hex;
use glmdata_io::{FieldUse, Losses};
use serde_json::{Value, json};

use crate::candidates::Buckets;
use crate::corpus::Corpus;
use crate::cut::{CutTally, Cuts};
use crate::decide::Decisions;
use crate::options::Options;
use crate::removal::Rule;
use crate::verify::Verified;

/// What reading and spilling did; decisions do not depend on it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Sizes of the input files.
    pub(crate) input_bytes: u64,
    /// The same after decompression.
    pub(crate) decoded_bytes: u64,
    /// Bytes read again after the scan: texts, spools, parts.
    pub(crate) read_again: u64,
    pub(crate) runs_spilled: u64,
    pub(crate) units: u64,
    pub(crate) units_reused: u64,
    pub(crate) units_spooled: u64,
}

/// Everything the report is made of.
pub(crate) struct Facts<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) decisions: &'a Decisions,
    pub(crate) options: &'a Options,
    pub(crate) buckets: Buckets,
    pub(crate) verified: Verified,
    pub(crate) cuts: Option<&'a Cuts>,
    pub(crate) fields: &'a FieldUse,
    pub(crate) notes: &'a [String],
    pub(crate) losses: &'a Losses,
    pub(crate) without_keep: Option<u64>,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    documents: u64,
    kept: u64,
    bytes: u64,
    kept_bytes: u64,
    cut_bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: u64, cut: u64, kept: bool) {
        self.documents += 1;
        self.bytes += bytes;
        if kept {
            self.kept += 1;
            self.kept_bytes += bytes - cut;
            self.cut_bytes += cut;
        }
    }

    fn json(self) -> Value {
        json!({
            "in": self.documents,
            "kept": self.kept,
            "removed": self.documents - self.kept,
            "text_bytes_in": self.bytes,
            "text_bytes_kept": self.kept_bytes,
        })
    }
}

impl Facts<'_> {
    /// The report without what differs from run to run.
    pub(crate) fn report(&self) -> Value {
        let Facts { corpus, decisions, options, .. } = self;
        let table = &corpus.table;
        let mut all = Tally::default();
        let mut by_source: BTreeMap<&str, Tally> = BTreeMap::new();
        let mut by_lang: BTreeMap<&str, Tally> = BTreeMap::new();
        let mut by_rule: BTreeMap<&str, u64> = BTreeMap::new();
        for rule in Rule::in_force(options) {
            by_rule.insert(rule.name(), 0);
        }
        let mut by_earlier = 0u64;
        for i in 0..corpus.new_documents() as usize {
            let (bytes, removal) = (u64::from(table.bytes[i]), decisions.removal[i]);
            let lang = table.lang_of(i);
            let cut = self.cuts.map_or(0, |cuts| u64::from(cuts.bytes[i]));
            for tally in [
                &mut all,
                by_source.entry(table.source_of(i)).or_default(),
                by_lang.entry(if lang.is_empty() { "und" } else { lang }).or_default(),
            ] {
                tally.add(bytes, cut, removal.is_none());
            }
            if let Some(removal) = removal {
                by_earlier += u64::from(removal.kept >= Some(corpus.new_documents()));
                *by_rule.entry(removal.rule.name()).or_default() += 1;
            }
        }
        let records = self.losses.records;
        let tallies = |tallies: BTreeMap<&str, Tally>| -> Value {
            tallies.into_iter().map(|(name, tally)| (name.to_owned(), tally.json())).collect()
        };
        let mut report = json!({
            "format_version": 1,
            "stage": "dedup",
            "documents": {
                "in": all.documents + records,
                "kept": all.kept,
                "removed": all.documents - all.kept,
                "quarantined": records,
            },
            "text_bytes": {
                "in": all.bytes,
                "kept": all.kept_bytes,
                "removed": all.bytes - all.kept_bytes - all.cut_bytes,
                "cut": all.cut_bytes,
            },
            "removed_by_rule": by_rule,
            "variants": decisions.variants(corpus.new_documents()),
            "index": { "documents": corpus.earlier.len(), "removed_for": by_earlier },
            "cut": self.cut(),
            "documents_with_url": self.with_url(),
            "documents_without_keep": self.without_keep,
            "fields": self.fields(),
            "by_source": tallies(by_source),
            "by_lang": tallies(by_lang),
            "bands": self.bands(),
            "buckets": {
                "band_records": self.buckets.band_records,
                "with_several": self.buckets.buckets,
                "largest": self.buckets.largest,
                "dense": self.buckets.dense,
            },
            "pairs": {
                "candidates": self.verified.candidates,
                "followed": self.verified.followed,
                "verified": self.verified.verified,
                "rejected": self.verified.rejected,
                "variants": self.verified.variants,
                "unread": self.verified.unread,
                "unread_of_kept": self.verified.unread_of_kept,
            },
            "threshold": options.threshold,
            "example_removed": self.example(),
            "notes": self.notes,
        });
        if let (Value::Object(report), Value::Object(losses)) = (&mut report, self.losses.json()) {
            report.extend(losses);
        }
        report
    }

    /// The key of a removed document worth a look: a near copy if there is one.
    fn example(&self) -> Option<String> {
        let new = self.corpus.new_documents() as usize;
        let removals = || self.decisions.removal.iter().take(new).enumerate();
        let fuzzy = removals().find(|(_, r)| r.is_some_and(|r| r.rule == Rule::Fuzzy));
        let found = fuzzy.or_else(|| removals().find(|(_, removal)| removal.is_some()));
        found.map(|(i, _)| hex(&self.corpus.key(i as u32)))
    }

    /// Documents that `--url-dedup` could judge; `None` without it.
    fn with_url(&self) -> Option<usize> {
        let table = &self.corpus.table;
        let found =
            || (0..self.corpus.new_documents() as usize).filter(|&i| table.url_of(i) != 0).count();
        self.options.url_dedup.then(found)
    }

    /// Documents by the field that they had.
    fn fields(&self) -> Value {
        let mut fields = json!(self.fields);
        let (dates, unread) = self.corpus.table.dates(self.corpus.new_documents());
        fields["date"] = json!(dates);
        fields["date_unread"] = json!(unread);
        fields
    }

    /// What was cut out of kept documents, by source; `None` without the options that cut.
    fn cut(&self) -> Option<Value> {
        let cuts = self.cuts?;
        let by_source: BTreeMap<&str, Value> = cuts
            .by_source
            .iter()
            .map(|(&source, tally)| {
                let name = self.corpus.table.sources.name(source);
                let CutTally { lines, paragraphs, substrings, templates, bytes, documents } =
                    *tally;
                let counts = json!({
                    "lines": lines,
                    "paragraphs": paragraphs,
                    "substrings": substrings,
                    "templates": templates,
                    "text_bytes": bytes,
                    "documents": documents,
                });
                (name, counts)
            })
            .collect();
        let sum = |of: fn(&CutTally) -> u64| cuts.by_source.values().map(of).sum::<u64>();
        Some(json!({
            "lines": sum(|tally| tally.lines),
            "paragraphs": sum(|tally| tally.paragraphs),
            "substrings": sum(|tally| tally.substrings),
            "templates": sum(|tally| tally.templates),
            "text_bytes": sum(|tally| tally.bytes),
            "documents": sum(|tally| tally.documents),
            "spared": cuts.spared,
            "by_source": by_source,
        }))
    }

    /// The banding, and how likely a pair of each similarity is compared and its texts read.
    fn bands(&self) -> Value {
        let banding = self.options.banding;
        let Verified { verified, unread_of_kept: unread, .. } = self.verified;
        let read = verified as f64 / (verified + unread).max(1) as f64;
        let reached = |jaccard: f64| {
            let close = jaccard >= self.options.threshold && unread > 0;
            banding.detection(jaccard) * if close { read } else { 1.0 }
        };
        let curve: Vec<[f64; 2]> = (5..=10)
            .flat_map(|tenth| [f64::from(tenth) / 10.0, f64::from(tenth) / 10.0 + 0.05])
            .filter(|&jaccard| jaccard <= 1.0)
            .map(|jaccard| [jaccard, (reached(jaccard) * 1e4).round() / 1e4])
            .collect();
        json!({
            "num_perm": self.options.num_perm,
            "bands": banding.bands,
            "rows": banding.rows,
            "detection": curve,
        })
    }
}

/// What differs between runs of the same work, for `run.json` and the `io` part of the report.
pub(crate) fn traffic_json(traffic: Traffic, verified: Verified) -> Value {
    let read = traffic.decoded_bytes + traffic.read_again + verified.spilled_bytes_read;
    let ratio = read as f64 / traffic.decoded_bytes.max(1) as f64;
    json!({
        "input_bytes": traffic.input_bytes,
        "decoded_bytes": traffic.decoded_bytes,
        "bytes_read_per_input_byte": (ratio * 1e3).round() / 1e3,
        "runs_spilled": traffic.runs_spilled,
        "partitions": verified.partitions,
        "spilled_bytes": verified.spilled_bytes,
        "units": traffic.units,
        "units_reused": traffic.units_reused,
        "units_spooled": traffic.units_spooled,
    })
}
