//! Options that met nothing in this crawl, told in the notes of the report.

use glmdata_io::{Field, FieldUse, OutputFormat};
use glmdata_text::Shingling;

use crate::candidates::Buckets;
use crate::corpus::Corpus;
use crate::options::{Keep, Options, Scope};

/// Where dates are looked for if nobody says another field.
const USUAL_DATES: &str = "date,timestamp,published";

/// A note for every option of `options` that could not act, or not on all documents.
pub(crate) fn unused(
    fields: &FieldUse,
    corpus: &Corpus<'_>,
    buckets: Buckets,
    options: &Options,
) -> Vec<String> {
    let mut notes = fields.notes(&options.read);
    let (table, new) = (&corpus.table, corpus.new_documents());
    let known = table.sources.all();
    for source in options.source_priority.iter().filter(|source| !known.contains(source)) {
        let why = "no document has this source";
        notes.push(format!("--source-priority {source} has no effect: {why}"));
    }
    let url_field = options.read.url_field.shown();
    let needs_url = [("--url-dedup", options.url_dedup), ("--templates", options.templates)];
    for (option, _) in needs_url.iter().filter(|(_, given)| *given && fields.url == 0) {
        notes.push(format!("{option} has no effect: no document has the field `{url_field}`"));
    }
    notes.extend(unused_date(table.dates(new), options));
    if !options.write_documents && options.format != OutputFormat::Arrow {
        notes.push("--format has no effect: with --write decisions no text is written".to_owned());
    }
    if options.scope == Scope::Lang {
        let bare = (0..new as usize).filter(|&i| table.lang_of(i).is_empty()).count();
        if bare > 0 {
            let what = "documents have no language and are compared with each other";
            notes.push(format!("--scope lang: {bare} of {new} {what}"));
        }
    }
    if options.script_fold && options.shingling == Shingling::Code {
        notes
            .push("--script-fold has no effect with --shingle code: code is not folded".to_owned());
    }
    if options.containment.is_some() && options.components {
        notes.push("--containment has no effect with --cluster components".to_owned());
    } else if options.containment.is_some() && buckets.dense > 0 {
        let what = "families of near copies whose members are not removed by --containment";
        notes.push(format!("{} dense buckets: {what}", buckets.dense));
    }
    notes
}

/// A note on a date that nothing was chosen by. A field that nobody named is none.
fn unused_date((dates, unread): (usize, usize), options: &Options) -> Option<String> {
    let field = options.date_field.shown();
    let named =
        Field::parse("date-field", USUAL_DATES).is_ok_and(|usual| options.date_field != usual);
    let why = if options.keep != Keep::Longest {
        named.then(|| "only --keep longest looks at dates".to_owned())
    } else if dates == 0 && unread > 0 {
        Some(format!("none of {unread} documents with the field `{field}` has a date in it"))
    } else {
        (dates == 0 && named).then(|| format!("no document has the field `{field}`"))
    };
    Some(format!("--date-field has no effect: {}", why?))
}
