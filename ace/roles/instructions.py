"""The instructions of the three roles: the stock texts, texts of one's own, and the placeholders in them.

A placeholder is `{{name}}`, one of a fixed list, replaced in one pass. Nothing is looked up and nothing evaluated, and what is
put in is never read again, so a bullet that holds `{{reply}}` stays that. How a reply must look is said by code, from the
shapes that replies are validated against, so that no prompt can ask for another form.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ace.errors import BadPrompts, UnknownName
from ace.models import layout
from ace.types import JSON, digest

ROLES = ("generator", "reflector", "curator")
PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "generator": {
        "playbook": "the heading # Playbook and the bullets below it; it belongs at the end, so that prompt caches hold",
        "reply": "what a reply must look like",
    },
    "reflector": {"reply": "what a reply must look like"},
    "curator": {"reply": "what a reply must look like"},
}
"""The placeholders of each role's prompt, with what stands there. All of them are required."""
OPTIONAL: Mapping[str, Mapping[str, str]] = {"curator": {"evidence": "in a few words, how attempts are shown to the curator"}}
"""Those that a prompt may leave out."""

_FORMS = {
    "generator": 'Reply with one JSON object: {"thought": "...", "action": "...", "lesson_ids": ["..."]}',
    "generator_scored": "Reply with the exact text of one listed option, and nothing else.",
    "reflector": 'Reply with one JSON object: {"situation": "...", "choice": "...", "diagnosis": "...", "lesson": "...", '
    '"votes": [{"lesson_id": "...", "vote": "helpful"}]}',
    "reflector_cases": 'Reply with one JSON object that has an entry for each case: {"diagnoses": [{"case": 1, '
    '"situation": "...", "choice": "...", "diagnosis": "...", "lesson": "...", "votes": [{"lesson_id": "...", '
    '"vote": "helpful"}]}]}',
    "curator": """Reply with one JSON object; a list may be empty. Edits are done in the order of the lists:
{"reasoning": "...",
 "retire": [{"lesson_id": "...", "reason": "...", "attempts": [1, 2]}],
 "revise": [{"lesson_id": "...", "text": "...", "reason": "...", "attempts": [3]}],
 "merge": [{"source_ids": ["...", "..."], "text": "...", "reason": "...", "attempts": []}],
 "move": [{"lesson_id": "...", "section": "", "after_id": "...", "reason": "...", "attempts": []}],
 "add": [{"section": "...", "text": "...", "after_id": "", "guess": false, "reason": "...", "attempts": [4]}],
 "confirm": [{"lesson_id": "...", "reason": "...", "attempts": [5]}]}""",
    "curator_whole": """Reply with one JSON object:
{"reasoning": "...",
 "lessons": [{"lesson_id": "...", "section": "...", "text": "", "guess": false, "reason": "...", "attempts": [1, 2]},
  {"lesson_id": "", "section": "...", "text": "...", "guess": true, "reason": "...", "attempts": [3]}],
 "retire": [{"lesson_id": "...", "reason": "...", "attempts": [4]}]}""",
    "curator_add": """Reply with one JSON object:
{"reasoning": "...",
 "add": [{"section": "...", "text": "...", "reason": "...", "attempts": [1, 2]}]}""",
    "curator_rewrite": """Reply with one JSON object:
{"reasoning": "...", "playbook": "## Section\\n- [id of a lesson that you keep] Its text\\n- A new lesson"}""",
}
_SAME_TEXT = ("reflector_cases",)
"""Forms of reply that the prompt of the role serves as it is."""
_MERGE = '"source_ids": ["...", "..."], "text": "...", '
LONGEST = 100_000
"""Characters of a prompt."""
_BLANK = r"[^\S\n]*"
_MARK = re.compile(r"\\\{\{|\{\{" + _BLANK + r"([a-z]+)" + _BLANK + r"\}\}")
_OPENED = re.compile(r"(?<!\\)\{\{([^{}\n]*)(\}\})?")
_SINGLE = re.compile(r"(?<!\{)\{" + _BLANK + r"(playbook|reply)" + _BLANK + r"\}(?!\})")
_MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of a run: `own` texts by role, with their placeholders; the stock text for every other role. `instructions`
    are the environment's for the agent: they begin its system message, and the reflector is told them as data."""

    own: Mapping[str, str] = field(default_factory=dict)
    instructions: str = ""

    def text(self, role: str) -> str:
        """The prompt of `role` with its placeholders as they are written."""
        return self.own.get(role) or stock(role)

    def is_own(self, role: str) -> bool:
        """Does `role` have another prompt than the stock one? A run keeps the stock texts that it was begun with."""
        return self.text(role) != stock(role)

    @property
    def texts(self) -> dict[str, str]:
        """The prompts of all roles."""
        return {role: self.text(role) for role in ROLES}

    @property
    def digest(self) -> str:
        """What identifies these three texts and the instructions, 64 characters."""
        return digest(self.texts, self.instructions) if self.instructions else digest(self.texts)

    def as_json(self) -> dict[str, JSON]:
        """What a run keeps of them."""
        kept: dict[str, JSON] = {"digest": self.digest, "texts": self.texts}
        return {**kept, "instructions": self.instructions} if self.instructions else kept

    def filled(self, role: str, form: str = "", **values: str) -> str:
        """The prompt of `role` as a model is sent it; for another `form` of reply where one is named: then the stock prompt for
        that form, or, of the generator, one's own."""
        named = f"{role}_{form}" if form else role
        own = not form or named in _SAME_TEXT or (role == "generator" and self.is_own(role))
        text = fill(
            self.text(role) if own else stock(named),
            {"reply": _FORMS[named], "evidence": "past attempts and new ones", **values},
        )
        if self.instructions and role == "generator":
            return f"{self.instructions}\n\n{text}"
        if self.instructions and role == "reflector":
            return f"{text}\n\n{layout.TOLD}\n{layout.block(self.instructions)}"
        return text


