r"""Published vocabularies by name, offline: what a new one is compared with.

The compiled module carries the ranks; patterns and special tokens stand here. Sources:
tiktoken's `openai_public.py` (cl100k_base, o200k_base), tokenizer_config.json of glm-4-9b-chat, of
Qwen2 and of Llama-3.1. Qwen brings text into normal form C first; here no text is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glmdata.tokenizer.patterns import CL100K_PATTERN, O200K_PATTERN, SINGLE_DIGIT_PATTERN
from glmdata.tokenizer.specials import CL100K_SPECIALS, GLM4_RANKS, Specials, glm4_specials


@dataclass(frozen=True)
class Published:
    """What ranks alone do not say of a vocabulary."""

    pattern: str
    specials: Specials


_QWEN2_SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
)

_LLAMA3_SPECIALS = {
    "<|begin_of_text|>": 128000,
    "<|end_of_text|>": 128001,
    "<|finetune_right_pad_id|>": 128004,
    "<|start_header_id|>": 128006,
    "<|end_header_id|>": 128007,
    "<|eom_id|>": 128008,
    "<|eot_id|>": 128009,
    "<|python_tag|>": 128010,
}

KNOWN: Mapping[str, Published] = {
    "cl100k_base": Published(CL100K_PATTERN, CL100K_SPECIALS),
    "o200k_base": Published(
        O200K_PATTERN,
        Specials(ids={"<|endoftext|>": 199999, "<|endofprompt|>": 200018}, end=("<|endoftext|>",)),
    ),
    "glm4": Published(CL100K_PATTERN, glm4_specials(GLM4_RANKS)),
    "qwen2": Published(
        SINGLE_DIGIT_PATTERN,
        Specials(
            ids={name: 151643 + at for at, name in enumerate(_QWEN2_SPECIALS)},
            end=("<|im_end|>", "<|endoftext|>"),
            pad="<|endoftext|>",
            # Its tokenizer has no bos_token, its generation_config.json a bos_token_id.
            begin="<|endoftext|>",
        ),
    ),
    "llama3": Published(
        CL100K_PATTERN,
        Specials(
            ids=_LLAMA3_SPECIALS,
            prefix=("<|begin_of_text|>",),
            end=("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"),
            pad="<|finetune_right_pad_id|>",
            bos="<|begin_of_text|>",
            begin="<|begin_of_text|>",
        ),
    ),
}
"""Names that `Tokenizer.load` takes; a folder of the same name is loaded as `./name`."""
