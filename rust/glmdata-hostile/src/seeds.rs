//! Sound inputs to start from, made here so that no binary files lie in the tree.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, FixedSizeBinaryArray, Int64Array, ListArray,
    NullArray, RecordBatch, StringArray, StructArray, UInt64Array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use glmdata_base::{Cancel, Progress};
use glmdata_bpe::{
    CL100K_PATTERN, Counting, Digits, Resources, Split, StoreTarget, Tokenizer, count_files,
    encode_files,
};
use glmdata_io::{ReadOptions, UnitFacts, UnitFileWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::own::FINGERPRINT;
use crate::place::file_of;

const LINES: &str = "{\"text\": \"渔民在河口 \\u00e9\\n\", \"id\": 7, \"lang\": \"zh\", \"n\": [1, {\"a\": null}]}\n\
    {\"id\": \"b\", \"text\": \"The river\", \"url\": \"https://a.example/x?y=1\", \"source\": \"web\"}\r\n\
    \n{broken\n{\"text\": null}\n{\"text\": \"\\ud800\"}\n[1]\n{\"text\": \"a\", \"text\": \"b\", \"x\": 1e999}";
const TEXT: &str = "The river’s mouth — 渔民在河口，１２３ ﬁsh! café\u{301} ไทย 한국 mail a.b@example.org\n\n\
    • list… 3.14 x_1 != y; I'll don't THEY'RE  \t end\r\n";

/// A choice in front of some content.
fn chosen(choice: usize, content: impl AsRef<[u8]>) -> Vec<u8> {
    [&[choice as u8], content.as_ref()].concat()
}

pub(crate) fn records() -> Vec<Vec<u8>> {
    let table = "id,text,n\n1,\"a \"\"quoted\"\"\nline\",2\n2,short\n3,b,4\n";
    vec![
        chosen(0, LINES),
        chosen(0x20, LINES),
        chosen(1, "[{\"text\": \"a\", \"m\": {}},\n{\"text\":\"b\"}]\n"),
        chosen(1, "{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"}"),
        chosen(2, table),
        chosen(3, table.replace(',', "\t")),
        chosen(4, TEXT),
        chosen(4 | 1 << 3, TEXT),
        chosen(4 | 2 << 3, TEXT),
    ]
}

pub(crate) fn packed() -> Vec<Vec<u8>> {
    let lines = LINES.repeat(3);
    let bytes = lines.as_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(bytes).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 0);
    xz.write_all(bytes).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(bytes).unwrap();
    let streams = [
        gzip.finish().unwrap(),
        zstd::encode_all(bytes, 3).unwrap(),
        bzip2.finish().unwrap(),
        xz.finish().unwrap(),
        lz4.finish().unwrap(),
    ];
    let twice = |(at, stream): (usize, &Vec<u8>)| {
        [chosen(at, stream), chosen(at, [&stream[..], &stream[..]].concat())]
    };
    streams.iter().enumerate().flat_map(twice).collect()
}

/// A table with a column of most kinds, and a smaller one.
fn batches() -> Vec<RecordBatch> {
    let texts = StringArray::from(vec![Some("渔民在河口"), None, Some("The river")]);
    let numbers = Int64Array::from(vec![Some(1), None, Some(3)]);
    let lists = vec![Some(vec![Some(1), None]), None, Some(vec![])];
    let held: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let structs = StructArray::try_from(vec![("text", held)]).unwrap();
    let named: DictionaryArray<Int32Type> =
        vec![Some("x"), Some("y"), Some("x")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("text", Arc::new(texts.clone())),
        ("id", Arc::new(numbers)),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
        ("data", Arc::new(structs)),
        ("source", Arc::new(named)),
        ("good", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("nothing", Arc::new(NullArray::new(3))),
    ];
    let wide = RecordBatch::try_from_iter(columns).unwrap();
    vec![wide, RecordBatch::try_from_iter([("text", Arc::new(texts) as ArrayRef)]).unwrap()]
}

pub(crate) fn parquet() -> Vec<Vec<u8>> {
    let packings = [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW];
    let mut seeds = Vec::new();
    for (batch, packing) in batches().iter().zip(packings.iter().cycle().skip(1)) {
        for packing in [Compression::UNCOMPRESSED, *packing] {
            let properties = WriterProperties::builder().set_compression(packing).build();
            // Parquet has no column of a dictionary within one of its own, and none of nothing.
            let kept: Vec<usize> = (0..batch.num_columns().min(6)).collect();
            let batch = batch.project(&kept).unwrap();
            let mut writer =
                ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
            writer.write(&batch).unwrap();
            seeds.push(writer.into_inner().unwrap());
        }
    }
    seeds
}

fn arrow_file(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer =
        FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

pub(crate) fn arrow() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for batch in batches() {
        for compression in [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)] {
            seeds.push(chosen(0, arrow_file(&batch, compression)));
        }
        let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        stream.write(&batch).unwrap();
        stream.write(&batch).unwrap();
        seeds.push(chosen(1, stream.into_inner().unwrap()));
    }
    seeds
}

