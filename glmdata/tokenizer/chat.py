"""A conversation as GLM-4 writes it: role tokens, metadata, a line end, the content.

    [gMASK]<sop><|system|>
    text of the system<|user|>
    question<|assistant|>tool name
    arguments<|observation|>
    result<|assistant|>

There is no token at the end of a message: the next role ends it. A call of a tool is an assistant
message with the tool's name as metadata; its result comes back as an observation. Messages in
OpenAI's form are read too: each of `tool_calls` is such a message, and role `tool` an observation.

The head, up to the line end, and the content are encoded apart, as the tokenizer of glm-4-9b-chat
does it: a content that begins with a line end must not join the one before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from glmdata.errors import ConfigError
from glmdata.tokenizer.chat_template import CHAT_TEMPLATE
from glmdata.tokenizer.chat_tools import UNSAYABLE, tools_text
from glmdata.tokenizer.specials import Specials

__all__ = ["CHAT_TEMPLATE", "PREFIX", "ROLES", "Message", "chat_ids", "chat_parts"]

ROLES = ("system", "user", "assistant", "observation")
PREFIX = ("[gMASK]", "<sop>")

Message = Mapping[str, Any]
"""{role, content}; if need be metadata (a tool's name), tool_calls, or tools (for a system)."""

_GLM4_MARKS = ("[gMASK]<sop>", "# 可用工具", "item['metadata']")
"""What stands in the template of glm-4-9b-chat, and together in no other one."""


def chat_ids(
    specials: Specials,
    encode: Callable[[str], list[int]],
    messages: Sequence[Message],
    tools: Sequence[Mapping[str, Any]],
    *,
    generate: bool,
) -> list[int]:
    """What `Tokenizer.apply_chat_template` does."""
    own = specials.chat_template
    if own is not None and not all(mark in own for mark in _GLM4_MARKS):
        raise ConfigError(
            "chat: expected GLM-4's form, found a vocabulary with a chat template of its own",
            hint="AutoTokenizer of transformers applies that template; an export keeps it",
        )
    parts = [(name, "", "") for name in PREFIX]
    ids: list[int] = []
    for token, head, content in [*parts, *chat_parts(messages, tools, generate=generate)]:
        if token not in specials.ids:
            raise ConfigError(f"chat: expected a vocabulary with {token}, found none")
        ids += [specials.ids[token], *encode(head), *encode(content)]
    return ids


def chat_parts(
    messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], *, generate: bool
) -> Iterator[tuple[str, str, str]]:
    """(special token, head, content) of a conversation, without the prefix.

    Raises
    ------
    ConfigError
        An unknown role, a content that is no string, a tool or a call that is none, or a field that
        this form has no place for.
    """
    if tools:
        yield "<|system|>", "\n", tools_text(tools)
    if isinstance(messages, (str, bytes, Mapping)):
        raise TypeError(f"messages: expected a list of dicts, found {type(messages).__name__}")
    for message in messages:
        if not isinstance(message, Mapping):
            raise TypeError(f"messages: expected dicts, found {type(message).__name__}")
        role = "observation" if message.get("role") == "tool" else message.get("role")
        if role not in ROLES:
            raise ConfigError(f"role: expected one of {', '.join(ROLES)} or tool, found {role!r}")
        content, calls = message.get("content"), list(_calls(message))
        nothing_else = not (calls or message.get("tools"))
        if not isinstance(content, str) and (content or nothing_else):
            raise ConfigError(f"content: expected a string, found {type(content).__name__}")
        if filled := [key for key in UNSAYABLE if message.get(key)]:
            raise ConfigError(
                f"{filled[0]}: expected none, since GLM-4's form has no place for it",
                hint="leave it out, or write it into the content",
            )
        if calls and role != "assistant":
            raise ConfigError(f"tool_calls: expected role assistant, found {role}")
        if message.get("tools"):
            yield "<|system|>", "\n", tools_text(message["tools"])
        if content:
            yield f"<|{role}|>", f"{message.get('metadata') or ''}\n", content
        for name, arguments in calls:
            yield "<|assistant|>", f"{name}\n", arguments
    if generate:
        yield "<|assistant|>", "", ""


def _calls(message: Message) -> Iterator[tuple[str, str]]:
    """(name, arguments) of the calls that OpenAI's form keeps beside the content."""
    older = message.get("function_call")
    for call in message.get("tool_calls") or ([older] if older else []):
        function = call.get("function") or call if isinstance(call, Mapping) else {}
        name, arguments = function.get("name"), function.get("arguments")
        if not name or arguments is None:
            raise ConfigError(
                f"tool_calls: expected functions with name and arguments, found {call!r}"
            )
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        yield name, arguments
