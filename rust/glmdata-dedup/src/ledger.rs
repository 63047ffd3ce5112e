//! The ledger: every compared pair of J >= 0.5, with what was measured. Decisions are a function of
//! the ledger, the table and the options, so other thresholds need no text.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};

/// Pairs of a lower similarity are counted and forgotten.
pub(crate) const LEDGER_FLOOR: f64 = 0.5;

/// How two similar documents relate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Nothing that bears content differs.
    Same,
    /// What differs bears content; the text says what it is.
    Variant(String),
    /// Neither at the run's threshold nor contained: not looked at closer.
    Related,
}

/// A compared pair, `a` before `b` in canonical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// Distinct shingles of `a`, of `b`, and of both.
    pub(crate) shingles_a: u32,
    pub(crate) shingles_b: u32,
    pub(crate) shared: u32,
    pub(crate) relation: Relation,
    /// What the smaller text opens with stands in the larger one too; false where nobody looked.
    pub(crate) same_opening: bool,
    /// Bytes of boilerplate that `a` has and `b` does not, and the other way round.
    pub(crate) extra_a: u32,
    pub(crate) extra_b: u32,
    /// Compared since both resemble a document that was removed: depends on the keep policy.
    pub(crate) followed: bool,
}

impl Pair {
    /// |A ∩ B| / |A ∪ B|.
    pub(crate) fn jaccard(&self) -> f64 {
        let union = self.shingles_a + self.shingles_b - self.shared;
        f64::from(self.shared) / f64::from(union.max(1))
    }

    /// |A ∩ B| / min(|A|, |B|).
    pub(crate) fn containment(&self) -> f64 {
        self.share_of(self.shingles_a.min(self.shingles_b))
    }

    /// |A ∩ B| / |X|, where X is the one of so many shingles.
    pub(crate) fn share_of(&self, shingles: u32) -> f64 {
        f64::from(self.shared) / f64::from(shingles.max(1))
    }
}

/// Schema of `pairs.arrow`.
pub(crate) fn ledger_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Arc::new(Schema::new(vec![
        field("doc_a", DataType::FixedSizeBinary(16)),
        field("doc_b", DataType::FixedSizeBinary(16)),
        field("id_a", DataType::Utf8),
        field("id_b", DataType::Utf8),
        field("shingles_a", DataType::UInt32),
        field("shingles_b", DataType::UInt32),
        field("shared", DataType::UInt32),
        field("jaccard", DataType::Float64),
        field("containment", DataType::Float64),
        field("relation", DataType::Utf8),
        Field::new("difference", DataType::Utf8, true),
        field("same_opening", DataType::Boolean),
        field("extra_a", DataType::UInt32),
        field("extra_b", DataType::UInt32),
        field("followed", DataType::Boolean),
        field("position_a", DataType::UInt64),
        field("position_b", DataType::UInt64),
    ]))
}

