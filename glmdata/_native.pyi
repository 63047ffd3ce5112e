"""The compiled module, written in Rust; mypy stubtest compares this file with the binary.

Every call releases the GIL, answers Ctrl-C with KeyboardInterrupt and raises the classes of
`glmdata.errors`. `options` is any object with the attributes of `glmdata.dedup.DedupConfig`: this
side holds no defaults.
"""

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Progress",
    "Survey",
    "Tokenizer",
    "__version__",
    "ask_classifier",
    "band_keys",
    "benchmark_pack",
    "choose_bands",
    "contamination",
    "count_pretokens",
    "dedup",
    "detection",
    "differences",
    "encode_files",
    "fetch_texts",
    "filter_apply",
    "filter_score",
    "filter_take",
    "han_signs",
    "learn_classifier",
    "minhash",
    "mojibake",
    "normalise",
    "offence",
    "offence_terms",
    "pii",
    "plan",
    "realise_row",
    "rethreshold",
    "segmented",
    "shingle_hashes",
    "shingles",
    "signals",
    "simd_level",
    "sketch",
    "spool_arrow",
    "starting_ranks",
    "tell_languages",
    "token_usage",
    "train_tokenizer",
    "url_form",
    "url_host",
]

__version__: str

@final
class Progress:
    """Counters of a running call, to be read from another thread."""

    def __new__(cls) -> Progress: ...
    def read(self) -> tuple[str, int, int, int]:
        """(phase, documents or pairs, finished work, all work; 0 = unknown).

        What the work is in, `glmdata.cli.progress` says; counters restart with each phase.
        """

@final
class Survey:
    """The lengths of a token store's documents; what `glmdata.mix` is built on."""

    @staticmethod
    def read(
        paths: list[str],
        *,
        clusters: str | None,
        steps: list[tuple[int, int]],
        seed: int,
        memory: int,
        threads: int,
        progress: Progress,
    ) -> Survey:
        """Read all columns but the tokens; `steps` are (documents of a cluster, factor)."""
    def groups(self) -> str:
        """JSON: source, lang, factor, documents, empty, tokens, longest; sorted."""
    def plan(
        self,
        wanted: list[int],
        options: object,
        output: str,
        metadata: dict[str, str],
        shards: list[tuple[str, str]],
        *,
        part_bytes: int,
        threads: int,
        progress: Progress,
    ) -> str:
        """Plan about `wanted` tokens of each group into files in `output`.

        `shards` are (path, sha256) of what was read; `options` has the attributes of
        `glmdata.mix.MixConfig`. The JSON has groups, rows, cut, longer_than_a_row, files,
        survey_bytes.
        """

