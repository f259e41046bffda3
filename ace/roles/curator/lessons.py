"""The parts of the request that tell of lessons: the playbook, pairs that are alike, edits that came too late."""

from __future__ import annotations

from ace.models import layout
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Operation
from ace.playbooks.render import bullet_line, by_section
from ace.playbooks.similarity.compare import Kind
from ace.playbooks.similarity.pairs import Pair
from ace.playbooks.triggers.grammar import read_trigger
from ace.roles.curator.brief import Brief
from ace.types import Record

_IS = {Kind.SAME: "say the same", Kind.CONTRADICTS: "may contradict each other", Kind.ALIKE: "are much alike"}


def playbook(brief: Brief, *, counts: bool = False) -> str:
    """The lessons; with `counts`, each with how often it was followed and what came of it."""
    lines = [layout.PLAYBOOK]
    if len(brief.bullets) < brief.total:
        lines.append(f"({len(brief.bullets)} of {brief.total} lessons: those that concern the new attempts)")
    section = None
    for b in by_section(brief.bullets):
        if b.section != section:
            section = b.section
            lines.append(f"## {layout.item(section)}")
        lines.append(bullet_line(b) + layout.notes(_notes(b, brief, counts)))
    if not brief.bullets:
        lines.append("(empty)")
    return "\n".join(lines)


def _notes(b: Bullet, brief: Brief, counts: bool) -> list[str]:
    """What stands behind the line of a lesson."""
    return [*([layout.PINNED] if b.pinned else []), *filter(None, [followed(b, brief) if counts else ""])]


def followed(b: Bullet, brief: Brief) -> str:
    """How often `b` was followed and what came of it, the new attempts included; empty if it never was. Where fit is shown and
    its text is read: what all attempts say of that text."""
    found = brief.fit.of(b.id) if brief.fit else None
    if found is not None and found.read:
        said = found.decided
        return (
            f"of past attempts it decides, {len(said.right)} show it right, {len(said.wrong)} wrong, {len(said.silent)} neither"
        )
    r, now = brief.records.get(b.id, Record()), brief.now.get(b.id, (0, 0))
    new = [e.outcome.success for e in brief.played if b.id in e.cited]
    won, lost = sum(new), len(new) - sum(new)
    all_won, all_lost = r.cited_won + won, r.cited_lost + lost
    if not all_won + all_lost:
        return ""
    counts = f"followed {all_won + all_lost} times, won {all_won}, lost {all_lost}"
    return counts if b.version == 1 else f"{counts}; as it reads now, won {now[0] + won}, lost {now[1] + lost}"


def alike(brief: Brief) -> str:
    rows = [f"- [{p.first.id}] and [{p.second.id}] {_IS[p.likeness.kind]}{_because(p)}" for p in brief.pairs]
    return "\n".join([layout.ALIKE, *rows]) if rows else ""


def decide_apart(p: Pair) -> bool:
    """Do the two decide different cases? One that has all conditions of the other, and more, is an exception to it; and those
    with other conditions and another choice do not contradict it, however alike the words are."""
    one, other = read_trigger(p.first.text), read_trigger(p.second.text)
    if one is None or other is None:
        return False
    mine, theirs = set(one.conditions), set(other.conditions)
    return mine < theirs or theirs < mine or (mine != theirs and one.plan != other.plan)


def _because(p: Pair) -> str:
    return f": {layout.item(p.likeness.why)}" if p.likeness.kind is Kind.CONTRADICTS else ""


def again(brief: Brief) -> str:
    rows = [f"- {_edit(r.operation)}: refused, {layout.item(r.reason)}" for r in brief.again]
    return "\n".join([layout.AGAIN, *rows]) if rows else ""


def _edit(o: Operation) -> str:
    named = " ".join(f"[{layout.item(id, 40)}]" for id in (o.id, *o.sources) if id)
    return f"{o.op} {named}" + (f" to: {layout.item(o.text)}" if o.text else "")
