//! The decisions as files: one row a document in `decisions/`, one a removal in `removed/`, one a
//! cluster in `clusters.arrow`, one a measured pair in `pairs.arrow`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, LargeStringArray, RecordBatch, UInt32Array, UInt64Array,
    new_null_array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{
    OutputFormat, ShardFile, ShardWriter, decision_schema, encode_batch, removed_schema,
    write_arrow,
};

use crate::corpus::Corpus;
use crate::decide::Decisions;
use crate::exact::ExactStage;
use crate::kept::{id_column, key_column, origin_column};
use crate::ledger::{Pair, ledger_batch, ledger_schema};
use crate::options::{Keep, Options};
use crate::removal::{Removal, Rule};
use crate::table::table_schema;
use crate::texts::Texts;

/// Rows of one batch of these files.
const ROWS: usize = 1 << 16;

/// Rows after which `decisions/` starts another file.
const DECISIONS_A_FILE: usize = 1 << 24;

fn required(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

fn doc_field(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::FixedSizeBinary(16), nullable)
}

fn cluster_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        doc_field("cluster_id", false),
        required("id", DataType::Utf8),
        required("documents", DataType::UInt64),
        required("kept", DataType::UInt64),
    ]))
}

/// Writes the outcome of a run.
pub(crate) struct Outcome<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) decisions: &'a Decisions,
    pub(crate) options: &'a Options,
}

