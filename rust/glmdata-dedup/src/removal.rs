//! Why a document was removed, and for which one.

use crate::options::Options;

/// By which rule a document was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Equal address.
    Url,
    /// Equal text.
    ExactRaw,
    /// Equal normal form.
    ExactNormalised,
    /// Jaccard similarity of shingles at or above the threshold.
    Fuzzy,
    /// Mostly contained in a longer document.
    Contained,
    /// Nothing but lines that many documents have.
    Line,
    /// Nothing but paragraphs that many documents have.
    Paragraph,
    /// Next to nothing but passages that stand elsewhere too.
    Substring,
    /// Nothing but what the template of its site prints.
    Template,
}

impl Rule {
    /// The rules that can remove a document under `options`.
    pub(crate) fn in_force(options: &Options) -> Vec<Self> {
        let mut rules = vec![Self::ExactRaw, Self::ExactNormalised, Self::Fuzzy, Self::Contained];
        rules.extend(options.url_dedup.then_some(Self::Url));
        rules.extend(options.line_dedup.map(|_| Self::Line));
        rules.extend(options.paragraph_dedup.map(|_| Self::Paragraph));
        rules.extend(options.substring_dedup.map(|_| Self::Substring));
        rules.extend(options.templates.then_some(Self::Template));
        rules
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::ExactRaw => "exact-raw",
            Self::ExactNormalised => "exact-normalised",
            Self::Fuzzy => "fuzzy",
            Self::Contained => "contained",
            Self::Line => "line",
            Self::Paragraph => "paragraph",
            Self::Substring => "substring",
            Self::Template => "template",
        }
    }
}

/// Why a document was removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Removal {
    pub(crate) rule: Rule,
    /// The document that is kept in its place; `None` where all its passages stay in others, by the
    /// rules `line`, `paragraph`, `substring` and `template`.
    pub(crate) kept: Option<u32>,
    /// The document that `rule` is about, where that one went for `kept` itself.
    pub(crate) via: Option<Via>,
    /// Jaccard similarity and containment with `kept`; `None` where the texts were not compared: by
    /// rule `url`, and where `--cluster components` removed the end of a chain.
    pub(crate) measured: Option<(f64, f64)>,
}

/// A link of a chain: an equal document that was removed as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    pub(crate) document: u32,
    /// Why that one was removed.
    pub(crate) rule: Rule,
}
