"""What the file of a vocabulary says, before anybody judges it.

`read` takes every form that `Tokenizer.load` takes. Loading refuses what makes ids ambiguous;
`verify` tells all of it and `repair` mends it, so both start from here.
"""

from __future__ import annotations

import base64
import binascii
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glmdata import _native
from glmdata.errors import ConfigError, CorruptDataError, MissingFileError
from glmdata.stage.hashing import refuse_changed
from glmdata.stage.manifest import stage_manifest
from glmdata.tokenizer.beside import CONFIG_FILE, added_tokens, object_of, told_beside
from glmdata.tokenizer.hub import located
from glmdata.tokenizer.huggingface import read_json
from glmdata.tokenizer.known import KNOWN
from glmdata.tokenizer.patterns import CL100K_PATTERN, known_spelling
from glmdata.tokenizer.specials import Specials, glm4_specials

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RANKS_FILE = "tokenizer.tiktoken"
JSON_FILE = "tokenizer.json"
MODEL_FILE = "tokenizer.model"
DESCRIPTION_FILE = "tokenizer.toml"
FORMAT_VERSION = 1

GLM4_CLASS = "ChatGLM4Tokenizer"
_CL100K_CLASSES = (None, GLM4_CLASS, "PreTrainedTokenizer", "PreTrainedTokenizerFast")
_SHOWN = 60


@dataclass(frozen=True)
class Vocabulary:
    """Tokens as (rank, bytes), in the order of the file; ranks may repeat or have gaps."""

    place: str
    tokens: Sequence[tuple[int, bytes]]
    pattern: str
    specials: Specials
    sha256: str | None = None
    """What tokenizer.toml says the hash of ranks, pattern and special tokens is."""

    def ranks_text(self) -> bytes:
        """The text of a .tiktoken file."""
        lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in self.tokens)
        return b"".join(lines)


def read(source: str | os.PathLike[str], pattern: str | None = None) -> Vocabulary:
    """Read whatever `Tokenizer.load` takes.

    Raises
    ------
    ConfigError
        A tokenizer.json that asks for something byte-level BPE is not.
    CorruptDataError, MissingFileError
        The file is damaged or missing.
    """
    name = os.fspath(source)
    if name in KNOWN:
        published = KNOWN[name]
        native = _native.Tokenizer.known(name, published.pattern)
        tokens = [(rank, native.decode([rank])) for rank in range(len(native))]
        return Vocabulary(name, tokens, published.pattern, published.specials)
    path = located(source)
    in_folder = path.is_dir()
    if in_folder:
        _refuse_edited(path)
        if (path / DESCRIPTION_FILE).exists():
            return _read_folder(path)
        path = _main_file(path)
    if path.suffix == ".gguf":
        # Loaded when asked: it needs a package that may be missing.
        from glmdata.tokenizer.gguf_file import read_gguf

        return read_gguf(_bytes_of(path), str(path))
    data = _bytes_of(path)
    if path.suffix == ".json":
        tokens, pattern, specials = read_json(data, str(path))
        specials = told_beside(path.parent, specials)
        return Vocabulary(str(path), tokens, known_spelling(pattern), specials)
    if path.name == MODEL_FILE or (in_folder and (path.parent / CONFIG_FILE).exists()):
        return _read_model(path, data, pattern)
    found = known_spelling(pattern or CL100K_PATTERN)
    return Vocabulary(str(path), parse_ranks(data, str(path)), found, Specials())


def _main_file(folder: Path) -> Path:
    """The file of a folder that holds the tokens."""
    for name in (JSON_FILE, MODEL_FILE):
        if os.path.lexists(folder / name):
            return folder / name
    for suffix in (".tiktoken", ".gguf"):
        found = [path for path in folder.glob("*") if path.suffix == suffix]
        if len(found) == 1:
            return found[0]
    if (folder / "vocab.json").exists():
        raise ConfigError(
            f"{folder}: expected {JSON_FILE}, found vocab.json, which does not tell the pattern",
            hint="load it with AutoTokenizer of transformers; its save_pretrained writes that file",
        )
    return folder / JSON_FILE


