use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;
use crate::input::{Compression, Format};

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
    discover(&inputs, &ReadOptions::default()).unwrap()
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

fn linked_tree() -> (tempfile::TempDir, UnixListener) {
    let folder = tree(&[
        ("crawl/real/a.jsonl", "{}"),
        ("outside/b.jsonl", "{}"),
        ("outside.jsonl", "{}"),
        ("crawl/blobs/b0", "{}"),
    ]);
    let crawl = folder.path().join("crawl");
    let link = |target: &str, name: &str| symlink(target, crawl.join(name)).unwrap();
    link("nowhere.jsonl", "dangling.jsonl");
    link("../outside.jsonl", "out.jsonl");
    link("../outside", "folder");
    link("self.jsonl", "self.jsonl");
    link(".", "here");
    link("real", "again");
    link("..", "real/up");
    link("real/a.jsonl", "a2.jsonl");
    link("blobs/b0", "blob.jsonl");
    let socket = UnixListener::bind(crawl.join("s.jsonl")).unwrap();
    (folder, socket)
}

#[test]
fn links_are_followed_once_and_never_in_circles() {
    let (folder, _socket) = linked_tree();
    let found = found(&folder, &["crawl"]);
    // A link to a file keeps that file once, under its own name if that has a reader.
    assert_eq!(
        names(&found),
        ["crawl:blob.jsonl", "crawl:folder/b.jsonl", "crawl:out.jsonl", "crawl:real/a.jsonl"]
    );
    assert_eq!(
        kinds(&found),
        [
            ("dangling.jsonl", Reason::DanglingLink),
            ("s.jsonl", Reason::SpecialFile),
            ("self.jsonl", Reason::LinkLoop),
        ]
    );
    for note in [
        "crawl/again: a folder that is read already",
        "crawl/here: a folder that is read already",
        "crawl/a2.jsonl: the same file as crawl/real/a.jsonl, read once",
    ] {
        assert!(found.notes.iter().any(|own| own == note), "{note} in {:?}", found.notes);
    }
    assert!(found.notes.iter().any(|note| note.contains("read through links")));
}

