"""What a file holds that a playbook is to get: bullets that guards let in, or the whole history of a playbook.

Everything that can be wrong with a file is found here, before a store is opened or made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ace.errors import BadInput
from ace.playbooks.formats.history import History
from ace.playbooks.formats.intake import Vetted, vet
from ace.playbooks.formats.line import Line
from ace.playbooks.formats.registry import read, read_rules

if TYPE_CHECKING:
    from ace.playbooks.formats.rules import NotTaken


@dataclass(frozen=True, slots=True)
class FileContent:
    """The format that a text is in (`kind`), its lines as guards let them in, or its histories, and the passages of a file of
    rules that became no bullets."""

    kind: str
    vetted: Vetted
    histories: Sequence[History] = ()
    not_taken: Sequence[NotTaken] = ()


def found_in(text: str, playbook: str, format: str = "", *, strict: bool = False, skip_bad: bool = False) -> FileContent:
    """What `text` holds for `playbook`. `format` is the format's name; empty, the text tells. With `strict` a file of rules
    that holds anything other than bullets is refused; with `skip_bad` what guards refuse is left out. Raises `BadInput` naming
    the line, and `UnknownName` for a format."""
    if "\r" in text and "\n" not in text:
        # Old editors end lines with a carriage return alone.
        text = text.replace("\r", "\n")
    rules = None if strict else read_rules(text, format)
    kind, found = ("plain", list(rules.lines)) if rules else read(text, format, playbook)
    lines = [x for x in found if isinstance(x, Line)]
    vetted = vet(lines, skip_bad=skip_bad or rules is not None)
    if not found:
        raise BadInput("it holds no bullets; write each as a list item ('- text'), under headings ('## section')")
    if not vetted.lines and not skip_bad:
        vet(lines)
    histories = [x for x in found if isinstance(x, History)]
    return FileContent(kind, vetted, histories, rules.not_taken if rules else ())
