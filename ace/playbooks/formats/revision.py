"""A playbook at one revision as JSON, for programs; also what `ace playbook show --json` prints.

One bullet stands on one line, so that two files compare line by line. Ids, sections, texts, states, pins, lineage and order
come back; the past and what was measured do not: a history file holds the one, the store the other.
"""

from __future__ import annotations

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State, is_id
from ace.playbooks.formats.contract import Format, ending
from ace.playbooks.formats.fields import Entry, require_version, written
from ace.playbooks.formats.line import Copy, Line, short

OFFERS = {"json": "JSON_FORMAT"}
PLACE = 500

FORMAT = "ace-playbook"


def render_revision(copy: Copy) -> str:
    """The live bullets of a revision."""
    head = {"format": FORMAT, "version": 1, "playbook": copy.playbook, "revision": copy.revision}
    head |= {"hash": copy.hash, "digest": copy.digest}
    fields = [f"  {written(name)}: {written(value)}" for name, value in head.items()]
    rows = ",\n".join(f"    {written(_row(b))}" for b in copy.bullets)
    return "{\n" + ",\n".join([*fields, f'  "bullets": [\n{rows}\n  ]' if rows else '  "bullets": []']) + "\n}\n"


def parse_revision(file: Entry) -> list[Line]:
    """The bullets of such a file; retired ones are left out. Raises `BadInput` naming the field."""
    require_version(file)
    found: list[Line] = []
    seen: dict[str, str] = {}
    for number, bullet in enumerate(file.entries("bullets"), 1):
        state = bullet.text("state", "active")
        if state == State.RETIRED.value:
            continue
        if state not in (State.ACTIVE.value, State.CANDIDATE.value):
            raise BadInput(f"{bullet.at('state')} is {short(state)}; it can be active, candidate or retired")
        id = bullet.text("id", "")
        if id and not is_id(id):
            raise BadInput(f"{bullet.at('id')} is {short(id)}; an id looks like ref-0a1b2c3d4e")
        if id and seen.setdefault(id, bullet.path) != bullet.path:
            raise BadInput(f"{bullet.at('id')}: {id} is the id of {seen[id]} already")
        found.append(_line(number, bullet, id, State(state)))
    return found


def _line(number: int, bullet: Entry, id: str, state: State) -> Line:
    section, text = bullet.line("section"), bullet.line("text")
    for name, value in (("section", section), ("text", text)):
        if not value:
            raise BadInput(f"{bullet.at(name)} is empty")
    parents = bullet.texts("parents")
    odd = next((p for p in parents if not is_id(p) or p == id), None)
    if odd is not None:
        raise BadInput(f"{bullet.at('parents')}: {short(odd)} is not the id of another bullet")
    pinned, escalated = bullet.flag("pinned", False), bullet.flag("escalated", False)
    return Line(number, section, id, text, state, pinned, parents, entry=bullet.path, escalated=escalated)


def _row(b: Bullet) -> dict[str, object]:
    row: dict[str, object] = {"id": b.id, "section": b.section, "text": b.text, "state": b.state.value, "pinned": b.pinned}
    return row | {"version": b.version, "parents": list(b.parents), **({"escalated": True} if b.escalated else {})}


JSON_FORMAT = Format(
    "json",
    "for programs: lossless; with --history the whole past",
    render_revision,
    json=True,
    read=parse_revision,
    fits=lambda file: file.has("bullets"),
    files=ending(".json"),
)
