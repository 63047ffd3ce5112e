"""Every format read and written again: ids, ends, padding, beginnings and the chat form stay."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import pytest
import transformers

from glmdata import Tokenizer
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.tokenizer import Specials, export, glm4_specials
from glmdata.tokenizer.patterns import CL100K_PATTERN, GPT2_PATTERN, SINGLE_DIGIT_PATTERN
from glmdata.tokenizer.repair import repair
from tests.property.tokenizers import AWKWARD, SAMPLE, random_texts, ranks_text, trained_ranks

pytestmark = pytest.mark.differential

RANKS = trained_ranks(SAMPLE, 300)
N = len(RANKS)
TURNS = (
    "{% for m in messages %}<|turn|>{{ m.role }}\n{{ m.content }}<|stop|>{% endfor %}"
    "{% if add_generation_prompt %}<|turn|>assistant\n{% endif %}"
)
VOCABULARIES = {
    "glm": Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(N)),
    # Ends, padding and a chat form of its own; its generation alone names a beginning.
    "turns": Tokenizer(
        ranks_text(RANKS),
        SINGLE_DIGIT_PATTERN,
        Specials(
            ids={"<|endoftext|>": N, "<|turn|>": N + 1, "<|stop|>": N + 4, "<think>": N + 5},
            end=("<|stop|>", "<|endoftext|>"),
            pad="<|endoftext|>",
            shown=("<think>",),
            begin="<|endoftext|>",
            chat_template=TURNS,
        ),
    ),
    # A token before every text, and another name for each part.
    "begun": Tokenizer(
        ranks_text(RANKS),
        GPT2_PATTERN,
        Specials(
            ids={"[开始]": N, "[结束]": N + 1, "[填充]": N + 2},
            prefix=("[开始]",),
            end=("[结束]",),
            pad="[填充]",
            bos="[开始]",
        ),
    ),
}
TEXTS = [*AWKWARD, SAMPLE, *random_texts(200)]
FORMATS = {
    "tiktoken": "",
    "huggingface": "tokenizer.json",
    "transformers": "transformers",
    "gguf": "tokenizer.gguf",
}


def parts(tokenizer: Tokenizer) -> dict[str, Any]:
    specials = tokenizer.specials
    return {
        "sha256": tokenizer.sha256,
        "prefix": tokenizer.prefix_ids,
        "end": tokenizer.end_ids,
        "pad": tokenizer.pad_id,
        **{key: getattr(specials, key) for key in ("bos", "begin", "shown", "chat_template")},
        "texts": [tokenizer.encode(text) for text in TEXTS],
    }


@pytest.mark.parametrize("name", VOCABULARIES)
@pytest.mark.parametrize("read", FORMATS)
@pytest.mark.parametrize("written", FORMATS)
def test_every_way_round_keeps_everything(name: str, read: str, written: str) -> None:
    tokenizer = VOCABULARIES[name]
    export.export(tokenizer, "first", [read])
    loaded = Tokenizer.load(Path("first", FORMATS[read]))
    assert parts(loaded) == parts(tokenizer)
    export.export(loaded, "second", [written])
    assert parts(Tokenizer.load(Path("second", FORMATS[written]))) == parts(tokenizer)
    # The folder around a file says as much as the file.
    if read != "transformers":
        assert parts(Tokenizer.load("first")) == parts(tokenizer)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_what_others_find_in_the_files(name: str) -> None:
    tokenizer = VOCABULARIES[name]
    specials, ids = tokenizer.specials, tokenizer.special_tokens
    export.export(tokenizer, "out", ["transformers", "gguf"])
    theirs = transformers.AutoTokenizer.from_pretrained("out/transformers")
    assert theirs.eos_token_id == tokenizer.end_ids[0]
    assert theirs.pad_token_id == tokenizer.pad_id
    assert theirs.bos_token == specials.bos
    generation = transformers.GenerationConfig.from_pretrained("out/transformers")
    ends = generation.eos_token_id
    assert (ends if isinstance(ends, list) else [ends]) == tokenizer.end_ids
    assert generation.bos_token_id == (None if specials.begin is None else ids[specials.begin])
    if specials.chat_template is not None:
        asked = [{"role": "user", "content": "几点?"}]
        said = theirs.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        assert said == "<|turn|>user\n几点?<|stop|><|turn|>assistant\n"
        with pytest.raises(ConfigError, match="a chat template of its own"):
            tokenizer.apply_chat_template(asked)
    if specials.shown:
        spoken = [ids["<think>"], *tokenizer.encode("好"), tokenizer.end_ids[0]]
        assert theirs.decode(spoken, skip_special_tokens=True) == "<think>好"
        assert tokenizer.decode(spoken, skip_special=True) == "<think>好"
    fields = gguf.GGUFReader("out/tokenizer.gguf").fields
    for name, number in ids.items():
        kind = fields["tokenizer.ggml.token_type"].contents()[number]
        shown = kind == gguf.TokenType.USER_DEFINED
        assert shown == (name in specials.shown)
    told = {key: field.contents() for key, field in fields.items()}
    assert told["tokenizer.ggml.eos_token_id"] == tokenizer.end_ids[0]
    assert told["tokenizer.ggml.padding_token_id"] == tokenizer.pad_id
    begin = specials.begin or specials.bos
    assert told.get("tokenizer.ggml.bos_token_id") == (None if begin is None else ids[begin])
    assert told["tokenizer.ggml.add_bos_token"] is (tokenizer.prefix_ids == [ids.get(begin)])


def test_a_folder_that_transformers_wrote() -> None:
    """Its newest version spells parts in its own way; GGUF gets what its converter writes."""
    export.export(VOCABULARIES["begun"], "ours", ["transformers"])
    theirs = transformers.AutoTokenizer.from_pretrained("ours/transformers")
    theirs.add_special_tokens({"eos_token": "<|完|>", "additional_special_tokens": ["<|另|>"]})
    theirs.save_pretrained("theirs")
    loaded = Tokenizer.load("theirs")
    assert loaded.end_ids == [theirs.eos_token_id]
    assert loaded.pad_id == theirs.pad_token_id
    assert loaded.prefix_ids == theirs.encode("")
    assert loaded.special_tokens["<|另|>"] == theirs.convert_tokens_to_ids("<|另|>")
    export.export(loaded, "out", ["gguf", "tiktoken"])
    converter = gguf.SpecialVocab(Path("theirs"))
    fields = gguf.GGUFReader("out/tokenizer.gguf").fields
    for kind, number in converter.special_token_ids.items():
        key = {"pad": "padding"}.get(kind, kind)
        assert fields[f"tokenizer.ggml.{key}_token_id"].contents() == number
    assert Tokenizer.load("out").end_ids == loaded.end_ids


def test_every_end_that_generation_names() -> None:
    export.export(VOCABULARIES["begun"], "out", ["transformers"])
    place = Path("out/transformers/generation_config.json")
    place.write_text(json.dumps({"eos_token_id": [N + 2, N + 1], "pad_token_id": N}))
    loaded = Tokenizer.load("out/transformers")
    assert loaded.end_ids == [N + 1, N + 2]
    # What the tokenizer says comes first, as in transformers.
    assert loaded.pad_id == N + 2
    place.write_text(json.dumps({"eos_token_id": 3}))
    with pytest.raises(ConfigError, match="expected ids of special tokens, found 3"):
        Tokenizer.load("out/transformers")
    # config.json holds for the model: what fits no special token there is nobody's choice.
    place.rename(place.with_name("config.json"))
    assert Tokenizer.load("out/transformers").end_ids == [N + 1]
    config = Path("out/transformers/tokenizer_config.json")
    config.write_text(config.read_text().replace('"eos_token": "[结束]"', '"eos_token": "</s>"'))
    with pytest.raises(ConfigError, match=r"eos_token: expected .* found '</s>'"):
        Tokenizer.load("out/transformers")


def test_repair_keeps_the_parts() -> None:
    tokenizer = VOCABULARIES["turns"]
    export.export(tokenizer, "out", ["transformers"])
    kept = repair("out/transformers").tokenizer
    assert parts(kept) == parts(tokenizer)


def test_more_ends_than_llama_cpp_knows() -> None:
    specials = VOCABULARIES["glm"].specials
    many = replace(specials, end=("<|endoftext|>", "<eop>", "<sop>", "[MASK]"))
    with pytest.raises(ConfigError, match="stops at three tokens, found 4"):
        export.export(Tokenizer(ranks_text(RANKS), CL100K_PATTERN, many), "out", ["gguf"])
    three = replace(specials, end=("[MASK]", "<eop>", "<|user|>"))
    export.export(Tokenizer(ranks_text(RANKS), CL100K_PATTERN, three), "out", ["gguf"])
    fields = gguf.GGUFReader("out/tokenizer.gguf").fields
    found = [fields[f"tokenizer.ggml.{kind}_token_id"].contents() for kind in ("eos", "eom", "eot")]
    assert found == [specials.ids[name] for name in three.end]


def test_the_beginning_of_qwen2_is_the_one_of_its_generation() -> None:
    """Token 151643 by its generation_config.json; nothing is put before a text."""
    export.export(Tokenizer.load("qwen2"), "out", ["gguf", "transformers"])
    fields = gguf.GGUFReader("out/tokenizer.gguf").fields
    kinds = ("bos", "eos", "padding")
    found = [fields[f"tokenizer.ggml.{kind}_token_id"].contents() for kind in kinds]
    assert found == [151_643, 151_645, 151_643]
    assert fields["tokenizer.ggml.add_bos_token"].contents() is False
    assert fields["tokenizer.ggml.tokens"].contents()[151_643] == "<|endoftext|>"
    config = json.loads(Path("out/transformers/tokenizer_config.json").read_text())
    assert "bos_token" not in config
    # GLM-4's form begins with two tokens, and llama.cpp takes no beginning for its pattern.
    export.export(VOCABULARIES["glm"], "glm", ["gguf"])
    assert "tokenizer.ggml.bos_token_id" not in gguf.GGUFReader("glm/tokenizer.gguf").fields


def test_a_gguf_of_another_writer() -> None:
    """Without our own key the ids that llama.cpp reads say all."""
    export.export(VOCABULARIES["glm"], "out", ["gguf"])
    reader = gguf.GGUFReader("out/tokenizer.gguf")
    writer = gguf.GGUFWriter("other.gguf", "glm4")
    for key, field in reader.fields.items():
        if not key.startswith(("GGUF.", "glmdata.", "general.architecture")):
            sub = field.types[1] if len(field.types) > 1 else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=sub)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    ours, loaded = VOCABULARIES["glm"], Tokenizer.load("other.gguf")
    assert (loaded.sha256, loaded.end_ids, loaded.pad_id) == (
        ours.sha256,
        ours.end_ids,
        ours.pad_id,
    )
    shutil.copy("other.gguf", "cut.gguf")
    Path("cut.gguf").write_bytes(Path("other.gguf").read_bytes()[:40])
    with pytest.raises(CorruptDataError, match=r"cut\.gguf"):
        Tokenizer.load("cut.gguf")
