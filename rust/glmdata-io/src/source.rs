//! Where a document comes from: `--source-rule` patterns, else the source field, else the first
//! folder below the input root, else the label of the root.

use glmdata_base::{Error, Result};
use globset::{GlobBuilder, GlobMatcher};

use crate::input::InputFile;

/// `pattern=source`: documents whose file or host matches `pattern` come from `source`.
///
/// The pattern is a glob, matched against `root/relative/path` (where `*` stays within a folder
/// and `**` crosses them) and against the host of the document's URL.
#[derive(Clone, Debug)]
pub struct SourceRule {
    matcher: GlobMatcher,
    source: String,
}

impl SourceRule {
    /// Parse `pattern=source`; the last `=` divides.
    pub fn parse(rule: &str) -> Result<Self> {
        let expected = "PATTERN=SOURCE, e.g. **/wiki/**=wiki or *.gov.cn=gov";
        let wrong = || Error::config("source-rule", expected, rule);
        let (pattern, source) = rule.rsplit_once('=').ok_or_else(wrong)?;
        if pattern.is_empty() || source.is_empty() {
            return Err(wrong());
        }
        let glob = GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .map_err(|e| Error::config("source-rule", expected, e))?;
        Ok(Self { matcher: glob.compile_matcher(), source: source.to_owned() })
    }

    /// As the user wrote it.
    pub(crate) fn shown(&self) -> String {
        format!("{}={}", self.matcher.glob(), self.source)
    }
}

/// The rules as they stand for one file, with the last host remembered.
pub(crate) struct SourceResolver<'a> {
    rules: &'a [SourceRule],
    /// The first rule that matches the path; only those before it look at hosts.
    by_path: Option<usize>,
    /// First folder below the root, else the root label.
    fallback: &'a str,
    last_host: String,
    last_rule: Option<usize>,
    /// Documents by rule.
    pub(crate) used: Vec<u64>,
}

impl<'a> SourceResolver<'a> {
    pub(crate) fn new(file: &'a InputFile, rules: &'a [SourceRule]) -> Self {
        let path = format!("{}/{}", file.root, file.relative);
        let first = rules.iter().position(|rule| rule.matcher.is_match(&path));
        Self {
            rules,
            by_path: first,
            fallback: match file.relative.split_once('/') {
                Some((folder, _)) => folder,
                None => &file.root,
            },
            last_host: String::new(),
            last_rule: None,
            used: vec![0; rules.len()],
        }
    }

    /// The source of a record with this source field and URL.
    pub(crate) fn resolve<'b>(&mut self, field: Option<&'b str>, url: Option<&str>) -> &'b str
    where
        'a: 'b,
    {
        let host_rules = &self.rules[..self.by_path.unwrap_or(self.rules.len())];
        let by_host = if host_rules.is_empty() { None } else { self.by_host(host_rules, url) };
        if let Some(rule) = by_host.or(self.by_path) {
            self.used[rule] += 1;
            return &self.rules[rule].source;
        }
        field.filter(|source| !source.is_empty()).unwrap_or(self.fallback)
    }

    fn by_host(&mut self, rules: &[SourceRule], url: Option<&str>) -> Option<usize> {
        let host = host_of(url?)?;
        if host != self.last_host {
            host.clone_into(&mut self.last_host);
            let lower = host.to_ascii_lowercase();
            self.last_rule = rules.iter().position(|rule| rule.matcher.is_match(&lower));
        }
        self.last_rule
    }
}

/// The host of a URL with a scheme; without user, port and brackets.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("//")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') {
        host
    } else {
        host.rsplit_once(':').map_or(host, |(host, _)| host)
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::input::{Compression, Format};

    fn file(relative: &str) -> InputFile {
        InputFile {
            root: "crawl".into(),
            relative: relative.into(),
            path: PathBuf::new(),
            format: Format::Jsonl,
            compression: Compression::None,
            bytes: 0,
            modified_ns: 0,
            vouched: None,
        }
    }

    #[test]
    fn rule_then_field_then_folder_then_root() {
        let rules: Vec<_> = ["*.gov.cn=gov", "crawl/wiki/**=wiki", "*=any"]
            .iter()
            .map(|rule| SourceRule::parse(rule).unwrap())
            .collect();
        let gov = Some("https://me@www.GOV.cn:80/x?u=//y");
        let other = Some("http://example.org/");
        let cases = [
            (&rules[..2], "wiki/a/b.jsonl", Some("f"), gov, "gov"),
            (&rules[..2], "wiki/a/b.jsonl", Some("f"), other, "wiki"),
            (&rules[..2], "news/b.jsonl", Some("f"), other, "f"),
            (&rules[..2], "news/b.jsonl", Some(""), None, "news"),
            (&rules[..2], "b.jsonl", None, None, "crawl"),
            (&rules[..], "b.jsonl", None, other, "any"),
            (&rules[..], "wiki/b.jsonl", None, other, "wiki"),
            (&rules[..0], "b.jsonl", Some("f"), gov, "f"),
        ];
        for (rules, relative, field, url, expected) in cases {
            let file = file(relative);
            let mut resolver = SourceResolver::new(&file, rules);
            assert_eq!(resolver.resolve(field, url), expected, "{relative} {url:?}");
            assert_eq!(resolver.resolve(field, url), expected, "the same host a second time");
        }
    }

    #[test]
    fn a_rule_without_both_sides_is_refused() {
        for rule in ["wiki", "=wiki", "wiki=", "[=x"] {
            let error = SourceRule::parse(rule).unwrap_err().to_string();
            assert!(error.starts_with("source-rule: expected PATTERN=SOURCE"), "{error}");
        }
    }
}
