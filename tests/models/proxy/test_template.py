"""Conversations in a model's own chat template."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.errors import BadInput
from ace.models.contract import Message
from ace.models.proxy.gguf import header
from ace.models.proxy.template import conversation
from tests.models.proxy.files import written

SAID = [Message("system", "Be brief."), Message("user", "Why?"), Message("assistant", "So."), Message("user", "And?")]


def test_a_conversation_ends_where_the_reply_begins(tmp_path: Path) -> None:
    text = conversation(header(written(tmp_path / "m.gguf")), SAID[:2])
    assert text == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"


def test_a_template_without_a_system_message_gets_it_in_the_first_one_of_the_user(tmp_path: Path) -> None:
    strict = (
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "[{{ m.role }}: {{ m.content }}]{% endfor %}"
    )
    model = header(written(tmp_path / "m.gguf", chat_template=strict))
    assert conversation(model, SAID) == "<s>[user: Be brief.\n\nWhy?][assistant: So.][user: And?]"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (None, "m.gguf has no chat template"),
        ("{% for %}", "the chat template of m.gguf cannot be read: "),
        ("{{ raise_exception('never') }}", "the chat template of m.gguf fails: never"),
        ("{{ messages.__class__.__mro__[1].__subclasses__() }}", "the chat template of m.gguf fails: access to attribute"),
    ],
)
def test_a_template_that_cannot_be_used_is_one_line(tmp_path: Path, template: str | None, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        conversation(header(written(tmp_path / "m.gguf", chat_template=template)), SAID)
