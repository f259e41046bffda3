"""The parts of the request that tell of lessons: the playbook, pairs that are alike, edits that came too late."""

from __future__ import annotations

from ace.models import layout
from ace.playbooks.operations import Operation
from ace.playbooks.render import bullet_line, by_section
from ace.playbooks.similarity.compare import Kind
from ace.playbooks.similarity.pairs import Pair
from ace.roles.curator.brief import Brief

_IS = {Kind.SAME: "say the same", Kind.CONTRADICTS: "contradict each other", Kind.ALIKE: "are much alike"}


def playbook(brief: Brief) -> str:
    lines = [layout.PLAYBOOK]
    if len(brief.bullets) < brief.total:
        lines.append(f"({len(brief.bullets)} of {brief.total} lessons: those that concern the new attempts)")
    section = None
    for b in by_section(brief.bullets):
        if b.section != section:
            section = b.section
            lines.append(f"## {layout.item(section)}")
        lines.append(bullet_line(b) + ("  (pinned: only a person changes it)" if b.pinned else ""))
    if not brief.bullets:
        lines.append("(empty)")
    return "\n".join(lines)


def alike(brief: Brief) -> str:
    rows = [f"- [{p.first.id}] and [{p.second.id}] {_IS[p.likeness.kind]}{_because(p)}" for p in brief.pairs]
    return "\n".join([layout.ALIKE, *rows]) if rows else ""


def _because(p: Pair) -> str:
    return f": {layout.item(p.likeness.why)}" if p.likeness.kind is Kind.CONTRADICTS else ""


def again(brief: Brief) -> str:
    rows = [f"- {_edit(r.operation)}: refused, {layout.item(r.reason)}" for r in brief.again]
    return "\n".join([layout.AGAIN, *rows]) if rows else ""


def _edit(o: Operation) -> str:
    named = " ".join(f"[{layout.item(id, 40)}]" for id in (o.id, *o.sources) if id)
    return f"{o.op} {named}" + (f" to: {layout.item(o.text)}" if o.text else "")
