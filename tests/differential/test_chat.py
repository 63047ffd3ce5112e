"""GLM-4's chat form, ours and transformers': OpenAI's messages, tools without a schema, masks."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
import transformers

from glmdata import Tokenizer
from glmdata.errors import ConfigError
from glmdata.tokenizer import glm4_specials
from glmdata.tokenizer.chat import CHAT_TEMPLATE
from glmdata.tokenizer.patterns import CL100K_PATTERN
from tests.property.tokenizers import SAMPLE, ranks_text, trained_ranks

pytestmark = pytest.mark.differential

RANKS = trained_ranks(SAMPLE, 300)
OURS = Tokenizer(ranks_text(RANKS), CL100K_PATTERN, glm4_specials(len(RANKS)))

ASK: dict[str, Any] = {"role": "user", "content": "几号的船?"}
RESULT: dict[str, Any] = {"role": "tool", "tool_call_id": "c1", "content": "七号"}
OBSERVED: dict[str, Any] = {"role": "observation", "content": "七号"}


def call(name: str, arguments: Any, **rest: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": "c1", "type": "function", "function": function, **rest}


def said(name: str, arguments: str) -> dict[str, Any]:
    return {"role": "assistant", "metadata": name, "content": arguments}


# What stands in OpenAI's form, and the same as GLM-4 has it.
SAME: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "a call without text": (
        [ASK, {"role": "assistant", "content": None, "tool_calls": [call("查船", '{"港": 1}')]}],
        [ASK, said("查船", '{"港": 1}')],
    ),
    "no content at all": (
        [ASK, {"role": "assistant", "tool_calls": [call("boats", "{}")]}],
        [ASK, said("boats", "{}")],
    ),
    "arguments as an object": (
        [ASK, {"role": "assistant", "content": "", "tool_calls": [call("f", {"港": "东<1>"})]}],
        [ASK, said("f", '{"港": "东<1>"}')],
    ),
    "text, then two calls": (
        [
            ASK,
            {
                "role": "assistant",
                "content": "我查。",
                "tool_calls": [call("a", "{}"), call("b", "[2]")],
            },
        ],
        [ASK, {"role": "assistant", "content": "我查。"}, said("a", "{}"), said("b", "[2]")],
    ),
    "a call that is flat": (
        [ASK, {"role": "assistant", "tool_calls": [{"name": "a", "arguments": "{}"}]}],
        [ASK, said("a", "{}")],
    ),
    "the older field": (
        [ASK, {"role": "assistant", "function_call": {"name": "a", "arguments": "{}"}}],
        [ASK, said("a", "{}")],
    ),
    "a result": ([ASK, said("a", "{}"), RESULT, ASK], [ASK, said("a", "{}"), OBSERVED, ASK]),
    "no calls after all": (
        [ASK, {"role": "assistant", "content": "七号", "tool_calls": None, "thinking": None}],
        [ASK, {"role": "assistant", "content": "七号"}],
    ),
}
WRONG: dict[str, list[dict[str, Any]]] = {
    "nothing to say": [ASK, {"role": "assistant", "content": None}],
    "a role of nobody": [{"role": "function", "content": "x"}],
    "parts": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
    "a call of a user": [{"role": "user", "content": "x", "tool_calls": [call("a", "{}")]}],
    "a call without arguments": [
        {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "a"}}]}
    ],
    "a call in another form": [
        {"role": "assistant", "tool_calls": [{"type": "tool_use", "name": "a", "input": {}}]}
    ],
    "reasoning": [{"role": "assistant", "content": "x", "reasoning_content": "because"}],
    "an image": [{"role": "user", "content": "x", "images": ["a.png"]}],
    "tools of another kind": [{"role": "system", "tools": [{"type": "retrieval"}]}],
    "tools without a name": [{"role": "system", "tools": [{"name": "flat", "parameters": {}}]}],
}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("chat")
    OURS.save(folder)
    return transformers.AutoTokenizer.from_pretrained(folder / "transformers")


@pytest.mark.parametrize("case", SAME)
@pytest.mark.parametrize("generate", [False, True])
def test_calls_and_results_are_never_lost(case: str, generate: bool, theirs: Any) -> None:
    given, meant = SAME[case]
    expected = OURS.apply_chat_template(meant, add_generation_prompt=generate)
    assert OURS.apply_chat_template(given, add_generation_prompt=generate) == expected
    text = OURS.decode(expected)
    for messages in (given, meant):
        assert text == theirs.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=generate
        )
    plain = jinja2.Template(CHAT_TEMPLATE).render(messages=meant, add_generation_prompt=generate)
    assert plain == text


@pytest.mark.parametrize("case", WRONG)
def test_what_has_no_form_is_refused(case: str, theirs: Any) -> None:
    with pytest.raises(ConfigError, match="expected"):
        OURS.apply_chat_template(WRONG[case])
    with pytest.raises(jinja2.TemplateError, match="expected"):
        theirs.apply_chat_template(WRONG[case], tokenize=False)


@pytest.mark.parametrize("kind", ["python", "simple_browser", "cogview"])
def test_tools_that_glm4_has_by_itself(kind: str, theirs: Any) -> None:
    function = {"name": "查船", "parameters": {"type": "object"}}
    tools = [{"type": kind}, {"type": "function", "function": function}, {"type": kind}]
    ours = OURS.decode(OURS.apply_chat_template([ASK], tools=tools))
    assert ours == theirs.apply_chat_template([ASK], tools=tools, tokenize=False)
    inside = [{"role": "system", "content": "短些。", "tools": tools}, ASK]
    text = OURS.decode(OURS.apply_chat_template(inside))
    assert text == theirs.apply_chat_template(inside, tokenize=False)
    assert text.count(f"\n\n## {kind}\n\n") == ours.count(f"\n\n## {kind}\n\n") == 2
    head = "[gMASK]<sop><|system|>\n你是"
    assert text.startswith(head)
    assert ours.startswith(head)


def test_the_wording_of_tools_is_the_published_one() -> None:
    """Lengths and ends of the paragraphs in tokenization_chatglm.py of glm-4-9b-chat."""
    tools = [{"type": kind} for kind in ("python", "simple_browser", "cogview")]
    text = OURS.decode(OURS.apply_chat_template([], tools=tools))
    python, browser, cogview = text.split("\n\n## ")[1:]
    assert python.endswith("这些在线内容的访问将不会成功。")
    assert python.index("进行任何网络") - python.index("当你向 `python`") == 165
    assert browser.endswith("也可以再次使用 `search` 进行搜索。")
    assert browser.index("如果初次搜索") - browser.index("选择多个角度") == 256
    assert "【{引用 id}†{引用文本}】" in browser
    assert cogview.endswith("持有中国立场并遵循中国社会主义价值观。")


@pytest.mark.parametrize("content", ["\n晴天。", "\n\n", " \n x", "\n\r1", "晴天。"])
def test_head_and_content_are_encoded_apart(content: str) -> None:
    """As build_single_message of THUDM does; a joined text may have one token at the seam."""
    tokenizer = Tokenizer.load("glm4")
    ids = tokenizer.special_tokens
    found = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}, said("get", content)]
    )
    assert found == [
        *tokenizer.prefix_ids,
        ids["<|user|>"],
        *tokenizer.encode("\n"),
        *tokenizer.encode(content),
        ids["<|assistant|>"],
        *tokenizer.encode("get\n"),
        *tokenizer.encode(content),
    ]
    joined = tokenizer.encode(f"\n{content}")
    assert (joined == tokenizer.encode("\n") + tokenizer.encode(content)) == (content == "晴天。")


def test_assistant_masks_mark_what_is_learned(theirs: Any) -> None:
    messages = [
        {"role": "system", "content": "短些。"},
        ASK,
        {"role": "assistant", "content": None, "tool_calls": [call("a", "{}"), call("b", "{}")]},
        RESULT,
        {"role": "assistant", "content": "\n七号🦙"},
        ASK,
        {"role": "assistant", "content": "I do not know"},
    ]
    made = theirs.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
    ids, mask = made["input_ids"], made["assistant_masks"]
    pairs = list(zip(ids, mask, strict=True))
    learned = [number for number, mark in pairs if mark]
    # The stop of a message is the next role; behind the last one nothing stands.
    assert theirs.decode(learned) == (
        "a\n{}<|assistant|>b\n{}<|observation|>\n\n七号🦙<|user|>\nI do not know"
    )
    behind = False
    speaking = OURS.special_tokens["<|assistant|>"]
    roles = {OURS.special_tokens[f"<|{role}|>"] for role in ("system", "user", "observation")}
    for number, mark in pairs:
        # A token is learned if the one before it belongs to an assistant.
        assert bool(mark) is behind
        behind = number == speaking or (behind and number not in roles)


def test_a_vocabulary_without_roles_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected a vocabulary with"):
        Tokenizer.load("cl100k_base").apply_chat_template([ASK])


@pytest.mark.parametrize("messages", ["hi", b"hi", ASK, [["user", "hi"]], ["hi"]])
def test_what_is_no_list_of_messages_is_a_type_error(messages: Any) -> None:
    with pytest.raises(TypeError, match=r"messages: expected .*dicts, found"):
        OURS.apply_chat_template(messages)
