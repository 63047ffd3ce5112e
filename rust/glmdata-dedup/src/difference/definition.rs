//! What a file of source code defines. Two files that are alike but for the names of what they define
//! are siblings (a class for the response and one for the request), not two versions of one file.

use std::collections::HashSet;

/// Words that may stand before what begins a definition.
const MODIFIERS: [&str; 26] = [
    "public",
    "private",
    "protected",
    "internal",
    "static",
    "final",
    "abstract",
    "sealed",
    "open",
    "data",
    "export",
    "default",
    "async",
    "pub",
    "pub(crate)",
    "pub(super)",
    "const",
    "unsafe",
    "extern",
    "virtual",
    "override",
    "inline",
    "partial",
    "readonly",
    "declare",
    "typedef",
];
/// Words that begin the definition of a type.
const TYPES: [&str; 9] =
    ["class", "interface", "struct", "enum", "trait", "union", "record", "protocol", "object"];
/// Words that begin the definition of a function.
const FUNCTIONS: [&str; 8] = ["def", "defp", "func", "fn", "fun", "function", "sub", "proc"];
/// Words before a bracket that define nothing.
const STATEMENTS: [&str; 18] = [
    "if", "for", "while", "switch", "return", "else", "new", "catch", "throw", "await", "case",
    "do", "with", "elif", "foreach", "match", "using", "try",
];
/// Of so many names one must be another: fewer are what a new version renames.
const RENAMED: usize = 3;

/// The first name that one file defines and the other does not, of both, if they are siblings.
pub(super) fn other_names(a: &str, b: &str) -> Option<(String, String)> {
    let (a, b) = (Defined::of(a), Defined::of(b));
    let apart = |(left, right): (&str, &str)| (left.to_owned(), right.to_owned());
    if let (Some(&left), Some(&right)) = (a.types.first(), b.types.first())
        && !a.types.contains(&right)
        && !b.types.contains(&left)
    {
        return Some(apart((left, right)));
    }
    let (only_a, only_b) = (a.without(&b), b.without(&a));
    let renamed = only_a.len().min(only_b.len());
    let all = a.names.len().max(b.names.len());
    (renamed > 0 && renamed * RENAMED >= all).then(|| apart((only_a[0], only_b[0])))
}

/// The names that a file defines, each once, in order.
#[derive(Debug, Default)]
struct Defined<'t> {
    types: Vec<&'t str>,
    names: Vec<&'t str>,
}

impl<'t> Defined<'t> {
    fn of(text: &'t str) -> Self {
        let (mut found, mut seen) = (Self::default(), HashSet::new());
        for line in text.lines() {
            let Some((name, is_type)) = definition(line.trim()) else { continue };
            if seen.insert(name) {
                found.names.push(name);
                if is_type {
                    found.types.push(name);
                }
            }
        }
        found
    }

    fn without(&self, other: &Self) -> Vec<&'t str> {
        let others: HashSet<&str> = other.names.iter().copied().collect();
        self.names.iter().copied().filter(|name| !others.contains(name)).collect()
    }
}

/// The name that a line begins to define, and whether it is that of a type.
fn definition(line: &str) -> Option<(&str, bool)> {
    let mut rest = line;
    while let Some((word, behind)) = rest.split_once(' ')
        && MODIFIERS.contains(&word)
    {
        rest = behind.trim_start();
    }
    if let Some((word, behind)) = rest.split_once(' ') {
        let behind = behind.trim_start();
        if TYPES.contains(&word) {
            return named(behind).map(|name| (name, true));
        }
        if FUNCTIONS.contains(&word) {
            // The receiver of a method in Go.
            let behind = match behind.strip_prefix('(') {
                Some(receiver) => receiver.split_once(')')?.1.trim_start(),
                None => behind,
            };
            return named(behind).map(|name| (name, false));
        }
    }
    said(rest).or_else(|| assigned(rest)).or_else(|| with_type(rest)).map(|name| (name, false))
}

/// The name of a test: `describe('name', ...`.
fn said(line: &str) -> Option<&str> {
    let inside = line.strip_prefix("describe(")?;
    let quote = inside.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    inside[1..].split_once(quote).map(|(name, _)| name)
}

/// `module.name = function (`, `name = (x) => {`.
fn assigned(line: &str) -> Option<&str> {
    let (left, right) = line.split_once(" = ")?;
    let function = right.starts_with("function") || right.contains("=> {");
    let name = left.rsplit([' ', '.']).next()?;
    (function && named(name) == Some(name)).then_some(name)
}

/// `int name(int x) {`
fn with_type(line: &str) -> Option<&str> {
    let (head, _) = line.strip_suffix('{')?.split_once('(')?;
    let (before, name) = head.rsplit_once([' ', '*', '&'])?;
    let first = before.split_whitespace().next()?;
    let plain = before.chars().all(|c| c.is_alphanumeric() || "_ <>[]*&,:?.".contains(c));
    (plain && !STATEMENTS.contains(&first) && named(name) == Some(name)).then_some(name)
}

/// The identifier that a text begins with.
fn named(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let name = &text[..end];
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_many_languages() {
        let cases = [
            ("public final class FerryPlan {", Some(("FerryPlan", true))),
            ("class Ferry(Boat):", Some(("Ferry", true))),
            ("pub(crate) struct Ferry<'a> {", Some(("Ferry", true))),
            ("export default class Ferry extends Boat {", Some(("Ferry", true))),
            ("def load_ferry(path):", Some(("load_ferry", false))),
            ("async def sail(self):", Some(("sail", false))),
            ("func (f *Ferry) Sail(to string) error {", Some(("Sail", false))),
            ("pub fn sail(&self) -> bool {", Some(("sail", false))),
            ("vector<vector<int>> levelOrder(TreeNode* root) {", Some(("levelOrder", false))),
            ("public static List<String> names(Map<String, Integer> of) {", Some(("names", false))),
            ("exports.sail = function (to) {", Some(("sail", false))),
            ("const sail = async (to) => {", Some(("sail", false))),
            ("describe('.hostname', function(){", Some((".hostname", false))),
            ("if (ready) {", None),
            ("} else if (ready) {", None),
            ("for (int i = 0; i < n; i++) {", None),
            ("return sail(to);", None),
            ("ferry.sail(to);", None),
            ("x = sail(to)", None),
            ("// class of its own", None),
        ];
        for (line, expected) in cases {
            assert_eq!(definition(line), expected, "{line}");
        }
    }

    #[test]
    fn siblings_define_other_things() {
        let one = "class Solution:\n    def levels(self, root):\n        return root\n";
        let other = one.replace("levels", "levels_from_below");
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(other_names(one, &other), pair("levels", "levels_from_below"));
        let more = format!("{one}    def help(self):\n        pass\n");
        assert_eq!(other_names(one, &more), None);
        let steps: Vec<String> =
            (0..6).map(|n| format!("def step_{n}(x):\n    return x\n")).collect();
        let renamed = steps.concat();
        assert_eq!(other_names(&renamed, &renamed.replace("step_3", "third")), None);
        let class = format!("class Request:\n{renamed}");
        let sibling = class.replace("Request", "Response");
        assert_eq!(other_names(&class, &sibling), pair("Request", "Response"));
    }
}
