"""What stands beside a vocabulary in a folder of Hugging Face: ends, padding, the chat form.

tokenizer_config.json    eos_token, pad_token, bos_token, special tokens by id, a chat template
special_tokens_map.json  the first three, where the file above lacks them
generation_config.json   every token that ends a text, by id; config.json where it is missing
chat_template.jinja      the chat template of newer versions
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from glmdata.errors import ConfigError, CorruptDataError, GlmdataError
from glmdata.tokenizer.chat_template import CHAT_TEMPLATE, TRAINING_TEMPLATE
from glmdata.tokenizer.specials import FILLER, Specials

CONFIG_FILE = "tokenizer_config.json"
GENERATION_FILE = "generation_config.json"
TEMPLATE_FILE = "chat_template.jinja"

_FILLER = re.compile(re.escape(FILLER) + r"([0-9]+)\|>")


def object_of(path: Path) -> Mapping[str, Any]:
    """The object in a JSON file; an empty one where there is no file.

    Raises
    ------
    CorruptDataError
        It is no JSON, or no object.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise CorruptDataError(f"{path}: damaged: {error}") from None
    if not isinstance(content, dict):
        raise CorruptDataError(f"{path}: damaged: expected an object")
    return content


def added_tokens(folder: Path) -> Specials:
    """The special tokens that tokenizer_config.json lists, and which of them are shown."""
    path = folder / CONFIG_FILE
    try:
        listed = object_of(path).get("added_tokens_decoder") or {}
        ids = {str(token["content"]): int(number) for number, token in listed.items()}
        shown = [t["content"] for t in listed.values() if t.get("special") is False]
        return Specials(ids=ids, shown=tuple(shown))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CorruptDataError(f"{path}: damaged: added_tokens_decoder: {error!r}") from None


def told_beside(folder: Path, specials: Specials) -> Specials:
    """Special tokens with the parts that the files of `folder` give them.

    Raises
    ------
    ConfigError
        A part is given to a token that is no special token.
    CorruptDataError
        A file is damaged.
    """
    try:
        return _told(folder, specials)
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, GlmdataError):
            raise
        raise CorruptDataError(f"{folder}: damaged beside the vocabulary: {error!r}") from None


def _told(folder: Path, specials: Specials) -> Specials:
    added = added_tokens(folder)
    ids = without_fillers({**added.ids, **specials.ids})
    more = [name for name in added.shown if name not in specials.ids]
    own = {
        key: value for key, value in object_of(folder / CONFIG_FILE).items() if value is not None
    }
    config = {**object_of(folder / "special_tokens_map.json"), **own}
    place = str(folder / CONFIG_FILE)
    eos, pad, bos = (
        _token(config, key, ids, place) for key in ("eos_token", "pad_token", "bos_token")
    )
    generation = object_of(folder / GENERATION_FILE)
    names = {number: name for name, number in ids.items()}
    if generation:
        place = str(folder / GENERATION_FILE)
    else:
        # Written for the model; what it says of no special token is a default that nobody chose.
        model = object_of(folder / "config.json")
        keys = ("eos_token_id", "bos_token_id", "pad_token_id")
        generation = {key: _known(model.get(key), names) for key in keys}
    ends = [_name(number, names, place) for number in _listed(generation.get("eos_token_id"))]
    begin = [_name(number, names, place) for number in _listed(generation.get("bos_token_id"))]
    fill = [_name(number, names, place) for number in _listed(generation.get("pad_token_id"))]
    first = [eos] if eos is not None else []
    return replace(
        specials,
        ids=ids,
        shown=tuple(sorted({*specials.shown, *more})),
        end=tuple(dict.fromkeys([*first, *(ends or specials.end)])),
        pad=pad or next(iter(fill), specials.pad),
        bos=bos or specials.bos,
        begin=next(iter(begin), specials.begin),
        chat_template=_template(folder, config),
    )


def without_fillers(ids: Mapping[str, int]) -> dict[str, int]:
    """Special tokens without the names that an export gave to ids between them."""
    last = max(ids.values(), default=0)

    def fills(name: str, number: int) -> bool:
        found = _FILLER.fullmatch(name)
        return found is not None and int(found[1]) == number != last

    kept = {name: number for name, number in ids.items() if not fills(name, number)}
    return dict(sorted(kept.items(), key=lambda item: item[1]))


def _token(config: Mapping[str, Any], key: str, ids: Mapping[str, int], place: str) -> str | None:
    given = config.get(key)
    name = given.get("content") if isinstance(given, Mapping) else given
    if not name:
        return None
    if name not in ids:
        raise ConfigError(
            f"{place}: {key}: expected one of the special tokens, found {name!r}",
            hint="`save_pretrained` of transformers writes a folder in which it is one, with an id",
        )
    return str(name)


def _listed(given: Any) -> Iterable[Any]:
    if given is None:
        return ()
    return given if isinstance(given, list) else (given,)


def _known(given: Any, names: Mapping[int, str]) -> list[int]:
    return [number for number in _listed(given) if number in names]


def _name(number: Any, names: Mapping[int, str], place: str) -> str:
    if not isinstance(number, int) or number not in names:
        raise ConfigError(
            f"{place}: expected ids of special tokens, found {number!r}",
            hint="take it out of a copy of that file: only special tokens can end or fill a text",
        )
    return names[number]


def _template(folder: Path, config: Mapping[str, Any]) -> str | None:
    """The chat template; None where it is the one that an export writes by itself."""
    path = folder / TEMPLATE_FILE
    if path.exists():
        try:
            given: Any = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise CorruptDataError(f"{path}: damaged: {error}") from None
    else:
        given = config.get("chat_template")
    if isinstance(given, list):
        named = {item.get("name"): item.get("template") for item in given}
        if "default" not in named:
            raise ConfigError(
                f"{folder / CONFIG_FILE}: expected a chat template named default, "
                f"found {', '.join(map(str, named)) or 'none'}",
                hint="name one of them so in a copy of that file",
            )
        given = named["default"]
    if given is not None and not isinstance(given, str):
        raise CorruptDataError(f"{folder / CONFIG_FILE}: damaged: chat_template: {given!r}")
    return None if given in (CHAT_TEMPLATE, TRAINING_TEMPLATE) else given