pub(crate) fn own() -> Vec<Vec<u8>> {
    let lines = file_of("crawl/a.jsonl", LINES.as_bytes());
    let folder = lines.parent().unwrap().with_file_name("made");
    std::fs::create_dir_all(&folder).unwrap();
    let (options, cancel, progress) = (ReadOptions::default(), Cancel::new(), Progress::new());
    let resources = Resources { threads: 1, memory: usize::MAX, work: &folder };
    let counting = Counting::default();
    let inputs = [lines];
    let mut corpus =
        count_files(&inputs, &options, counting, resources, &cancel, &progress).unwrap();
    corpus.write(counting, &folder).unwrap();
    let inventory = std::fs::read(folder.join("zh.arrow")).unwrap();

    let tokenizer =
        Tokenizer::new(glmdata_bpe::Ranks::bytes_only(), Split::Family(Digits::UpToThree));
    let target = StoreTarget {
        folder: &folder,
        metadata: BTreeMap::new(),
        loss_spans_field: None,
        shard_bytes: 1 << 20,
        work: None,
    };
    let store =
        encode_files(&tokenizer, &inputs, &options, &target, 1, &cancel, &progress).unwrap();
    let shard = std::fs::read(&store.shards[0].file.path).unwrap();

    let ids = FixedSizeBinaryArray::try_from_iter([[1; 16], [2; 16]].into_iter()).unwrap();
    let clusters = RecordBatch::try_from_iter([
        ("cluster_id", Arc::new(ids) as ArrayRef),
        ("documents", Arc::new(UInt64Array::from(vec![12, 3]))),
        ("kept", Arc::new(UInt64Array::from(vec![1, 2]))),
    ]);
    let clusters = arrow_file(&clusters.unwrap(), None);

    let path = folder.join("unit.scan");
    let batch = &batches()[1];
    let mut file = UnitFileWriter::create(&path, &batch.schema()).unwrap();
    file.append(batch).unwrap();
    let facts = UnitFacts { fingerprint: FINGERPRINT.to_owned(), ..UnitFacts::default() };
    file.finish(&facts).unwrap();
    let unit = std::fs::read(&path).unwrap();

    let made = [inventory, shard, clusters, unit];
    made.iter().enumerate().map(|(kind, content)| chosen(kind, content)).collect()
}

pub(crate) fn vocabulary() -> Vec<Vec<u8>> {
    // "th", "the", " r" behind the 256 bytes; and a token that no merge leads to.
    let sound = "dGg= 256\ndGhl 257\nIHI= 258\n\0the river the rest";
    let broken = "dGg= 256\nYWJjZGVm 257\n\0abcdef the";
    let patterns = ["(a+)+$\0aaaaaaaaaaaaaaaaaaaaaaaaab", "\\s+(?!\\S)|\\s+", "(?=a)|\\b"];
    let mut seeds = vec![chosen(0, sound), chosen(0, broken), chosen(1, CL100K_PATTERN)];
    seeds.extend(patterns.map(|pattern| chosen(1, pattern)));
    seeds
}

pub(crate) fn text() -> Vec<Vec<u8>> {
    let long = format!("{}{}", "用glm 4 训练 a tokenizer。".repeat(12), "word ".repeat(30));
    vec![TEXT.into(), long.into(), "http://www.Example.com:80/a?utm_source=x#!/y".into()]
}

pub(crate) fn encode() -> Vec<Vec<u8>> {
    let long = format!("{}{}", "a".repeat(200), "河口".repeat(40));
    vec![TEXT.into(), long.into(), b"abc\xff\xe6\xb8 12345 \r\n\r\n  x".to_vec()]
}