def _read_model(path: Path, data: bytes, pattern: str | None) -> Vocabulary:
    """`tokenizer.model` as THUDM and Meta have it: ranks, and the rest in tokenizer_config.json."""
    if data[:1] == b"\n":
        raise ConfigError(
            f"{path}: expected ranks as in a .tiktoken file, found a SentencePiece model",
            hint="its tokens are no byte strings, so its ids cannot be given here",
        )
    tokens = parse_ranks(data, str(path))
    kind = object_of(path.parent / CONFIG_FILE).get("tokenizer_class")
    if pattern is None and kind not in _CL100K_CLASSES:
        raise ConfigError(
            f"{path}: expected the tokenizer class of GLM-4 or none of its own, found {kind}",
            hint="`Tokenizer.load(..., pattern=...)` takes the pattern that its code has",
        )
    specials = added_tokens(path.parent)
    if kind == GLM4_CLASS:
        # The model has rows up to a multiple of 1,024, which no file beside it names.
        glm4, ids = glm4_specials(len(tokens)), specials.ids
        if ids.items() <= glm4.ids.items():
            specials = glm4
        elif set(glm4.prefix) <= ids.keys():
            specials = replace(specials, prefix=glm4.prefix)
    specials = told_beside(path.parent, specials)
    return Vocabulary(str(path), tokens, known_spelling(pattern or CL100K_PATTERN), specials)


def parse_ranks(data: bytes, place: str) -> list[tuple[int, bytes]]:
    """The lines of a .tiktoken file: base64, a space, the rank.

    Raises
    ------
    CorruptDataError
        A line is something else.
    """
    tokens = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        word, _, rank = line.rstrip().partition(b" ")
        try:
            tokens.append((_rank_of(rank), base64.b64decode(word, validate=True)))
        except (ValueError, binascii.Error):
            shown = line[:_SHOWN].decode("ascii", "backslashreplace")
            raise CorruptDataError(
                f"{place}: line {number}: expected base64, a space and a rank, found {shown!r}"
            ) from None
    return tokens


def _rank_of(digits: bytes) -> int:
    # int() takes signs, blanks and underscores too.
    if not digits.isdigit():
        raise ValueError(digits)
    return int(digits)


def _refuse_edited(folder: Path) -> None:
    """Compare the files of a stage with its manifest: pad and ends are in no other hash."""
    manifest = stage_manifest(folder)
    if manifest is not None:
        ours = (DESCRIPTION_FILE, RANKS_FILE)
        refuse_changed(folder, [entry for entry in manifest.files if entry["path"] in ours])


def _read_folder(folder: Path) -> Vocabulary:
    path = folder / DESCRIPTION_FILE
    pattern, specials, sha256 = read_description(_bytes_of(path), str(path))
    ranks = folder / RANKS_FILE
    return Vocabulary(
        str(folder), parse_ranks(_bytes_of(ranks), str(ranks)), pattern, specials, sha256
    )


def read_description(data: bytes, place: str) -> tuple[str, Specials, str]:
    """(pattern, special tokens, sha256) of tokenizer.toml.

    Raises
    ------
    CorruptDataError
        It is no such file.
    """
    try:
        described = tomllib.loads(data.decode())
        if described["format_version"] != FORMAT_VERSION:
            found = described["format_version"]
            raise CorruptDataError(f"{place}: expected format {FORMAT_VERSION}, found {found!r}")
        specials = Specials(
            ids=described["special_tokens"],
            prefix=tuple(described["prefix"]),
            end=tuple(described["end"]),
            pad=described.get("pad"),
            bos=described.get("bos"),
            begin=described.get("begin"),
            shown=tuple(described.get("shown", ())),
            chat_template=described.get("chat_template"),
        )
        return known_spelling(described["pattern"]), specials, described["sha256"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, CorruptDataError):
            raise
        raise CorruptDataError(f"{place}: damaged: {error}") from None


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise MissingFileError(
                f"{path}: a link to {path.readlink()}, which is missing",
                hint="download it again, or copy what the link means with the folder",
            ) from None
        names = ", ".join(KNOWN)
        raise MissingFileError(
            f"{path}: no such vocabulary",
            hint="name a folder of `glmdata train-tokenizer`, a .tiktoken file, a tokenizer.json, "
            f"a tokenizer.model, a model in the hub's cache, or one of {names}",
        ) from None
