"""A token store as the planner sees it: its shards, their hashes, what their schema says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glmdata.config.spelling import unknown
from glmdata.errors import ConfigError, CorruptDataError
from glmdata.mix.config import MixConfig
from glmdata.stage.folder import StageFolder
from glmdata.stage.listing import Listing, vouched

STAGE = "shard"

WHOLE_SENTENCES = ("[sMASK]",)
SENTENCE_ENDS = "glmdata.sentence_ends"
"""What the schema of a shard and of a plan says of tokens that end sentences."""
INFILL_TOKENS = ("[MASK]", "[gMASK]", "<sop>", "<eop>")
FIM_TOKENS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
"""As cl100k_base names them; a plan uses these names whatever the vocabulary calls them."""
CODE_TOKENS = ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>")
"""As CodeGeeX4, built on GLM-4, names them."""


@dataclass(frozen=True)
class Store:
    """A complete token store."""

    folder: Path
    shards: Sequence[tuple[str, str]]
    """Path below the folder, and sha256; sorted by path."""
    listing: Listing
    """The same files, for a manifest."""
    config_sha256: str
    metadata: Mapping[str, str]
    """What the schema of the first shard says; that of the others is the same."""

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Read the manifest and the schema of a shard.

        Raises
        ------
        ConfigError
            The folder is no complete token store, or holds no documents.
        CorruptDataError
            A file is missing or of another size.
        """
        manifest = StageFolder(folder, STAGE).complete()
        if manifest is None or manifest.stage != STAGE:
            found = "nothing complete" if manifest is None else f"a {manifest.stage} stage"
            raise ConfigError(
                f"{folder}: expected a complete token store, found {found}",
                hint="run `glmdata shard` first, or name one with --store",
            )
        files = [entry for entry in manifest.files if entry["path"].endswith(".arrow")]
        shards = sorted((entry["path"], entry["sha256"]) for entry in files)
        if not shards:
            raise ConfigError(f"{folder}: expected documents, found an empty token store")
        # A plan is made of lengths, and a damaged length gives another plan without a word.
        manifest.check_content(folder, tuple(path for path, _ in shards))
        metadata = _schema_metadata(folder / shards[0][0])
        if "glmdata.eod_id" not in metadata:
            raise CorruptDataError(
                f"{folder / shards[0][0]}: expected `glmdata.eod_id` in the schema, found none",
                hint="write the store anew with `glmdata shard --fresh`",
            )
        listing = vouched(folder, sorted(files, key=lambda entry: str(entry["path"])))
        return cls(folder, shards, listing, manifest.config_sha256, metadata)

    @property
    def paths(self) -> list[str]:
        """Where the shards are."""
        return [str(self.folder / path) for path, _ in self.shards]

    @property
    def sha256(self) -> str:
        """Of the sorted hashes of all shards, one a line: the store by its content."""
        return hashlib.sha256("\n".join(sorted(sha for _, sha in self.shards)).encode()).hexdigest()

    def sentence_ends(self, config: MixConfig) -> dict[str, str]:
        """What a plan says of tokens that end sentences, if a mode asks for them.

        Raises
        ------
        ConfigError
            The store does not know.
        """
        if not (config.infill_rate and config.infill_sentence):
            return {}
        if SENTENCE_ENDS not in self.metadata:
            raise ConfigError(
                f"infill_sentence: expected `{SENTENCE_ENDS}` in the shards of {self.folder}",
                hint="write the store anew with `glmdata shard --fresh`",
            )
        return {SENTENCE_ENDS: self.metadata[SENTENCE_ENDS]}

    def special_ids(self, config: MixConfig) -> dict[str, int]:
        """Ids of special tokens by the names a plan uses.

        Raises
        ------
        ConfigError
            A mode needs a token that the vocabulary does not have.
        """
        ids: dict[str, int] = json.loads(self.metadata["glmdata.special_ids"])
        if config.infill_rate:
            whole = WHOLE_SENTENCES if config.infill_sentence else ()
            for name in (*INFILL_TOKENS, *whole):
                if name not in ids:
                    raise unknown(f"infill_rate: the vocabulary has no token `{name}`", name, ids)
        if not config.fim_rate:
            return ids
        usual = [names for names in (FIM_TOKENS, CODE_TOKENS) if set(names) <= set(ids)]
        if not config.fim_tokens and not usual:
            raise ConfigError(
                "fim_rate: the vocabulary has no tokens for prefix, suffix and middle",
                hint="name three of its reserved ids with --fim-tokens, in that order",
            )
        given = config.fim_tokens or usual[0]
        rows = int(self.metadata["glmdata.rows"])
        named = zip(FIM_TOKENS, given, strict=True)
        return {**ids, **{name: _id_of(word, ids, rows) for name, word in named}}


def _id_of(word: str, ids: Mapping[str, int], rows: int) -> int:
    if word in ids:
        return ids[word]
    if word.isdigit() and int(word) < rows:
        return int(word)
    raise unknown(f"fim_tokens: the vocabulary has no special token `{word}`", word, ids)


def _schema_metadata(path: Path) -> dict[str, str]:
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as file:
            metadata: dict[bytes, Any] = pa.ipc.open_file(file).schema.metadata or {}
    except pa.ArrowInvalid as error:
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    return {key.decode(): value.decode() for key, value in metadata.items()}