@final
class Tokenizer:
    """Ranks and a pattern; safe for threads and forks. What `glmdata.tokenizer` is built on."""

    def __new__(cls, ranks: bytes, pattern: str) -> Tokenizer:
        """From the text of a .tiktoken file and a regular expression."""
    @staticmethod
    def known(name: str, pattern: str) -> Tokenizer:
        """The ranks of cl100k_base, o200k_base, glm4, qwen2 or llama3."""
    def __len__(self) -> int: ...
    def encode(self, text: str) -> list[int]: ...
    def encode_bytes(self, data: bytes, glued: bool) -> list[int]:
        """Each stretch of bytes that is no UTF-8 is a piece of its own."""
    def encode_batch(
        self, texts: list[str], threads: int | None
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """(ids of all texts, offsets: one more than texts)."""
    def count(self, text: str) -> int: ...
    def truncate(self, text: str, limit: int) -> tuple[list[int], int]:
        """(the first `limit` ids, the bytes of UTF-8 they stand for)."""
    def offsets(self, text: str) -> tuple[list[int], list[int]]:
        """(ids, the byte of UTF-8 at which each starts)."""
    def decode(self, ids: list[int]) -> bytes: ...
    def rank(self, token: bytes) -> int | None: ...
    def is_valid(self) -> bool:
        """Whether every token obeys rule C1."""
    def faults(self) -> list[tuple[int, list[int], bool]]:
        """(rank, parts, whether merging reaches it) of tokens that break rule C1."""
    def closure(self) -> bytes:
        """The text of a .tiktoken file without them and whatever depends on them."""
    def splits(self) -> list[tuple[int, int]] | None:
        """The two ranks each rank is merged from, a byte twice; None without C1."""
    def to_tiktoken(self) -> bytes:
        """The text of a .tiktoken file."""

def dedup(
    inputs: list[str],
    output: str,
    options: object,
    *,
    threads: int,
    memory: int,
    index: tuple[list[str], str] | None,
    scores: list[str] | None,
    resume: bool,
    progress: Progress,
) -> str:
    """Deduplicate into the stage folder `output`; the JSON has report, files, inputs, run.

    Writes everything but report.json, manifest.json and run.json. `memory` is in bytes. State that
    a killed run can resume from is kept in `output`/.work. `index` is the segments of earlier
    crawls, the oldest first, and an empty folder for that of this one. `scores` is files with one
    row a document of the inputs, in their order, of which `keep = best:COLUMN` names a column.
    """

def realise_row(
    tokens: bytes,
    parts: list[tuple[int, bool]],
    mode: int,
    seed: int,
    marks: Sequence[int],
    ends: bytes,
) -> tuple[list[bytes], list[tuple[int, int]]]:
    """A row of a plan as a model reads it.

    `tokens` (uint32, native order) are the slices one behind the other, `parts` (length, EOD
    follows) of each, `marks` nine ids: EOD, [MASK], [gMASK], <sop>, <eop>, before prefix, suffix
    and middle, [sMASK]. `ends` (uint8) says of each token whether it ends a sentence; only mode 5
    reads it. Gives ids and targets (uint32; targets are not shifted any more), whether a target
    counts (uint8), positions and positions in spans (uint32); of each slice (end, how many of its
    first tokens see each other both ways).
    """

def rethreshold(
    inputs: list[str],
    stage: str,
    output: str,
    options: object,
    *,
    threads: int,
    memory: int,
    progress: Progress,
) -> str:
    """Decide again from the pair ledger of a finished stage; same JSON as `dedup`.

    `inputs` are those of the stage: kept documents are copied from them, nothing is compared.
    """

def plan(inputs: list[str], options: object) -> str:
    """What a run would read and need: JSON with files, bytes, expected_* in bytes, notes."""

def learn_classifier(inputs: list[str], model: str, options: object, *, progress: Progress) -> str:
    """Teach a classifier into `model` by a `ClassifierConfig`: JSON of counts, repeats, answers."""

def ask_classifier(model: str, texts: list[str]) -> list[float]:
    """The probability that each text is what the classifier looks for."""

def contamination(
    items: list[tuple[str, str, list[str]]], texts: list[str]
) -> list[tuple[float, str | None, tuple[int, int] | None]]:
    """The item (name, question, options) most in each text: share, name, bytes from a fifth on."""

def offence(text: str) -> tuple[list[tuple[str, float]], tuple[int, int] | None]:
    """Name and value of every signal of offensive passages; the bytes of the worst one."""

def offence_terms(texts: list[str]) -> list[list[bytes]]:
    """Terms of each window of prose of each text: four bytes each, bit 31 of what may be a cue."""

def benchmark_pack(inputs: list[str], text_field: str, memory: int) -> tuple[bytes, int]:
    """The bytes of a pack of the benchmark items of files, and how many items it holds."""

def tell_languages(model: str, texts: list[str], threshold: float) -> list[tuple[str, float]]:
    """The language of each text, `und` below `threshold`, and its probability."""

def han_signs(text: str) -> tuple[list[tuple[str, int]], str, bool | None]:
    """Counts of signs in Han characters, which Chinese, whether Japanese; None: nothing tells."""

def filter_score(
    inputs: list[str],
    output: str,
    options: object,
    classifiers: list[tuple[str, str]],
    *,
    languages: str | None,
    judged: str | None,
    threads: int,
    memory: int,
    resume: bool,
    progress: Progress,
) -> str:
    """Measure documents into scores/ and quarantine/ of the stage folder `output`.

    The JSON has files, inputs, quarantined, quarantine, notes, run. State that a killed run can
    resume from is kept in `output`/.work. `options` has the attributes of `FilterConfig`;
    `classifiers` are names of columns and files of models, `languages` is the file of another one,
    needed unless `lang_id` is `keep`. What `judged`, a stage of the same inputs, removed is passed
    over.
    """

def filter_take(scores: list[str], judged: str, output: str) -> str:
    """Take over scores into scores/ and quarantine/ of the stage folder `output`.

    Only rows of documents that `judged`, a stage of the same inputs, kept. The JSON has files.
    """

def filter_apply(
    inputs: list[str],
    output: str,
    options: object,
    decided: list[str],
    *,
    judged: str | None,
    threads: int,
    memory: int,
    progress: Progress,
) -> str:
    """Write decisions/, removed/ and kept documents; the JSON has files and inputs.

    `decided` are Arrow files with keep, rule, value, threshold, source, one row an input row.
    """

def shingles(text: str, mode: str) -> list[str]:
    """The readable shingles of a text, in order of first appearance."""

def spool_arrow(data: object, path: str) -> int:
    """Write any object with `__arrow_c_stream__` to an Arrow IPC file; returns its rows."""

def fetch_texts(
    inputs: list[str], options: object, origins: list[tuple[str, str, int]]
) -> list[str]:
    """The texts at (root label, relative path, row), in that order."""

def count_pretokens(
    inputs: list[str],
    output: str,
    options: object,
    *,
    work: str,
    memory: int,
    threads: int,
    progress: Progress,
) -> str:
    """Write an inventory a language into `output`; JSON of facts about corpus and files.

    `options` is any object with the attributes of `glmdata.tokenizer.config.CountConfig`; `memory`
    the bytes from which on counts are put aside in the folder `work`.
    """

def starting_ranks(count: object, options: object, cover: list[str]) -> int:
    """How many ranks base, numbers and cover take; ConfigError if `vocab_size` is less."""

def train_tokenizer(
    inputs: list[str],
    inventories: list[str],
    count: object,
    options: object,
    lexicon: list[str],
    cover: list[str],
    *,
    work: str,
    memory: int,
    threads: int,
    checkpoint_seconds: int,
    progress: Progress,
) -> tuple[bytes, list[int], list[tuple[bytes, int, int | None, int | None, str]], str]:
    """(text of a .tiktoken file, count of each learned token, vetoes, JSON of facts).

    Learns from the files `inputs`, or from the folders `inventories` if there are any. `count` and
    `options` are any objects with the attributes of `glmdata.tokenizer.config.TokenizerConfig`;
    `cover` are characters. A veto is (token, count, documents and sources if asked, guard).
    """

def token_usage(
    tokenizers: list[Tokenizer],
    inputs: list[str],
    options: object,
    *,
    threads: int,
    progress: Progress,
) -> tuple[str, list[bytes]]:
    """(JSON of sums by language and source, uint64 counts of every rank for each tokenizer).

    `options` is any object with the attributes of `glmdata.tokenizer.texts.TextConfig`.
    """

def encode_files(
    tokenizer: Tokenizer,
    inputs: list[str],
    output: str,
    options: object,
    metadata: dict[str, str],
    *,
    loss_spans_field: str | None,
    work: str,
    shard_bytes: int,
    threads: int,
    progress: Progress,
) -> str:
    """Write ids to `output`/<source>/part-*.arrow; the JSON has files, tallies, inputs, events.

    `metadata` goes into the schema of every file; `options` as for `token_usage`. What is encoded
    is kept in the folder `work`, and units that are there already are taken from it. The field
    `loss_spans_field` has the spans of a text that bear loss.
    """

def normalise(text: str, fold_script: bool = False) -> str:
    """The normal form of a text: NFKC, case folded, white space collapsed, one Chinese script."""

def url_form(url: str) -> str | None:
    """The form in which addresses are compared; None for what is no absolute address."""

def url_host(url: str) -> str | None:
    """The host of a web address, as its form has it; None without one."""

def shingle_hashes(text: str, mode: str) -> list[int]:
    """The 64-bit hashes of the shingles of a raw text, in text order, repeats kept."""

def pii(text: str) -> list[tuple[str, int, int]]:
    """Personal data of a text: kind, first byte and the byte behind the last of each, in order."""

def mojibake(text: str) -> str | None:
    """What a text was before it was read wrongly, "" if that is lost; None: it is clean."""

def segmented(text: str) -> tuple[list[str], list[tuple[str, float]]]:
    """The words of a text as jieba cuts them; name and value of every signal of those words."""

def signals(text: str) -> list[tuple[str, float]]:
    """Name and value of every signal of a raw text, in the order of the score table."""

def sketch(hashes: list[int], num_perm: int) -> list[int]:
    """The `num_perm` slots of the sketch of a set of well-mixed 64-bit hashes."""

def minhash(text: str, mode: str, num_perm: int) -> list[int]:
    """The values of `datasketch.MinHash(num_perm, seed=1)` fed with the shingles of a raw text."""

def band_keys(sketch: list[int], bands: int, rows: int) -> list[int]:
    """One 64-bit key a band; documents that share one are compared."""

def choose_bands(num_perm: int, threshold: float) -> tuple[int, int]:
    """(bands, rows) that a run takes when none are given."""

def differences(left: list[str], right: list[str]) -> list[tuple[int, int, int, int]]:
    """Where two lists of texts differ: (start, end) on the left, and on the right, of each place.

    Linear in their lengths, but for at most 16 million comparisons of pieces.
    """

def detection(bands: int, rows: int, jaccard: float) -> float:
    """Probability that a pair of this Jaccard similarity shares a band."""

def simd_level() -> str:
    """The instruction set chosen for this machine, such as avx2."""
