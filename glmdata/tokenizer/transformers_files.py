"""What stands beside `tokenizer.json` for transformers: parts of special tokens, a chat form."""

from __future__ import annotations

from typing import Any

from glmdata.tokenizer.chat_template import TRAINING_TEMPLATE
from glmdata.tokenizer.rows import has_chat, without_gaps
from glmdata.tokenizer.tokenizer import Tokenizer


def transformers_config(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of `tokenizer_config.json`."""
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
        "model_input_names": ["input_ids", "attention_mask", "position_ids"],
        "added_tokens_decoder": {
            str(number): {
                "content": name,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": name not in tokenizer.specials.shown,
            }
            for name, number in without_gaps(tokenizer).items()
        },
    }
    specials = tokenizer.specials
    parts = {
        "bos_token": specials.bos,
        "eos_token": next(iter(specials.end), None),
        "pad_token": specials.pad,
        # In the config too: older versions do not read chat_template.jinja.
        "chat_template": template_of(tokenizer),
    }
    return {**config, **{key: value for key, value in parts.items() if value is not None}}


def generation_config(tokenizer: Tokenizer) -> dict[str, Any]:
    """The content of `generation_config.json`: every token that ends a text, not the first alone.

    Empty if the vocabulary names none.
    """
    ends, begin = tokenizer.end_ids, tokenizer.specials.begin
    parts: dict[str, Any] = {
        "bos_token_id": None if begin is None else tokenizer.special_tokens[begin],
        "eos_token_id": (ends[0] if len(ends) == 1 else ends) if ends else None,
        "pad_token_id": tokenizer.pad_id,
    }
    return {key: value for key, value in parts.items() if value is not None}


def template_of(tokenizer: Tokenizer) -> str | None:
    """The chat form: the vocabulary's own, or GLM-4's where it has the roles."""
    own = tokenizer.specials.chat_template
    return TRAINING_TEMPLATE if own is None and has_chat(tokenizer) else own
