"""What became of the curator's last edits, what was measured of those that were refused, and how many batches are left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ace.models import layout
from ace.playbooks.bullet import clean
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.brief import Brief

MOST = 12
"""Edits told of each kind, done and refused."""
_TEXT = 120
"""Characters of a text, and of a reason."""
_PAIRS = re.compile(r"\bpairs, E \S+ of \S+|\(E \S+ needed\)")
"""How the gates `trial` and `final` tell what came of pairs."""
_MEASURED = 300
"""Characters of what was measured of edits."""


def last_edits(brief: Brief) -> str:
    """The part of the request; empty where nothing is known."""
    lines = list(_lines(brief))
    return "\n".join([layout.LAST, *lines]) if lines else ""


def _lines(brief: Brief) -> Iterator[str]:
    if brief.left is not None:
        more = {0: layout.NO_MORE, 1: "at most one more batch"}.get(brief.left, f"at most {brief.left} more batches")
        yield f"({more} of attempts will follow this one)"
    if brief.last is None:
        return
    for o in brief.last.done[:MOST]:
        yield f"- {_named(o)}: done{_fared(o, brief)}"
    for r in brief.last.refused[:MOST]:
        yield f"- {_named(r.operation)}: refused{f', {layout.item(r.reason, _TEXT)}' if r.reason else ''}"


def measured_edits(told: str) -> str:
    """The part of the request that says what a gate has `told` of edits that it refused; empty where it told nothing."""
    meant = [layout.PAIRS_MEANT] if _PAIRS.search(told) else []
    return "\n".join([layout.MEASURED, f"- {layout.item(told, _MEASURED)}", *meant]) if told else ""


def _named(o: Operation) -> str:
    ids = [f"[{layout.item(id, 40)}]" for id in (o.new_id or o.id, *o.sources) if id]
    return " ".join([o.op.value, *ids]) + ("" if ids or not o.text else f": {layout.item(o.text, _TEXT)}")


def _fared(o: Operation, brief: Brief) -> str:
    """What came of following the lesson since then, for edits that gave it its text."""
    if o.op not in (Op.ADD, Op.REVISE, Op.MERGE):
        return ""
    bullet = next((b for b in brief.bullets if b.id == (o.new_id or o.id)), None)
    if bullet is None or bullet.text != clean(o.text):
        return "; its text has changed since"
    new = [e.outcome.success for e in brief.played if bullet.id in e.cited]
    won, lost = brief.now.get(bullet.id, (0, 0))
    won, lost = won + sum(new), lost + len(new) - sum(new)
    return f"; followed since: won {won}, lost {lost}" if won + lost else "; not followed since"
