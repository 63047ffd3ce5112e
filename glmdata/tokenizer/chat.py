"""A conversation as GLM-4 writes it: role tokens, metadata, a line end, the content.

    [gMASK]<sop><|system|>
    text of the system<|user|>
    question<|assistant|>tool name
    arguments<|observation|>
    result<|assistant|>

There is no token at the end of a message: the next role ends it. A call of a tool is an assistant
message with the tool's name as metadata; its result comes back as an observation. The wording for
tools is that of glm-4-9b-chat, which its model was trained on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glmdata.errors import ConfigError

ROLES = ("system", "user", "assistant", "observation")

_INTRODUCTION = (
    "你是一个名为 GLM-4 的人工智能助手。你是基于智谱AI训练的语言模型 GLM-4 模型开发的，"
    "你的任务是针对用户的问题和要求提供适当的答复和支持。\n\n# 可用工具"
)
_CALL = "在调用上述函数时，请使用 Json 格式表示调用的参数。"

Message = Mapping[str, Any]
"""{role, content}, and if need be metadata (a tool's name) or tools (a list of functions)."""


def chat_parts(
    messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], *, generate: bool
) -> Iterator[tuple[str, str]]:
    """(special token, plain text behind it) of a conversation, without the prefix.

    Raises
    ------
    ConfigError
        An unknown role, a content that is no string, or a tool that is no function.
    """
    if tools:
        yield "<|system|>", f"\n{_tools_text(tools)}"
    for message in messages:
        role, content = message.get("role"), message.get("content") or ""
        if role not in ROLES:
            raise ConfigError(f"role: expected one of {', '.join(ROLES)}, found {role!r}")
        if not isinstance(content, str):
            raise ConfigError(f"content: expected a string, found {type(content).__name__}")
        if message.get("tools"):
            yield "<|system|>", f"\n{_tools_text(message['tools'])}"
        if content:
            yield f"<|{role}|>", f"{message.get('metadata') or ''}\n{content}"
    if generate:
        yield "<|assistant|>", ""


def _tools_text(tools: Sequence[Mapping[str, Any]]) -> str:
    text = _INTRODUCTION
    for tool in tools:
        function = tool.get("function")
        if not isinstance(function, Mapping) or "name" not in function:
            raise ConfigError(f"tools: expected functions with a name, found {dict(tool)!r}")
        described = json.dumps(function, ensure_ascii=False, indent=4)
        text += f"\n\n## {function['name']}\n\n{described}\n{_CALL}"
    return text


def _jinja_string(text: str) -> str:
    return "'" + text.replace("\n", "\\n") + "'"


CHAT_TEMPLATE = (
    "{%- macro described(tools) -%}"
    "{{ '<|system|>\\n' + " + _jinja_string(_INTRODUCTION) + " }}"
    "{%- for tool in tools -%}"
    "{{ '\\n\\n## ' + tool['function']['name'] + '\\n\\n' }}"
    "{{ tool['function'] | tojson(indent=4) }}"
    "{{ '\\n' + " + _jinja_string(_CALL) + " }}"
    "{%- endfor -%}"
    "{%- endmacro -%}"
    "{{ '[gMASK]<sop>' }}"
    "{%- if tools -%}{{ described(tools) }}{%- endif -%}"
    "{%- for item in messages -%}"
    "{%- if item['tools'] -%}{{ described(item['tools']) }}{%- endif -%}"
    "{%- if item['content'] -%}"
    "{{ '<|' + item['role'] + '|>' + (item['metadata'] or '') + '\\n' + item['content'] }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)
"""The same for `transformers`, in Jinja. No line ends outside of strings: Jinja may trim them."""
