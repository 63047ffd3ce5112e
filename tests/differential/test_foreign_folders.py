"""Vocabularies as others lay them out: read with the ids they have, or refused with what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import ByteLevelBPETokenizer

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError, GlmdataError, MissingFileError
from glmdata.tokenizer import export, glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN, GPT2_PATTERN, SINGLE_DIGIT_PATTERN
from glmdata.tokenizer.repair import repair
from glmdata.tokenizer.verify import verify
from tests.property.tokenizers import AWKWARD, SAMPLE, random_texts, ranks_text, trained_ranks

pytestmark = pytest.mark.differential

RANKS = trained_ranks(SAMPLE, 300)
N = len(RANKS)
TEXTS = [*AWKWARD, SAMPLE, *random_texts(300)]


def added(names: dict[str, int]) -> list[dict[str, Any]]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return [{"id": n, "content": name, "special": True, **flags} for name, n in names.items()]


def glm4_folder(place: Path, names: int = 14, **config: Any) -> Path:
    """A folder as THUDM published it, of a small vocabulary."""
    place.mkdir(parents=True)
    place.joinpath("tokenizer.model").write_bytes(ranks_text(RANKS))
    listed = [*glm4_specials(N).ids.items()][:names]
    decoder = {str(number): {"content": name, "special": True} for name, number in listed}
    content = {
        "added_tokens_decoder": decoder,
        "eos_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "ChatGLM4Tokenizer",
        **config,
    }
    place.joinpath("tokenizer_config.json").write_text(json.dumps(content))
    return place


def test_glm4_as_it_was_published() -> None:
    folder = glm4_folder(Path("chat"))
    expected = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(N))
    for source in (folder, folder / "tokenizer.model"):
        loaded = Tokenizer.load(source)
        assert loaded == expected
        assert loaded.end_ids == expected.end_ids
        assert (loaded.prefix_ids, loaded.pad_id) == (expected.prefix_ids, expected.pad_id)
    generation = {"eos_token_id": [N + 7, N], "pad_token_id": N}
    folder.joinpath("generation_config.json").write_text(json.dumps(generation))
    assert Tokenizer.load(folder).end_ids == [N, N + 7]
    # Fewer tokens than GLM-4's 14 are a part of them.
    assert Tokenizer.load(glm4_folder(Path("base"), names=8)) == expected
    other = glm4_folder(Path("other"), tokenizer_class="OtherTokenizer")
    with pytest.raises(ConfigError, match="found OtherTokenizer") as raised:
        Tokenizer.load(other)
    assert "pattern=" in str(raised.value.hint)
    assert Tokenizer.load(other, pattern=SINGLE_DIGIT_PATTERN).end_ids == [N]


def test_other_special_tokens_than_glm4s() -> None:
    decoder = {str(N + 3): {"content": "<|完|>"}, str(N): {"content": "[gMASK]"}}
    folder = glm4_folder(
        Path("own"), added_tokens_decoder=decoder, eos_token="<|完|>", pad_token=None
    )
    loaded = Tokenizer.load(folder)
    assert loaded.special_tokens == {"[gMASK]": N, "<|完|>": N + 3}
    assert (loaded.end_ids, loaded.pad_id) == ([N + 3], None)


def cached(monkeypatch: pytest.MonkeyPatch, *hashes: str, main: str | None = None) -> Path:
    """A model in a hub's cache: snapshots are links to blobs."""
    monkeypatch.setenv("HF_HUB_CACHE", str(Path("cache").absolute()))
    model = Path("cache/models--org--boats-7B")
    model.joinpath("blobs").mkdir(parents=True)
    for name in hashes:
        shot = model / "snapshots" / name
        shot.mkdir(parents=True)
        for at, path in enumerate(sorted(glm4_folder(Path(f"made-{name}")).iterdir())):
            path.rename(model / "blobs" / f"{name}{at}")
            shot.joinpath(path.name).symlink_to(f"../../blobs/{name}{at}")
    if main is not None:
        model.joinpath("refs").mkdir()
        model.joinpath("refs/main").write_text(main)
    return model


def test_a_folder_of_the_hubs_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    model = cached(monkeypatch, "aa", "bb", main="bb")
    expected = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(N))
    for source in ("org/boats-7B", model, model / "snapshots", model / "snapshots" / "aa"):
        assert Tokenizer.load(source) == expected
    with pytest.raises(MissingFileError, match="no such model in the cache") as raised:
        Tokenizer.load("org/ships-7B")
    assert "hf download org/ships-7B" in str(raised.value.hint)
    # What lies here goes before what the cache has.
    Path("org").mkdir()
    Tokenizer.load("cl100k_base").save("org/boats-7B")
    assert Tokenizer.load("org/boats-7B") == Tokenizer.load("cl100k_base")
    (model / "blobs" / "bb0").unlink()
    with pytest.raises(MissingFileError, match=r"a link to ../../blobs/bb0, which is missing"):
        Tokenizer.load(model)