#[test]
fn links_that_lead_out_stay_unread_if_asked() {
    let (folder, _socket) = linked_tree();
    let inputs = [folder.path().join("crawl")];
    let options = ReadOptions { links: Links::Inside, ..ReadOptions::default() };
    let found = discover(&inputs, &options).unwrap();
    assert_eq!(names(&found), ["crawl:blob.jsonl", "crawl:real/a.jsonl"]);
    assert_eq!(
        kinds(&found),
        [
            ("dangling.jsonl", Reason::DanglingLink),
            ("folder", Reason::LinkOutsideRoot),
            ("out.jsonl", Reason::LinkOutsideRoot),
            ("s.jsonl", Reason::SpecialFile),
            ("self.jsonl", Reason::LinkLoop),
        ]
    );
    let note = "crawl/real/up: a link to a folder, not followed (--links inside)";
    assert!(found.notes.iter().any(|own| own == note), "{:?}", found.notes);
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
        let error = discover(std::slice::from_ref(&path), &ReadOptions::default()).unwrap_err();
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

fn manifest(stage: &str, config: &str, parents: &str, files: &[&str]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|path| {
            format!(r#"{{"path":"{path}","rows":1,"bytes":2,"sha256":"{}"}}"#, "0".repeat(64))
        })
        .collect();
    format!(
        r#"{{"format_version":2,"stage":"{stage}","status":"complete","config_sha256":"{config}","parents":[{parents}],"files":[{}]}}"#,
        files.join(",")
    )
}

#[test]
fn a_stage_stands_for_its_kept_documents() {
    let files = ["data/part-000000.arrow", "removed/part-000000.arrow", "report.json"];
    let own = manifest("dedup", "a", "", &files);
    let content: Vec<_> = files.iter().map(|file| (format!("out/{file}"), "{}")).collect();
    let mut tree_of: Vec<(&str, &str)> =
        content.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    tree_of.push(("out/manifest.json", &own));
    tree_of.push(("out/run.json", "{}"));
    let child = manifest("filter", "b", r#"{"stage":"dedup","config_sha256":"a"}"#, &files[..1]);
    tree_of.push(("child/manifest.json", &child));
    tree_of.push(("child/data/part-000000.arrow", "{}"));
    let tokens = manifest("shard", "c", "", &["data/part-000000.arrow"]);
    tree_of.push(("tokens/manifest.json", &tokens));
    tree_of.push(("begun/.work/start.json", "{}"));
    tree_of.push(("begun/data/part-000000.arrow", "{}"));
    tree_of.push(("somebody/manifest.json", r#"{"name": "an app"}"#));
    let folder = tree(&tree_of);
    let found_in = |input: &str| found(&folder, &[input]);
    for (input, name) in [
        ("out", "out:data/part-000000.arrow"),
        ("out/data", "data:part-000000.arrow"),
        ("out/data/part-*", "data:part-000000.arrow"),
        ("out/*/part-*", "out:data/part-000000.arrow"),
        ("out/data/part-000000.arrow", "data:part-000000.arrow"),
    ] {
        let found = found_in(input);
        assert_eq!(names(&found), [name], "{input}");
        let vouched = found.files[0].vouched.as_ref().unwrap();
        assert_eq!((vouched.stage.as_str(), vouched.rows), ("dedup", Some(1)));
    }
    // The folder and the stage around it are one input.
    assert_eq!(found(&folder, &["out", "out/data"]).files.len(), 1);
    // Named on purpose, and checked all the same.
    assert!(found_in("out/removed/part-000000.arrow").files[0].vouched.is_some());
    assert_eq!(names(&found_in("somebody")), ["somebody:manifest.json"]);
    for (input, reason) in [
        ("tokens", "a shard stage without documents"),
        ("begun", "an unfinished stage"),
        ("begun/data", "an unfinished stage"),
        ("beg*/data/part-*", "an unfinished stage"),
        ("begun/data/part-*", "an unfinished stage"),
        ("begun/data/part-000000.arrow", "an unfinished stage"),
        ("", "was made from"),
    ] {
        let path = folder.path().join(input);
        if input.is_empty() {
            fs::remove_dir_all(folder.path().join("begun")).unwrap();
        }
        let error = discover(std::slice::from_ref(&path), &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_stage_of_another_format_is_refused() {
    let of_format_1 = manifest("dedup", "a", "", &["part-000000.arrow"])
        .replace(r#""format_version":2"#, r#""format_version":1"#);
    let folder =
        tree(&[("out/manifest.json", of_format_1.as_str()), ("out/part-000000.arrow", "{}")]);
    for input in ["out", "out/part-*", "out/part-000000.arrow", ""] {
        let path = folder.path().join(input);
        let error = discover(std::slice::from_ref(&path), &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains("a stage of format 1"), "{input}: {error}");
    }
}

#[test]
fn saved_datasets_and_caches_are_read_as_what_they_are() {
    let state = r#"{"_data_files": [{"filename": "data-0.arrow"}, {"filename": "data-1.arrow"}]}"#;
    let folder = tree(&[
        ("saved/train/state.json", state),
        ("saved/train/dataset_info.json", "{}"),
        ("saved/train/data-0.arrow", "{}"),
        ("saved/train/cache-12.arrow", "{}"),
        ("saved/dataset_dict.json", r#"{"splits": ["train"]}"#),
        ("saved/old/data-0.arrow", "{}"),
        ("hub/version.txt", "1"),
        ("hub/datasets--a--b/refs/main", "r1"),
        ("hub/datasets--a--b/blobs/x", "{}"),
        ("hub/datasets--a--b/snapshots/r0/data/a.jsonl", "{}"),
        ("hub/datasets--a--b/snapshots/r1/dataset_infos.json", "{}"),
        ("hub/datasets--a--b/snapshots/r1/README.md", "x"),
    ]);
    let data = folder.path().join("hub/datasets--a--b/snapshots/r1/data");
    fs::create_dir_all(&data).unwrap();
    symlink("../../../blobs/x", data.join("a.jsonl")).unwrap();
    let saved = found(&folder, &["saved"]);
    assert_eq!(names(&saved), ["saved:train/data-0.arrow"]);
    assert_eq!(kinds(&saved), [("train/data-1.arrow", Reason::UnreadableFile)]);
    assert_eq!(names(&found(&folder, &["hub"])), ["hub:datasets--a--b/snapshots/r1/data/a.jsonl"]);
    let snapshot = found(&folder, &["hub/datasets--a--b/snapshots/r1"]);
    assert_eq!(names(&snapshot), ["r1:data/a.jsonl"]);
}
