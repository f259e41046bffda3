"""The file formats of playbooks: which there are, and which one a file is in.

The decision behind it: a format is two pure functions, one that writes a playbook as text and one that reads lines from it.
What a file is in is read off the file itself, so importing needs no option; what is written goes by the name of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from ace.errors import BadInput, UnknownName
from ace.playbooks.formats.agents import is_rule_file, looks_like_agents, parse_agents, render_agents
from ace.playbooks.formats.fields import Entry, load
from ace.playbooks.formats.history import History, parse_history
from ace.playbooks.formats.line import Copy, Line
from ace.playbooks.formats.markdown import looks_like_markdown, parse_markdown, render_markdown
from ace.playbooks.formats.plain import is_simple, parse_plain, render_plain
from ace.playbooks.formats.reference import looks_like_reference, parse_reference, render_reference
from ace.playbooks.formats.revision import parse_revision, render_revision
from ace.playbooks.formats.skillbook import parse_skillbook, render_skillbook, render_skillbook_09

if TYPE_CHECKING:
    from ace.playbooks.formats.rules import Rules


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name. `parse` is `None` for those in `json`, which are told apart by their fields. `counts` says that it
    holds what is known of the bullets."""

    name: str
    about: str
    render: Callable[[Copy], str]
    parse: Callable[[str], list[Line]] | None = None
    json: bool = False
    counts: bool = False


FORMATS = {
    f.name: f
    for f in (
        Format(
            "markdown",
            "to review and edit: lossless",
            lambda s: render_markdown(s.playbook, s.revision, s.bullets),
            parse_markdown,
        ),
        Format("json", "for programs: lossless; with --history the whole past", render_revision, json=True),
        Format("agents", "a part of AGENTS.md, CLAUDE.md or SKILL.md, kept up to date in place", render_agents, parse_agents),
        Format("ace", "the text format of the ACE reference code", render_reference, parse_reference, counts=True),
        Format("skillbook", "the skillbook of ace-framework 0.13", render_skillbook, json=True, counts=True),
        Format("skillbook-0.9", "the skillbook of ace-framework up to 0.9", render_skillbook_09, json=True),
        Format("plain", "a list under headings", render_plain, parse_plain),
    )
}
_BY_ENDING = {".md": "markdown", ".markdown": "markdown", ".json": "json", ".txt": "ace"}


def format_of(name: str) -> Format:
    """The format of a name. Raises `UnknownName`."""
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    return FORMATS[name]


def format_for(file: str) -> Format:
    """The format to write a file of this name in. Raises `BadInput` where the name does not say."""
    path = PurePath(file)
    name = "agents" if is_rule_file(path.name) else _BY_ENDING.get(path.suffix.lower())
    if name is None:
        raise BadInput(f"{file}: its name does not say which format to write; give --format, one of {', '.join(FORMATS)}")
    return FORMATS[name]


def read(text: str, name: str = "", playbook: str = "") -> tuple[str, list[Line] | list[History]]:
    """The format a file is in, and what it holds: lines, or histories. `name` is the format to read it as; empty, the text
    tells. Where a file has the parts of several playbooks, `playbook` says whose to read. Raises `BadInput` naming the line or
    field."""
    kind = format_of(name).name if name else _kind_of(text)
    if kind == "agents":
        return kind, parse_agents(text, playbook)
    parse = FORMATS[kind].parse
    return _read_json(load(text)) if parse is None else (kind, parse(text))


def read_rules(text: str, name: str = "") -> Rules | None:
    """What a file of rules holds that a person wrote in Markdown as they liked; `None` for a file that `read` is for: another
    format, a list without structure, and one without any rule. Raises `BadInput`."""
    if (format_of(name).name if name else _kind_of(text)) != "plain" or is_simple(text):
        return None
    from ace.playbooks.formats.rules import parse_rules

    found = parse_rules(text)
    return found if found.lines else None


def _kind_of(text: str) -> str:
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins == "{":
        return "json"
    if looks_like_agents(text):
        return "agents"
    if looks_like_markdown(text):
        return "markdown"
    if looks_like_reference(text):
        return "ace"
    # A list that begins with a box, or a bullet of ours, has a list's sign before it.
    return "json" if begins == "[" else "plain"


def _read_json(file: Entry) -> tuple[str, list[Line] | list[History]]:
    if file.has("histories"):
        return "history", parse_history(file)
    if file.has("skills") or isinstance(file.value.get("bullets"), dict):
        return "skillbook", parse_skillbook(file)
    if file.has("bullets"):
        return "json", parse_revision(file)
    raise BadInput("this JSON is no playbook: it has neither 'bullets' nor 'skills' nor 'histories'")