/// Pairs as a batch; `key` and `id` name documents for other readers.
pub(crate) fn ledger_batch(
    pairs: &[Pair],
    key: &dyn Fn(u32) -> [u8; 16],
    id: &dyn Fn(u32) -> String,
) -> Result<RecordBatch> {
    let keys = |of: &dyn Fn(&Pair) -> u32| -> Result<ArrayRef> {
        let mut builder = FixedSizeBinaryBuilder::with_capacity(pairs.len(), 16);
        for pair in pairs {
            builder.append_value(key(of(pair))).map_err(Error::internal)?;
        }
        Ok(Arc::new(builder.finish()))
    };
    let ids = |of: &dyn Fn(&Pair) -> u32| -> ArrayRef {
        let mut builder = StringBuilder::new();
        for pair in pairs {
            builder.append_value(id(of(pair)));
        }
        Arc::new(builder.finish())
    };
    let small = |of: fn(&Pair) -> u32| -> ArrayRef {
        Arc::new(pairs.iter().map(of).collect::<UInt32Array>())
    };
    let share = |of: fn(&Pair) -> f64| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| Some(of(pair))).collect::<Float64Array>())
    };
    let position = |of: fn(&Pair) -> u32| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| u64::from(of(pair))).collect::<UInt64Array>())
    };
    let flag = |of: fn(&Pair) -> bool| -> ArrayRef {
        Arc::new(pairs.iter().map(|pair| Some(of(pair))).collect::<BooleanArray>())
    };
    let (mut relation, mut difference) = (StringBuilder::new(), StringBuilder::new());
    for pair in pairs {
        let (name, what) = match &pair.relation {
            Relation::Same => ("same", None),
            Relation::Variant(what) => ("variant", Some(what)),
            Relation::Related => ("related", None),
        };
        relation.append_value(name);
        difference.append_option(what);
    }
    let columns = vec![
        keys(&|pair| pair.a)?,
        keys(&|pair| pair.b)?,
        ids(&|pair| pair.a),
        ids(&|pair| pair.b),
        small(|pair| pair.shingles_a),
        small(|pair| pair.shingles_b),
        small(|pair| pair.shared),
        share(Pair::jaccard),
        share(Pair::containment),
        Arc::new(relation.finish()),
        Arc::new(difference.finish()),
        flag(|pair| pair.same_opening),
        small(|pair| pair.extra_a),
        small(|pair| pair.extra_b),
        flag(|pair| pair.followed),
        position(|pair| pair.a),
        position(|pair| pair.b),
    ];
    RecordBatch::try_new(ledger_schema(), columns).map_err(Error::internal)
}

/// The pairs of a batch written by [`ledger_batch`]; `None` if the schema is another.
pub(crate) fn pairs_of_batch(batch: &RecordBatch) -> Option<Vec<Pair>> {
    if batch.schema().fields() != ledger_schema().fields() {
        return None;
    }
    let small = |name: &str| batch[name].as_primitive::<UInt32Type>().values();
    let position = |name: &str| batch[name].as_primitive::<UInt64Type>().values();
    let (shingles_a, shingles_b, shared) =
        (small("shingles_a"), small("shingles_b"), small("shared"));
    let (extra_a, extra_b) = (small("extra_a"), small("extra_b"));
    let (a, b) = (position("position_a"), position("position_b"));
    let relation = batch["relation"].as_string::<i32>();
    let difference = batch["difference"].as_string::<i32>();
    let [same_opening, followed] =
        ["same_opening", "followed"].map(|name| batch[name].as_boolean());
    let pairs = (0..batch.num_rows()).map(|i| Pair {
        a: a[i] as u32,
        b: b[i] as u32,
        shingles_a: shingles_a[i],
        shingles_b: shingles_b[i],
        shared: shared[i],
        relation: match relation.value(i) {
            "same" => Relation::Same,
            "variant" => Relation::Variant(difference.value(i).to_owned()),
            _ => Relation::Related,
        },
        same_opening: same_opening.value(i),
        extra_a: extra_a[i],
        extra_b: extra_b[i],
        followed: followed.value(i),
    });
    Some(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_gives_its_pairs_back() {
        let pair = |a, relation| Pair {
            a,
            b: 9,
            shingles_a: 10,
            shingles_b: 20,
            shared: 9,
            relation,
            same_opening: a == 1,
            extra_a: a,
            extra_b: 7,
            followed: a == 2,
        };
        let pairs = vec![
            pair(1, Relation::Same),
            pair(2, Relation::Variant("title: I / II".to_owned())),
            pair(3, Relation::Related),
        ];
        let batch = ledger_batch(&pairs, &|_| [7; 16], &|i| i.to_string()).unwrap();
        assert_eq!(pairs_of_batch(&batch).unwrap(), pairs);
        assert!((pairs[0].jaccard() - 9.0 / 21.0).abs() < 1e-12);
        assert!((pairs[0].containment() - 0.9).abs() < 1e-12);
    }
}