def placed_form() -> str:
    """What a curator's reply must look like where a merged lesson can be placed."""
    return _FORMS["curator"].replace(_MERGE, f'{_MERGE}"after_id": "", ')


STOCK = Prompts()


@cache
def stock(role: str) -> str:
    """The prompt of `role` that stands beside this module."""
    from importlib.resources import files

    return files("ace.roles").joinpath("prompts", f"{role}.md").read_text(encoding="utf-8").strip()


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with `values` in place of their placeholders, in one pass, and `{{` for `\\{{`. Other text in braces stays as it
    is."""
    return _MARK.sub(lambda m: "{{" if m[1] is None else values.get(m[1], m[0]), text)


def checked(found: Mapping[str, tuple[str, str]]) -> Prompts:
    """The prompts of `found`: by role, where the text comes from, and the text. Raises `BadPrompts`, a line for each fault,
    with its place; and `UnknownName` for a role that is none."""
    for role in found:
        if role not in ROLES:
            raise UnknownName("role", role, ROLES)
    faults = [line for role, (where, text) in found.items() for line in _faults(role, where, text)]
    if faults:
        raise BadPrompts(faults[:_MOST_FAULTS])
    return Prompts({role: text.strip() for role, (_, text) in found.items()})


def _faults(role: str, where: str, text: str) -> Iterator[str]:
    required = PLACEHOLDERS[role]
    known = {**required, **OPTIONAL.get(role, {})}
    accepted = "accepted: " + ", ".join(f"{{{{{name}}}}}" for name in known)
    if not text.strip():
        yield f"{where}:1: the prompt is empty; remove it to have the stock prompt of the {role}"
        return
    if len(text) > LONGEST:
        yield f"{where}: the prompt has {len(text):,} characters; at most {LONGEST:,} are accepted"
        return
    written: set[str] = set()
    for m in _OPENED.finditer(text):
        at, name = f"{where}:{_line(text, m.start())}", m[1].strip()
        if m[2] is None:
            yield f"{at}: {{{{ is not closed on its line; {accepted}; \\{{{{ stands for two braces"
        elif name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            meant = f"; did you mean {{{{{near[0]}}}}}?" if near else ""
            yield f"{at}: unknown placeholder {{{{{name[:60]}}}}}{meant} ({accepted})"
        written.add(name)
    for m in _SINGLE.finditer(text):
        if m[1] in known:
            yield f"{where}:{_line(text, m.start())}: {{{m[1]}}} needs two braces on each side: {{{{{m[1]}}}}}"
            written.add(m[1])
    for name, meaning in required.items():
        if name not in written:
            yield f"{where}:{_line(text, len(text.rstrip()))}: {{{{{name}}}}} is missing; it stands for {meaning}"


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
