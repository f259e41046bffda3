"""Which file formats there are, and which one a file is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

from ace.errors import BadInput, UnknownName
from ace.offered import offer, offered
from ace.playbooks.formats.agents import parse_agents
from ace.playbooks.formats.contract import GROUP, Format
from ace.playbooks.formats.fields import Entry, load
from ace.playbooks.formats.history import History, parse_history
from ace.playbooks.formats.line import Line
from ace.playbooks.formats.plain import is_simple
from ace.playbooks.formats.reference import is_among_rules
from ace.registry import entry_point_names, load_object

if TYPE_CHECKING:
    from ace.playbooks.formats.rules import Rules

ROOM = "ace.playbooks.formats"
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)


@cache
def formats() -> Mapping[str, Format]:
    """The formats of this package by name, in the order in which they are tried when a file is read."""
    return {name: cast(Format, offer(spec)) for name, spec in offered(ROOM).items()}


def format_of(name: str) -> Format:
    """The format of a name: one of ours, or an installed package's (entry points of `ace.formats`). Raises `UnknownName`, and
    `BadInput` for an entry point that is not a `Format`."""
    if name in formats():
        return formats()[name]
    if name not in entry_point_names(GROUP):
        raise UnknownName("format", name, [*formats(), *entry_point_names(GROUP)])
    found = load_object(name, "format", GROUP, {})
    if not isinstance(found, Format):
        raise BadInput(f"format {name} is an object of type {type(found).__name__}; it must be a Format of {Format.__module__}")
    return found


def format_for(file: str, option: str = "--format") -> Format:
    """The format to write a file of this name in. Raises `BadInput` where the name does not say; `option` is how it is given
    then."""
    name = PurePath(file).name
    for form in _every():
        if form.files(name):
            return form
    names = ", ".join([*formats(), *entry_point_names(GROUP)])
    raise BadInput(f"{file}: its name does not say which format to write; give {option}, one of {names}")


def read(text: str, name: str = "", playbook: str = "") -> tuple[str, list[Line] | list[History]]:
    """The format a file is in, and what it holds: lines, or histories. `name` is the format to read it as; empty, the text
    tells. Where a file has the parts of several playbooks, `playbook` says whose to read. Raises `BadInput` naming the line or
    field."""
    if _HTML.match(text):
        kinds = ", ".join(known for known, form in formats().items() if form.json or form.parse)
        raise BadInput(f"line 1: this is an HTML page, which is not read; a playbook is read from {kinds} (--format)")
    form = format_of(name) if name else _form_of(text)
    if form is None or form.json:
        return _read_json(load(text))
    if form.name == "agents":
        return form.name, parse_agents(text, playbook)
    if form.parse is None:
        raise BadInput(f"the format {form.name} is only written; name another one to read the file as")
    return form.name, form.parse(text)


def read_rules(text: str, name: str = "") -> Rules | None:
    """What a file of rules holds that a person wrote in Markdown as they liked; `None` for a file that `read` is for: another
    format, a list without structure, and one without any rule. Raises `BadInput`."""
    if _HTML.match(text):
        kinds = ", ".join(known for known, form in formats().items() if form.json or form.parse)
        raise BadInput(f"line 1: this is an HTML page, which is not read; a playbook is read from {kinds} (--format)")
    form = format_of(name) if name else _form_of(text)
    mixed = not name and form is not None and form.name == "ace" and is_among_rules(text)
    if not mixed and (form is None or form.name != "plain" or is_simple(text)):
        return None
    from ace.playbooks.formats.rules import parse_rules

    found = parse_rules(text)
    return found if found.lines else None


def _every() -> Iterator[Format]:
    """Our formats, then those of installed packages."""
    yield from formats().values()
    for name in entry_point_names(GROUP):
        if name not in formats():
            yield format_of(name)


def _form_of(text: str) -> Format | None:
    """The format that a text is in; `None` for JSON, whose fields tell."""
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins == "{":
        return None
    for form in _every():
        if form.parse and form.looks(text):
            return form
    # A list that begins with a box, or a bullet of ours, has a list's sign before it.
    return None if begins == "[" else formats()["plain"]


def _read_json(file: Entry) -> tuple[str, list[Line] | list[History]]:
    if file.has("histories"):
        return "history", parse_history(file)
    for form in _every():
        if form.read and form.fits(file):
            return form.name, form.read(file)
    raise BadInput("this JSON is not a playbook: it has neither 'bullets' nor 'skills' nor 'histories'")
