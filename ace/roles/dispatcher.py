"""The dispatcher: which expert a case belongs to, asked before the case is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.models import layout
from ace.models.contract import Message
from ace.types import Observation

_INSTRUCTIONS = (
    "A case has come in, and there are several experts, each for cases of its own kind. Say which expert the case belongs to, "
    "by what the case says, and do nothing else about it. Where it belongs to none of them, say so with an empty name: an "
    "expert for other cases is worse than none.\n\n"
    'Reply with one JSON object: {"thought": "...", "expert": "..."}'
)
_WORDS, _CASE = 600, 300


@dataclass(frozen=True, slots=True)
class Known:
    """What is told of an expert: words that its cases have and others' do not, the most telling first, and some of its
    cases."""

    words: Sequence[str] = ()
    cases: Sequence[str] = ()


def messages(first: Observation, experts: Mapping[str, Known]) -> tuple[Message, ...]:
    """The question which of `experts`, by name, the case with this first observation belongs to."""
    lines = [layout.row(_cells(name, known)) for name, known in experts.items()]
    listed = "\n".join([layout.EXPERTS, *(f"- {line}" for line in lines)])
    case = f"{layout.TASK}\n{layout.block(first.text)}"
    return (Message("system", _INSTRUCTIONS, stable=True), Message("user", f"{listed}\n\n{case}"))


def _cells(name: str, known: Known) -> list[str]:
    words = layout.TELLING + ", ".join(known.words) if known.words else ""
    cases = [layout.SUCH_AS + layout.item(case, _CASE) for case in known.cases]
    return [layout.item(name), *filter(None, [layout.item(words, _WORDS)]), *cases]
