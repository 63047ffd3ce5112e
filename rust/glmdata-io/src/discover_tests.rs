use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;
use crate::input::Compression;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn found(folder: &tempfile::TempDir, inputs: &[&str]) -> Discovered {
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.path().join(input)).collect();
    discover(&inputs).unwrap()
}

fn names(found: &Discovered) -> Vec<String> {
    found.files.iter().map(|file| format!("{}:{}", file.root, file.relative)).collect()
}

fn kinds(found: &Discovered) -> Vec<(&str, Reason)> {
    found.events.iter().map(|event| (event.relative.as_str(), event.kind)).collect()
}

#[test]
fn a_folder_is_walked_in_order() {
    let folder = tree(&[
        ("crawl/b.jsonl", "{}"),
        ("crawl/a/z.txt", "z"),
        ("crawl/a.jsonl.gz", "x"),
        ("crawl/a/empty.jsonl", ""),
        ("crawl/read.me", "x"),
        ("crawl/.hidden.jsonl", "x"),
        ("crawl/.git/x.jsonl", "x"),
        ("crawl/_SUCCESS", ""),
        ("crawl/x.jsonl/part-0.jsonl", "{}"),
    ]);
    let found = found(&folder, &["crawl"]);
    assert_eq!(
        names(&found),
        ["crawl:a.jsonl.gz", "crawl:a/z.txt", "crawl:b.jsonl", "crawl:x.jsonl/part-0.jsonl"]
    );
    assert_eq!(found.files[0].compression, Compression::Gzip);
    assert_eq!(found.files[1].format, Format::Text);
    assert_eq!((found.files[1].bytes, found.files[1].modified_ns > 0), (1, true));
    assert_eq!(kinds(&found), []);
    let notes = [
        "crawl/.git: hidden or named _*, passed over",
        "crawl/.hidden.jsonl: hidden or named _*, passed over",
        "crawl/_SUCCESS: hidden or named _*, passed over",
        "crawl/a/empty.jsonl: empty, nothing to read",
        "crawl/read.me: no reader for this ending, passed over",
        "crawl/x.jsonl: a folder, not a file; what lies in it is read",
    ];
    assert_eq!(found.notes, notes);
}

#[test]
fn ways_to_name_the_same_files() {
    let folder =
        tree(&[("crawl/a.jsonl", "{}"), ("crawl/zh/b.jsonl", "{}"), ("crawl/zh/c.txt", "c")]);
    let all = ["crawl:a.jsonl", "crawl:zh/b.jsonl", "crawl:zh/c.txt"];
    let cases: &[(&[&str], &[&str])] = &[
        (&["crawl"], &all),
        (&["crawl/"], &all),
        (&["crawl/*"], &all),
        (&["crawl/**"], &all),
        (&["crawl/**/*.jsonl"], &all[..2]),
        (&["crawl/*.jsonl"], &all[..1]),
        (&["crawl/z?/*.{txt,jsonl}"], &all[1..]),
        (&["crawl/a.jsonl"], &all[..1]),
        (&["crawl", "crawl/a.jsonl", "crawl/*.jsonl", "crawl/../crawl"], &all),
        (&["crawl/zh/b.jsonl"], &["zh:b.jsonl"]),
    ];
    for (inputs, expected) in cases {
        let found = found(&folder, inputs);
        assert_eq!(names(&found), *expected, "{inputs:?}");
        assert_eq!(kinds(&found), [], "{inputs:?}");
    }
}

#[test]
fn order_of_inputs_does_not_matter() {
    let folder =
        tree(&[("a/data/x.jsonl", "{}"), ("b/data/x.jsonl", "{}"), ("b/data/sub/y.jsonl", "{}")]);
    let one = found(&folder, &["a/data", "b/data", "b/data/sub"]);
    let other = found(&folder, &["b/data/sub", "b/data", "a/data"]);
    assert_eq!(names(&one), names(&other));
    assert_eq!(names(&one), ["data#2:sub/y.jsonl", "data:x.jsonl", "data#2:x.jsonl"]);
    assert_eq!(one.notes, other.notes);
}

#[test]
fn links_are_never_followed_out_or_twice() {
    let folder =
        tree(&[("crawl/real/a.jsonl", "{}"), ("outside.jsonl", "{}"), ("crawl/blobs/b0", "{}")]);
    let crawl = folder.path().join("crawl");
    let link = |target: &str, name: &str| symlink(target, crawl.join(name)).unwrap();
    link("nowhere.jsonl", "dangling.jsonl");
    link("../outside.jsonl", "out.jsonl");
    link("/", "root");
    link("self.jsonl", "self.jsonl");
    link("..", "real/up");
    link(".", "here");
    link("real", "again");
    link("real/a.jsonl", "a2.jsonl");
    link("blobs/b0", "blob.jsonl");
    let _socket = UnixListener::bind(crawl.join("s.jsonl")).unwrap();
    let found = found(&folder, &["crawl"]);
    // A link to a file keeps that file once, under its own name if that has a reader.
    assert_eq!(names(&found), ["crawl:blob.jsonl", "crawl:real/a.jsonl"]);
    assert_eq!(
        kinds(&found),
        [
            ("dangling.jsonl", Reason::DanglingLink),
            ("here", Reason::LinkLoop),
            ("out.jsonl", Reason::LinkOutsideRoot),
            ("real/up", Reason::LinkLoop),
            ("root", Reason::LinkOutsideRoot),
            ("s.jsonl", Reason::SpecialFile),
            ("self.jsonl", Reason::LinkLoop),
        ]
    );
    assert!(found.notes.iter().any(|note| note.starts_with("crawl/again: a link to a folder")));
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("crawl/a2.jsonl: the same file as crawl/real/a.jsonl"))
    );
}

#[test]
fn what_the_user_names_is_followed() {
    let folder = tree(&[("data/a.jsonl", "{}"), ("data/_b.jsonl", "{}")]);
    symlink("data", folder.path().join("link")).unwrap();
    symlink("data/a.jsonl", folder.path().join("c.jsonl")).unwrap();
    assert_eq!(names(&found(&folder, &["link"])), ["link:a.jsonl"]);
    assert_eq!(names(&found(&folder, &["data/_b.jsonl"])), ["data:_b.jsonl"]);
    let single = found(&folder, &["c.jsonl"]);
    assert_eq!(single.files[0].relative, "c.jsonl");
}

#[test]
fn what_does_not_exist_is_an_error() {
    let folder = tree(&[("data/a.jsonl", "{}")]);
    for (input, reason) in [
        ("data/b.jsonl", "does not exist"),
        ("nothing", "does not exist"),
        ("data/*.parquet", "no file matches this pattern"),
        ("nowhere/*.jsonl", "does not exist"),
        ("data/[.jsonl", "not a valid pattern"),
    ] {
        let path = folder.path().join(input);
        let error = discover(std::slice::from_ref(&path)).unwrap_err();
        assert!(
            matches!(&error, Error::Input { path: named, reason: found } if *named == path && found.contains(reason)),
            "{error}"
        );
    }
}

#[test]
fn names_that_are_not_utf8_are_kept_apart() {
    let folder = tree(&[]);
    for name in [&b"a\xff.jsonl"[..], b"a\xfe.jsonl", "a中.jsonl".as_bytes()] {
        fs::write(folder.path().join(OsStr::from_bytes(name)), "{}").unwrap();
    }
    let found = found(&folder, &[""]);
    let relative: Vec<_> = found.files.iter().map(|file| file.relative.as_str()).collect();
    assert_eq!(relative, [r"a\xfe.jsonl", r"a\xff.jsonl", "a中.jsonl"]);
}
