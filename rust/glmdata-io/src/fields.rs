//! Which fields the documents had: an option that names a field no document has is told.

use serde::{Deserialize, Serialize};

use crate::options::{Field, ReadOptions};

/// Documents in which each field had a value, and how many got their source by each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldUse {
    /// Documents with an id.
    pub id: u64,
    /// Documents with a source of their own.
    pub source: u64,
    /// Documents with a language.
    pub lang: u64,
    /// Documents with an address.
    pub url: u64,
    /// Documents by source rule, in the order of the rules.
    pub source_rules: Vec<u64>,
}

impl FieldUse {
    /// The sum over `parts`, such as the units of a run.
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for part in parts {
            sum.id += part.id;
            sum.source += part.source;
            sum.lang += part.lang;
            sum.url += part.url;
            sum.source_rules.resize(sum.source_rules.len().max(part.source_rules.len()), 0);
            sum.source_rules.iter_mut().zip(&part.source_rules).for_each(|(all, own)| *all += own);
        }
        sum
    }

    /// A note for every option of `options` that met no document. A field that nobody named is none.
    pub fn notes(&self, options: &ReadOptions) -> Vec<String> {
        let usual = ReadOptions::default();
        let asked = [
            ("id-field", self.id, &options.id_field, &usual.id_field),
            ("source-field", self.source, &options.source_field, &usual.source_field),
            ("lang-field", self.lang, &options.lang_field, &usual.lang_field),
            ("url-field", self.url, &options.url_field, &usual.url_field),
        ];
        let of_field = |(option, count, field, usual): (&str, u64, &Field, &Field)| {
            let unused = count == 0 && field != usual && !field.names().is_empty();
            unused.then(|| {
                format!(
                    "--{option} has no effect: no document has text in the field `{}`",
                    field.shown()
                )
            })
        };
        let mut notes: Vec<String> = asked.into_iter().filter_map(of_field).collect();
        for (at, rule) in options.source_rules.iter().enumerate() {
            if self.source_rules.get(at).is_none_or(|count| *count == 0) {
                let why = "no document has its source by this rule";
                notes.push(format!("--source-rule {} has no effect: {why}", rule.shown()));
            }
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceRule;

    #[test]
    fn what_met_no_document_is_told() {
        let options = ReadOptions {
            id_field: Field::named("key"),
            url_field: Field::named("link"),
            source_rules: vec![
                SourceRule::parse("*.gov=gov").unwrap(),
                SourceRule::parse("**/wiki/**=wiki").unwrap(),
            ],
            ..ReadOptions::default()
        };
        let parts = [
            FieldUse { url: 2, source_rules: vec![0, 1], ..FieldUse::default() },
            FieldUse { lang: 1, url: 1, ..FieldUse::default() },
        ];
        let sum = FieldUse::sum(&parts);
        assert_eq!((sum.url, sum.lang, sum.source_rules.as_slice()), (3, 1, &[0, 1][..]));
        assert_eq!(
            sum.notes(&options),
            [
                "--id-field has no effect: no document has text in the field `key`",
                "--source-rule *.gov=gov has no effect: no document has its source by this rule",
            ]
        );
        assert_eq!(FieldUse::default().notes(&ReadOptions::default()), Vec::<String>::new());
    }
}
