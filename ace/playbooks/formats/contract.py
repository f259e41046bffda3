"""What a file format is: pure functions that write a playbook as text and read lines from one.

A module of this package offers its formats by name, and is all that a format needs:

    OFFERS = {"plain": "PLAIN"}
    PLACE = 900                     # formats are tried in this order when a file is read

What a file is in is read off its text, so importing needs no option; what is written goes by the name of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ace.playbooks.formats.fields import Entry
from ace.playbooks.formats.line import Copy, Line

GROUP = "ace.formats"
"""The entry points by which an installed package offers a `Format`."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name, with one line `about` it.

    `render` writes a playbook. A format of text has `parse`, and `looks`, which says whether a text is in it; one of JSON has
    `json` set, and `read` and `fits`, which are given the object that the file holds. A format without `parse` and `read`
    is only written. Both raise `BadInput`, naming the line or field. `files` says by the name of a file (no folders) that it is
    to be written in this format. `counts`: it holds what is known of the bullets. `comment`, of a format of text, is a
    line that reading passes over, with `{}` for what it says: an export has the mark in it by which the next one knows that the
    file was not changed since. Without it a file that is there is replaced with `--force` alone."""

    name: str
    about: str
    render: Callable[[Copy], str]
    parse: Callable[[str], list[Line]] | None = None
    looks: Callable[[str], bool] = lambda text: False
    json: bool = False
    read: Callable[[Entry], list[Line]] | None = None
    fits: Callable[[Entry], bool] = lambda file: False
    files: Callable[[str], bool] = lambda name: False
    counts: bool = False
    comment: str = ""


def ending(*endings: str) -> Callable[[str], bool]:
    """For `files`: names with one of these endings (as `.md`), in upper or lower case."""
    return lambda name: name.lower().endswith(endings)
