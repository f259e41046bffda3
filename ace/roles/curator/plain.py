"""The request of a curator that is shown the playbook and the new attempts, and nothing of those before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ace.models import layout
from ace.models.contract import Message
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import bullet_line, by_section
from ace.roles.curator.diagnosed import diagnosed
from ace.roles.curator.past_edits import measured_edits
from ace.roles.instructions import Prompts
from ace.roles.offered import offered
from ace.types import Episode, Record, Reflection

Alarms = Callable[[Mapping[str, int]], str]


def no_alarms(numbers: Mapping[str, int]) -> str:
    """The part of a request in which no lesson is in alarm."""
    return ""


_EVIDENCE = "the new attempts with their diagnoses"


def plain_request(
    form: str,
    bullets: Sequence[Bullet],
    new: Sequence[tuple[Episode, Reflection]],
    prompts: Prompts,
    *,
    records: Mapping[str, Record] | None = None,
    halvings: int = 0,
    alarms: Alarms = no_alarms,
    measured: str = "",
) -> tuple[tuple[Message, ...], dict[str, int]]:
    """The messages in the stock `form` of the curator's prompt, or in a prompt of one's own, and the numbers of the episodes
    in them. With `records` each bullet stands with how often following it won and lost. `alarms`
    gives the part that tells of lessons in alarm, with the numbers of the episodes; `measured` is what a gate has measured of
    the edits that were proposed last, and refused."""
    numbers: dict[str, int] = {}
    told = [diagnosed(e, r, numbers, halvings) for e, r in new]
    parts = [
        offered([e for e, _ in new]),
        _playbook(bullets, records),
        alarms(numbers),
        measured_edits(measured),
        "\n".join([layout.NEW, *told]),
    ]
    system = prompts.filled("curator", "" if prompts.is_own("curator") else form, evidence=_EVIDENCE)
    return (Message("system", system, stable=True), Message("user", "\n\n".join(p for p in parts if p))), numbers


def _playbook(bullets: Sequence[Bullet], records: Mapping[str, Record] | None) -> str:
    lines = [layout.PLAYBOOK]
    section = None
    for b in by_section(bullets):
        if b.section != section:
            section = b.section
            lines.append(f"## {layout.item(section)}")
        r = (records or {}).get(b.id, Record())
        followed = r.cited_won + r.cited_lost
        counts = f"followed {followed} times, won {r.cited_won}, lost {r.cited_lost}" if followed else ""
        notes = [*([layout.PINNED] if b.pinned else []), *filter(None, [counts])]
        lines.append(bullet_line(b) + layout.notes(notes))
    return "\n".join(lines if bullets else [*lines, "(empty)"])
