"""A playbook as a sheet that a person has edited, read back as the bullets it is to have.

The decision behind it: an id is how a line says which bullet it is, so it may be taken out with its line and nothing else. A
line without one is a new bullet, and one with an id that the playbook does not have is refused by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State, new_id
from ace.playbooks.formats.line import Line


def read_sheet(lines: Iterable[Line], bullets: Mapping[str, Bullet], origin: str) -> list[Bullet]:
    """The bullets that `lines` describe, in order. `bullets` are those that the sheet was made of, tombstones included; the ids
    of new ones derive from `origin`. Raises `BadInput` naming the line."""
    return list(_read(lines, bullets, origin))


def _read(lines: Iterable[Line], bullets: Mapping[str, Bullet], origin: str) -> Iterator[Bullet]:
    new = 0
    for line in lines:
        if not line.id:
            yield Bullet(new_id(line.section, origin, new, line.text), line.section, line.text, line.state, pinned=line.pinned)
            new += 1
            continue
        old = bullets.get(line.id)
        if old is None:
            raise BadInput(
                f"line {line.number}: there was no bullet {line.id} on the sheet, and an id cannot be changed or made up; "
                "a line without an id is a new bullet"
            )
        if old.state is State.RETIRED:
            raise BadInput(f"line {line.number}: {line.id} is retired; bring it back with: ace playbook restore")
        yield replace(old, section=line.section, text=line.text, state=line.state, pinned=line.pinned)
