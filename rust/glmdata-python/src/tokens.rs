//! Crawled files through vocabularies of `glmdata-bpe`: counted, or written as a token store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use glmdata_bpe::{StoreTarget, count_usage, encode_files as encode};
use glmdata_io::{InputFile, Losses, QuarantineEvent};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Value, json};

use crate::door::enter;
use crate::progress::Progress;
use crate::reading::Reading;
use crate::tokenizer::Tokenizer;

/// Encode all documents with every tokenizer: JSON of sums by language and source, and of every
/// tokenizer how often each rank came out (uint64).
#[pyfunction]
#[pyo3(signature = (tokenizers, inputs, options, *, threads, progress))]
pub(crate) fn token_usage<'py>(
    py: Python<'py>,
    tokenizers: Vec<Py<Tokenizer>>,
    inputs: Vec<PathBuf>,
    options: Reading,
    threads: usize,
    progress: &Bound<'_, Progress>,
) -> PyResult<(String, Vec<Bound<'py, PyBytes>>)> {
    let tokenizers: Vec<_> = tokenizers.iter().map(|tokenizer| tokenizer.get().inner()).collect();
    let progress = progress.get().counters.clone();
    let usage = enter(py, move |cancel| {
        count_usage(&tokenizers, &inputs, &options.options(u64::MAX)?, threads, cancel, &progress)
    })?;
    let shares = usage.shares.iter().map(|((lang, source), share)| {
        json!({
            "lang": lang,
            "source": source,
            "documents": share.documents,
            "text_bytes": share.text_bytes,
            "characters": share.characters,
            "tokens": share.tokens,
        })
    });
    let facts = json!({
        "shares": shares.collect::<Vec<_>>(),
        "inputs": inputs_of(&usage.files),
        "events": events_of(&usage.events),
        "losses": Losses::of(&usage.files, &usage.events).json(),
        "notes": usage.notes,
    });
    let counts = usage.counts.iter().map(|counts| {
        PyBytes::new_with(py, counts.len() * 8, |bytes| {
            for (slot, count) in bytes.chunks_exact_mut(8).zip(counts) {
                slot.copy_from_slice(&count.to_ne_bytes());
            }
            Ok(())
        })
    });
    Ok((facts.to_string(), counts.collect::<PyResult<_>>()?))
}

/// Encode all documents into `output`, a folder a source; gives JSON of what was written. Units are
/// kept in `work`, and read from there if they are in it.
#[pyfunction]
#[pyo3(signature = (tokenizer, inputs, output, options, metadata, *, loss_spans_field, work, shard_bytes, threads, progress))]
#[expect(clippy::too_many_arguments, reason = "a Python signature")]
pub(crate) fn encode_files(
    py: Python<'_>,
    tokenizer: &Bound<'_, Tokenizer>,
    inputs: Vec<PathBuf>,
    output: PathBuf,
    options: Reading,
    metadata: BTreeMap<String, String>,
    loss_spans_field: Option<String>,
    work: PathBuf,
    shard_bytes: u64,
    threads: usize,
    progress: &Bound<'_, Progress>,
) -> PyResult<String> {
    let tokenizer = tokenizer.get().inner();
    let progress = progress.get().counters.clone();
    enter(py, move |cancel| {
        let target = StoreTarget {
            folder: &output,
            metadata,
            loss_spans_field: loss_spans_field.as_deref(),
            shard_bytes,
            work: Some(&work),
        };
        let read = options.options(u64::MAX)?;
        let store = encode(&tokenizer, &inputs, &read, &target, threads, cancel, &progress)?;
        let files = store.shards.iter().map(|shard| {
            let path = shard.file.path.strip_prefix(&output).unwrap_or(&shard.file.path);
            json!({
                "path": path,
                "rows": shard.rows,
                "bytes": shard.file.bytes,
                "sha256": shard.file.sha256,
            })
        });
        let tallies = store.tallies.iter().map(|((source, lang), tally)| {
            json!({
                "source": source,
                "lang": lang,
                "documents": tally.documents,
                "text_bytes": tally.text_bytes,
                "tokens": tally.tokens,
                "loss_tokens": tally.loss_tokens,
            })
        });
        let facts = json!({
            "files": files.collect::<Vec<_>>(),
            "tallies": tallies.collect::<Vec<_>>(),
            "inputs": inputs_of(&store.files),
            "events": events_of(&store.events),
            "losses": Losses::of(&store.files, &store.events).json(),
            "notes": store.notes,
            "units": store.units,
            "units_reused": store.units_reused,
        });
        Ok(facts.to_string())
    })
}

fn inputs_of(files: &[InputFile]) -> Vec<Value> {
    // Times as strings: as numbers they are too large for some JSON readers.
    let inputs = files.iter().map(|file| {
        json!({
            "root": file.root,
            "relative": file.relative,
            "bytes": file.bytes,
            "modified_ns": file.modified_ns.to_string(),
        })
    });
    inputs.collect()
}

fn events_of(events: &[QuarantineEvent]) -> Value {
    json!(events)
}