impl Outcome<'_> {
    /// Keep, or the rule, value and threshold of every document, in input order.
    pub(crate) fn write_decisions(&self, folder: &Path) -> Result<Vec<ShardFile>> {
        let all: Vec<u32> = (0..self.corpus.new_documents()).collect();
        let mut files = Vec::new();
        let clusters = self.clusters_of_several();
        // An empty corpus has an empty file all the same.
        let parts = split(&all, DECISIONS_A_FILE).chain(all.is_empty().then_some(&all[..]));
        for (number, documents) in parts.enumerate() {
            let target = folder.join(format!("decisions/part-{number:06}.arrow"));
            let batches = split(documents, ROWS).map(|rows| self.decision_batch(rows, &clusters));
            files.push(write_arrow(&target, &decision_schema(), batches)?);
        }
        Ok(files)
    }

    fn decision_batch(
        &self,
        documents: &[u32],
        clusters: &HashMap<u32, (u64, u64)>,
    ) -> Result<RecordBatch> {
        let removals = || documents.iter().map(|&i| self.decisions.removal[i as usize]);
        let number = |of: &dyn Fn(u32, Removal) -> Option<f64>| self.numbers(documents, of);
        let columns = vec![
            key_column(self.corpus, documents)?,
            Arc::new(removals().map(|r| Some(r.is_none())).collect::<BooleanArray>()),
            self.rules(documents),
            number(&|i, r| Some(self.value(i, r)?.0)),
            number(&|i, r| Some(self.value(i, r)?.1)),
            self.optional_keys(removals().map(|r| r?.kept))?,
            self.optional_keys(documents.iter().map(|&i| {
                let cluster = self.decisions.cluster[i as usize];
                clusters.contains_key(&cluster).then_some(cluster)
            }))?,
        ];
        RecordBatch::try_new(decision_schema(), columns).map_err(Error::internal)
    }

    /// What the rule measured, and from where on it removes.
    fn value(&self, document: u32, removal: Removal) -> Option<(f64, f64)> {
        let (jaccard, containment) = removal.measured?;
        // Of a chain, the last link is what tells a copy from the document that stays.
        match removal.via.map_or(removal.rule, |via| via.rule) {
            Rule::Url | Rule::Line | Rule::Paragraph | Rule::Substring | Rule::Template => None,
            Rule::ExactRaw | Rule::ExactNormalised => Some((1.0, 1.0)),
            Rule::Fuzzy => Some((jaccard, self.options.threshold)),
            Rule::Contained => {
                let shingles = self.corpus.table.shingles[document as usize];
                Some((containment, self.options.contained_from(shingles)?))
            }
        }
    }

    /// A number of every removal; null for kept documents.
    fn numbers(&self, documents: &[u32], of: &dyn Fn(u32, Removal) -> Option<f64>) -> ArrayRef {
        let removals = documents.iter().map(|&i| of(i, self.decisions.removal[i as usize]?));
        Arc::new(removals.collect::<Float64Array>())
    }

    fn rules(&self, documents: &[u32]) -> ArrayRef {
        let mut rules = StringBuilder::new();
        for &i in documents {
            rules.append_option(self.decisions.removal[i as usize].map(|r| r.rule.name()));
        }
        Arc::new(rules.finish())
    }

    fn optional_keys(&self, documents: impl Iterator<Item = Option<u32>>) -> Result<ArrayRef> {
        let mut keys = FixedSizeBinaryBuilder::new(16);
        for document in documents {
            match document {
                Some(i) => keys.append_value(self.corpus.key(i)).map_err(Error::internal)?,
                None => keys.append_null(),
            }
        }
        Ok(Arc::new(keys.finish()))
    }

    /// One row a removed document; with its text if asked for.
    pub(crate) fn write_removed(&self, folder: &Path, texts: &Texts<'_>) -> Result<Vec<ShardFile>> {
        let folder = folder.join("removed");
        let removed: Vec<u32> = (0..self.corpus.new_documents())
            .filter(|&i| self.decisions.removal[i as usize].is_some())
            .collect();
        if !self.options.removed_text {
            let batches = split(&removed, ROWS).map(|rows| self.removed_batch(rows, None));
            let target = folder.join("part-000000.arrow");
            return Ok(vec![write_arrow(&target, &removed_schema(), batches)?]);
        }
        let mut shards =
            ShardWriter::new(&folder, "part", OutputFormat::Arrow, removed_schema(), u64::MAX);
        for unit in 0..self.corpus.new_units {
            let mut first = self.corpus.first_of_unit[unit];
            texts.each_batch(unit, &mut |batch| {
                let end = first + batch.num_rows() as u32;
                let rows: Vec<u32> = (first..end)
                    .filter(|&i| self.decisions.removal[i as usize].is_some())
                    .collect();
                let column = batch["text"].as_string::<i64>();
                let text: LargeStringArray =
                    rows.iter().map(|&i| Some(column.value((i - first) as usize))).collect();
                first = end;
                let batch = self.removed_batch(&rows, Some(Arc::new(text)))?;
                shards.append(encode_batch(OutputFormat::Arrow, &batch)?)
            })?;
        }
        shards.finish()
    }

    fn removed_batch(&self, documents: &[u32], text: Option<ArrayRef>) -> Result<RecordBatch> {
        let removals = || documents.iter().map(|&i| self.decisions.removal[i as usize]);
        let schema = removed_schema();
        let nulls = |name: &str| -> Result<ArrayRef> {
            let field = schema.field_with_name(name).map_err(Error::internal)?;
            Ok(new_null_array(field.data_type(), documents.len()))
        };
        let (table, rows) = (&self.corpus.table, documents.len());
        let mut stage = StringBuilder::new();
        (0..rows).for_each(|_| stage.append_value("dedup"));
        let [mut kept_ids, mut via_ids, mut sources, mut langs] =
            std::array::from_fn(|_| StringBuilder::new());
        for (&i, removal) in documents.iter().zip(removals()) {
            kept_ids.append_option(removal.and_then(|r| r.kept).map(|kept| self.corpus.id(kept)));
            via_ids.append_option(removal.and_then(|r| r.via).map(|v| self.corpus.id(v.document)));
            sources.append_value(table.source_of(i as usize));
            let lang = table.lang_of(i as usize);
            langs.append_option((!lang.is_empty()).then_some(lang));
        }
        let number = |of: &dyn Fn(u32, Removal) -> Option<f64>| self.numbers(documents, of);
        let columns = vec![
            key_column(self.corpus, documents)?,
            id_column(self.corpus, documents),
            Arc::new(stage.finish()),
            self.rules(documents),
            number(&|i, r| Some(self.value(i, r)?.0)),
            number(&|i, r| Some(self.value(i, r)?.1)),
            self.optional_keys(removals().map(|r| r?.kept))?,
            Arc::new(kept_ids.finish()),
            number(&|_, r| Some(r.measured?.0)),
            number(&|_, r| Some(r.measured?.1)),
            self.optional_keys(removals().map(|r| Some(r?.via?.document)))?,
            Arc::new(via_ids.finish()),
            self.optional_keys(
                documents.iter().map(|&i| Some(self.decisions.cluster[i as usize])),
            )?,
            nulls("spans")?,
            nulls("benchmark")?,
            Arc::new(sources.finish()),
            Arc::new(langs.finish()),
            origin_column(self.corpus, documents)?,
            text.map_or_else(|| nulls("text"), Ok)?,
        ];
        RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)
    }

    /// (documents, kept documents) of every cluster of more than one.
    pub(crate) fn clusters_of_several(&self) -> HashMap<u32, (u64, u64)> {
        let mut clusters: HashMap<u32, (u64, u64)> = HashMap::new();
        for (i, &cluster) in self.decisions.cluster.iter().enumerate() {
            let (documents, kept) = clusters.entry(cluster).or_default();
            *documents += 1;
            *kept += u64::from(self.decisions.removal[i].is_none());
        }
        clusters.retain(|_, &mut (documents, _)| documents > 1);
        clusters
    }

    /// Clusters of more than one document, in input order of the document that names them.
    pub(crate) fn write_clusters(&self, folder: &Path) -> Result<ShardFile> {
        let clusters = self.clusters_of_several();
        let mut ids: Vec<u32> = clusters.keys().copied().collect();
        ids.sort_unstable();
        let batches = split(&ids, ROWS).map(|ids| {
            let count = |of: &dyn Fn((u64, u64)) -> u64| -> ArrayRef {
                Arc::new(ids.iter().map(|id| of(clusters[id])).collect::<UInt64Array>())
            };
            let columns = vec![
                key_column(self.corpus, ids)?,
                id_column(self.corpus, ids),
                count(&|(documents, _)| documents),
                count(&|(_, kept)| kept),
            ];
            RecordBatch::try_new(cluster_schema(), columns).map_err(Error::internal)
        });
        write_arrow(&folder.join("clusters.arrow"), &cluster_schema(), batches)
    }

    /// Every measured pair of J >= 0.5, under the names of the winners of their exact groups.
    pub(crate) fn write_pairs(
        &self,
        folder: &Path,
        pairs: &[Pair],
        exact: &ExactStage,
    ) -> Result<ShardFile> {
        let winner = |i: u32| exact.winner[i as usize];
        let batches = split(pairs, ROWS).map(|pairs| {
            ledger_batch(pairs, &|i| self.corpus.key(winner(i)), &|i| self.corpus.id(winner(i)))
        });
        write_arrow(&folder.join("pairs.arrow"), &ledger_schema(), batches)
    }

    /// The table with the unit of every document, so that the ledger can be used again.
    pub(crate) fn write_table(&self, folder: &Path) -> Result<ShardFile> {
        let schema = stored_table_schema(&self.options.keep);
        let documents = self.corpus.new_documents() as usize;
        let units = self.corpus.first_of_unit.windows(2).take(self.corpus.new_units).enumerate();
        let mut units = units.flat_map(|(unit, bounds)| {
            std::iter::repeat_n(unit as u32, (bounds[1] - bounds[0]) as usize)
        });
        // One batch though there be no document.
        let starts = (0..documents.max(1)).step_by(ROWS);
        let batches = starts.map(|start| {
            let rows = start..documents.min(start + ROWS);
            let units = units.by_ref().take(rows.len()).collect::<UInt32Array>();
            let mut columns = self.corpus.table.to_batch(rows)?.columns().to_vec();
            columns.push(Arc::new(units));
            RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)
        });
        write_arrow(&folder.join("documents.arrow"), &schema, batches)
    }
}

/// What the column `keep` was filled for, as the file says it. What was "Longest" compared texts as they
/// are written.
pub(crate) fn stored_keep(keep: &Keep) -> String {
    match keep {
        Keep::Longest => "longest normal form".to_owned(),
        Keep::First | Keep::Newest(_) | Keep::Best(_) => format!("{keep:?}"),
    }
}

/// Schema of `documents.arrow`; the policy says what the column `keep` means.
fn stored_table_schema(keep: &Keep) -> SchemaRef {
    let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(required("unit", DataType::UInt32)));
    let policy = HashMap::from([("keep".to_owned(), stored_keep(keep))]);
    Arc::new(Schema::new(fields).with_metadata(policy))
}

fn split<T>(items: &[T], size: usize) -> impl Iterator<Item = &[T]> {
    items.chunks(size)
}
