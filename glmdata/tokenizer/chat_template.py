"""GLM-4's chat form in Jinja, for `transformers` and llama.cpp: what `chat` does, once more.

The second template has the same text and marks with `{% generation %}` what an assistant writes, so
that `apply_chat_template(..., return_assistant_tokens_mask=True)` finds it: the line of metadata,
the content, and the role token behind it, at which generation stops. Jinja without the extension of
transformers cannot read these marks, so llama.cpp gets the first one.

No line ends stand outside of strings: Jinja may trim them.
"""

from __future__ import annotations

from glmdata.tokenizer.chat_tools import BUILT_IN, CALL, INTRODUCTION, UNSAYABLE


def _quoted(text: str) -> str:
    return "'" + text.replace("\n", "\\n") + "'"


def _refused(message: str) -> str:
    return f"{{{{ raise_exception({_quoted(message)}) }}}}"


def _said(role: str, text: str, *, marks: bool) -> str:
    """One turn; for marks it is kept, because its last token is the next turn's first."""
    if marks:
        return f"{{%- set kept.turns = kept.turns + [[{role}, {text}]] -%}}"
    return f"{{{{ '<|' + {role} + '|>' + {text} }}}}"


_MARKED = (
    "{%- for turn in kept.turns -%}"
    "{%- if loop.first or loop.previtem[0] != 'assistant' -%}"
    "{{ '<|' + turn[0] + '|>' }}"
    "{%- endif -%}"
    "{%- if turn[0] == 'assistant' -%}"
    "{%- set stop = '' if loop.last else '<|' + loop.nextitem[0] + '|>' -%}"
    # Servers with another Jinja take these marks out by their spelling, so they have no hyphens.
    # One block: a mask that ends inside it would lose the last bytes of a split character.
    "{% generation %}{{ turn[1] + stop }}{% endgeneration %}"
    "{%- else -%}{{ turn[1] }}{%- endif -%}"
    "{%- endfor -%}"
)


_DESCRIBED = (
    "{%- macro described(tools) -%}"
    "{{ '\\n' + " + _quoted(INTRODUCTION) + " }}"
    "{%- for tool in tools -%}"
    + "".join(
        f"{{%- {word} tool['type'] == '{kind}' -%}}{{{{ {_quoted(text)} }}}}"
        for word, (kind, text) in zip(("if", "elif", "elif"), BUILT_IN.items(), strict=True)
    )
    + "{%- elif tool['type'] is defined and tool['type'] != 'function' -%}"
    + _refused(f"tools: expected functions, or one of {', '.join(BUILT_IN)}")
    + "{%- elif not tool['function'] or not tool['function']['name'] -%}"
    + _refused("tools: expected functions with a name")
    + "{%- else -%}"
    "{{ '\\n\\n## ' + tool['function']['name'] + '\\n\\n' }}"
    "{{ tool['function'] | tojson(indent=4) }}"
    "{{ '\\n' + " + _quoted(CALL) + " }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- endmacro -%}"
)


def _template(*, marks: bool) -> str:
    arguments = (
        "(function['arguments'] if function['arguments'] is string"
        " else function['arguments'] | tojson)"
    )
    return (
        _DESCRIBED
        + "{{ '[gMASK]<sop>' }}"
        + ("{%- set kept = namespace(turns=[]) -%}" if marks else "")
        + "{%- if tools -%}"
        + _said("'system'", "described(tools)", marks=marks)
        + "{%- endif -%}"
        "{%- for item in messages -%}"
        "{%- set role = 'observation' if item['role'] == 'tool' else item['role'] -%}"
        "{%- if role not in ['system', 'user', 'assistant', 'observation'] -%}"
        + _refused("role: expected system, user, assistant, observation or tool")
        + "{%- endif -%}"
        "{%- set calls = item['tool_calls'] or"
        " ([item['function_call']] if item['function_call'] else []) -%}"
        "{%- if item['content'] is not string"
        " and (item['content'] or not (calls or item['tools'])) -%}"
        + _refused("content: expected a string")
        + "{%- endif -%}"
        f"{{%- for key in {list(UNSAYABLE)} -%}}"
        "{%- if item[key] -%}"
        + _refused("messages: expected no reasoning, image or audio")
        + "{%- endif -%}"
        "{%- endfor -%}"
        "{%- if calls and role != 'assistant' -%}"
        + _refused("tool_calls: expected role assistant")
        + "{%- endif -%}"
        "{%- if item['tools'] -%}"
        + _said("'system'", "described(item['tools'])", marks=marks)
        + "{%- endif -%}"
        "{%- if item['content'] -%}"
        + _said("role", "(item['metadata'] or '') + '\\n' + item['content']", marks=marks)
        + "{%- endif -%}"
        "{%- for call in calls -%}"
        "{%- set function = call['function'] or call -%}"
        "{%- if not function['name'] or function['arguments'] is not defined"
        " or function['arguments'] is none -%}"
        + _refused("tool_calls: expected functions with name and arguments")
        + "{%- endif -%}"
        + _said("'assistant'", f"function['name'] + '\\n' + {arguments}", marks=marks)
        + "{%- endfor -%}"
        "{%- endfor -%}"
        + (_MARKED if marks else "")
        + "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
    )


CHAT_TEMPLATE = _template(marks=False)
"""For any Jinja; `raise_exception` is what transformers and llama.cpp add to it."""

TRAINING_TEMPLATE = _template(marks=True)
"""For transformers from 4.44 on, where assistant masks can be asked for."""