@pytest.mark.parametrize("variable", ["HF_HOME", "XDG_CACHE_HOME"])
def test_where_the_cache_lies(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(monkeypatch, "aa")
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.delenv("HF_HOME", raising=False)
    below = {"HF_HOME": "place/hub", "XDG_CACHE_HOME": "place/huggingface/hub"}[variable]
    Path(below).parent.mkdir(parents=True)
    Path("cache").rename(below)
    monkeypatch.setenv(variable, str(Path("place").absolute()))
    assert Tokenizer.load("org/boats-7B").n_ranks == N


def test_several_snapshots_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    model = cached(monkeypatch, "aa", "bb")
    with pytest.raises(ConfigError, match="found 2"):
        Tokenizer.load("org/boats-7B")
    (model / "snapshots").rename(model / "gone")
    with pytest.raises(MissingFileError, match="expected a snapshot, found none"):
        Tokenizer.load(model)


def trained(**options: Any) -> Any:
    made = ByteLevelBPETokenizer()
    made.train_from_iterator([SAMPLE] * 3, vocab_size=400, min_frequency=1, **options)
    return made


def test_a_vocabulary_like_gpt2s() -> None:
    """Its one special token stands in the vocabulary too, behind all others."""
    content = json.loads(trained().to_str())
    last = len(content["model"]["vocab"])
    content["model"]["vocab"]["<|endoftext|>"] = last
    content["added_tokens"] = added({"<|endoftext|>": last})
    Path("gpt2").mkdir()
    Path("gpt2/tokenizer.json").write_text(json.dumps(content))
    parts = {"eos_token": "<|endoftext|>", "bos_token": {"content": "<|endoftext|>"}}
    Path("gpt2/special_tokens_map.json").write_text(json.dumps(parts))
    ours, theirs = Tokenizer.load("gpt2"), tokenizers.Tokenizer.from_str(json.dumps(content))
    theirs.encode_special_tokens = True
    assert (ours.n_ranks, ours.pattern, ours.end_ids) == (last, GPT2_PATTERN, [last])
    assert ours.specials.bos == "<|endoftext|>"
    assert ours.prefix_ids == []
    for text in TEXTS:
        assert ours.encode(text) == theirs.encode(text).ids, ascii(text)
    assert verify("gpt2").valid


def test_special_tokens_at_the_first_ids() -> None:
    made = trained(special_tokens=["<s>", "<pad>", "</s>"])
    made.save("first.json")
    assert made.token_to_id("</s>") == 2
    verdict = verify("first.json")
    assert not verdict.valid
    assert verdict.broken["C3"] == 1
    with pytest.raises(ConfigError, match=r"ids of their own from 397, found .*'<s>': 0") as raised:
        Tokenizer.load("first.json")
    assert "glmdata tokenizer repair" in str(raised.value.hint)
    repaired = repair("first.json")
    ours = repaired.tokenizer
    assert repaired.moved == {"<s>": (0, 397), "<pad>": (1, 398), "</s>": (2, 399)}
    assert ours.special_tokens == {name: new for name, (_, new) in repaired.moved.items()}
    assert not repaired.dropped
    for text in TEXTS:
        old = made.encode(text).ids
        assert [repaired.kept[number] for number in ours.encode(text)] == old, ascii(text)


@pytest.mark.parametrize("kind", ["own", "byte", "merged"])
def test_a_special_token_with_the_id_of_a_rank(kind: str) -> None:
    small = Tokenizer(ranks_text(RANKS), CL100K_PATTERN)
    content = export.tokenizer_json(small)
    vocab = content["model"]["vocab"]
    merged = next(name for name in vocab if len(name) > 1 and name.isascii())
    name = {"own": "<|完|>", "byte": "!", "merged": merged}[kind]
    number = vocab.get(name, 300)
    content["added_tokens"] = added({name: number, "<|plain|>": N})
    Path("tokenizer.json").write_text(json.dumps(content))
    verdict = verify("tokenizer.json")
    assert verdict.broken == {"C1": 0, "C2": 0, "C3": 0, "specials": 1}
    assert [(found.token, found.detail) for found in verdict.findings] == [
        (name, "its id is a rank")
    ]
    with pytest.raises(ConfigError, match=f"ids of their own from {N}"):
        Tokenizer.load("tokenizer.json")
    repaired = repair("tokenizer.json")
    assert repaired.moved == {name: (number, N + 1)}
    assert repaired.tokenizer.special_tokens == {"<|plain|>": N, name: N + 1}
    assert repaired.tokenizer.encode(SAMPLE) == small.encode(SAMPLE)


REFUSED: dict[str, tuple[dict[str, bytes], type[GlmdataError], str, str]] = {
    "vocab.json": (
        {"vocab.json": b"{}", "merges.txt": b"a b\n"},
        ConfigError,
        "does not tell the pattern",
        "save_pretrained",
    ),
    "sentencepiece": (
        {"tokenizer.model": b"\n\x0e\n\x05<unk>"},
        ConfigError,
        "a SentencePiece model",
        "cannot be given here",
    ),
    "nothing": ({"README.md": b"x"}, MissingFileError, "no such vocabulary", "name a folder"),
    "no object": (
        {"tokenizer.json": b"", "tokenizer_config.json": b"[]"},
        CorruptDataError,
        "expected an object",
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_says_what_to_do(case: str) -> None:
    files, error, message, hint = REFUSED[case]
    Path("x").mkdir()
    for name, data in files.items():
        made = json.dumps(export.tokenizer_json(Tokenizer(ranks_text(RANKS), CL100K_PATTERN)))
        Path("x", name).write_bytes(data or made.encode())
    with pytest.raises(error, match=message) as raised:
        Tokenizer.load("x")
    assert hint in (raised.value.hint or "")


def test_a_folder_with_one_file_of_ranks() -> None:
    Path("x").mkdir()
    Path("x/boats.tiktoken").write_bytes(ranks_text(RANKS))
    assert Tokenizer.load("x").n_ranks == N
    glm4_folder(Path("y")).joinpath("tokenizer.model").rename("y/boats.tiktoken")
    assert Tokenizer.load("y").end_ids == Tokenizer.load(glm4_folder(Path("z"))).end_ids


GLM4_TEMPLATE = (
    "[gMASK]<sop>{% for item in messages %}"
    "{% if item['tools'] is defined %}<|system|>\n\n# 可用工具{% endif %}"
    "<|{{ item['role'] }}|>{{ item['metadata'] }}\n{{ item['content'] }}{% endfor %}"
)


@pytest.mark.parametrize("spelled", ["string", "list", "file"])
def test_a_template_is_kept_and_glm4s_is_known(spelled: str) -> None:
    folder = glm4_folder(Path("chat"))
    place = folder / "tokenizer_config.json"
    content = json.loads(place.read_text())
    asked = [{"role": "user", "content": "几点?"}]
    expected = Tokenizer.load(folder).apply_chat_template(asked)
    for template in (GLM4_TEMPLATE, "{{ messages }}\r\n"):
        named = [{"name": "other", "template": "x"}, {"name": "default", "template": template}]
        given: dict[str, Any] = {"string": template, "list": named, "file": "an older one"}
        place.write_text(json.dumps({**content, "chat_template": given[spelled]}))
        if spelled == "file":
            folder.joinpath("chat_template.jinja").write_bytes(template.encode())
        loaded = Tokenizer.load(folder)
        assert loaded.specials.chat_template == template
        export.export(loaded, "out", ["transformers", "tiktoken"])
        assert Path("out/transformers/chat_template.jinja").read_bytes() == template.encode()
        assert Tokenizer.load("out").specials.chat_template == template
        if template is GLM4_TEMPLATE:
            assert loaded.apply_chat_template(asked) == expected
        else:
            with pytest.raises(ConfigError, match="a chat template of its own"):
                loaded.apply_chat_template(asked)
    place.write_text(json.dumps({**content, "chat_template": named[:1]}))
    folder.joinpath("chat_template.jinja").unlink(missing_ok=True)
    with pytest.raises(ConfigError, match="a chat template named default, found other"):
        Tokenizer.load(folder)


@pytest.mark.parametrize("name", ["glm4", "llama3"])
def test_without_c1_every_merge_is_listed(name: str) -> None:
    ours = Tokenizer.load(name)
    assert not ours.is_valid
    export.export(ours, "out", ["transformers"])
    content = json.loads(Path("out/transformers/tokenizer.json").read_text())
    assert content["model"]["ignore_merges"] is True
    # As many as others count in the published files.
    assert len(content["model"]["merges"]) == {"glm4": 318_088, "llama3": 280_147}[name]
    theirs = tokenizers.Tokenizer.from_file("out/transformers/tokenizer.json")
    theirs.encode_special_tokens = True
    texts = [*TEXTS, *random_texts(3_000, seed=7)]
    found = theirs.encode_batch(texts, add_special_tokens=False)
    for text, encoding in zip(texts, found, strict=True):
        assert encoding.ids == ours.encode(text), ascii(text)
    loaded = Tokenizer.load("out/transformers")
    assert loaded == ours
    assert (loaded.end_ids, loaded.pad_id) == (ours.end_ids, ours.pad_id)
    with pytest.raises(ConfigError, match="obeys rule C1") as raised:
        export.export(ours, "no", ["gguf"])
    assert "repair" in str(raised.value.hint)
