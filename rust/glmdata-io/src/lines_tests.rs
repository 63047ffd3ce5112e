use super::*;
use crate::blocks::BlockMemory;

fn hold() -> UnitHold {
    BlockMemory::default().of_unit()
}

#[derive(Default)]
struct Lines(Vec<(u64, Vec<u8>)>, Vec<u64>);

impl LineSink for Lines {
    fn lines(&mut self, block: &[u8], offset: u64) -> Result<()> {
        let mut at = offset;
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            self.0.push((at, line.to_vec()));
            at += line.len() as u64;
        }
        Ok(())
    }

    fn too_long(&mut self, offset: u64, _start: &[u8]) -> Result<()> {
        self.1.push(offset);
        Ok(())
    }

    fn fault(&mut self, fault: TailFault, _: u64, _: &[u8], _: u64) -> Result<()> {
        panic!("{fault:?}");
    }
}

/// Every block size and every cut of the range gives the same lines, each once.
#[test]
fn ranges_share_out_the_lines() {
    let content = b"one\n\ntwo\nthree is longer\n\n\nfour\r\nlast";
    let expected: Vec<(u64, Vec<u8>)> = {
        let mut all = Lines::default();
        all.lines(content, 0).unwrap();
        all.0
    };
    let folder = tempfile::tempdir().unwrap();
    let file = crate::tests::file_with(folder.path(), "lines.txt", content);
    let end = content.len() as u64;
    for block_bytes in [1, 2, 3, 5, 8, 64] {
        for step in 1..=end {
            let (mut lines, mut owned) = (Lines::default(), 0);
            for start in (0..end).step_by(step as usize) {
                let range = LineRange { start, end: (start + step).min(end), max_record: 100 };
                let mut source = ByteSource::open(&file, start.saturating_sub(1), 0).unwrap();
                owned += read_lines_by(
                    &mut source,
                    range,
                    block_bytes,
                    &hold(),
                    &Cancel::new(),
                    &mut lines,
                )
                .unwrap();
            }
            assert_eq!(lines.0, expected, "blocks of {block_bytes}, units of {step}");
            assert_eq!((lines.1.len(), owned), (0, end));
        }
    }
}

#[test]
fn long_lines_are_not_held() {
    let content = [&b"a\n"[..], &[b'x'; 1000], b"\nb\n", &[b'y'; 1000]].concat();
    for block_bytes in [1, 7, 64] {
        let folder = tempfile::tempdir().unwrap();
        let file = crate::tests::file_with(folder.path(), "lines.txt", &content);
        let mut lines = Lines::default();
        let range = LineRange { start: 0, end: u64::MAX, max_record: 100 };
        let mut source = ByteSource::open(&file, 0, 0).unwrap();
        let owned =
            read_lines_by(&mut source, range, block_bytes, &hold(), &Cancel::new(), &mut lines)
                .unwrap();
        let found: Vec<_> = lines.0.iter().map(|(at, line)| (*at, &line[..])).collect();
        assert_eq!(found, [(0, &b"a\n"[..]), (1003, b"b\n")]);
        assert_eq!((lines.1, owned), (vec![2, 1005], content.len() as u64));
    }
}

#[test]
fn a_raised_flag_stops_the_reading() {
    let cancel = Cancel::new();
    cancel.cancel();
    let folder = tempfile::tempdir().unwrap();
    let file = crate::tests::file_with(folder.path(), "lines.txt", b"a\n");
    let mut source = ByteSource::open(&file, 0, 0).unwrap();
    let range = LineRange { start: 0, end: u64::MAX, max_record: 100 };
    let stopped = read_lines(&mut source, range, &hold(), &cancel, &mut Lines::default());
    assert!(matches!(stopped, Err(glmdata_base::Error::Cancelled)));
}
