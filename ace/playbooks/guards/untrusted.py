"""What an edit may do that was written by an untrusted request: add, and change what is distrusted itself.

What it adds rests on untrusted origins alone, so nothing that is served or measured shows it, and the bullets that rest on
trusted origins stay as they are.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from ace.playbooks.operations import Op, Operation

_CHANGES = (Op.REVISE, Op.MERGE, Op.MOVE, Op.RETIRE)


def check_untrusted(operations: Sequence[Operation], distrusted: Container[str]) -> list[tuple[int, str]]:
    """Which of `operations` may not be applied, by their places, each with the reason. `distrusted` has the ids of bullets that
    rest on untrusted origins alone."""
    return [(i, reason) for i, o in enumerate(operations) if (reason := _fault(o, distrusted))]


def _fault(o: Operation, distrusted: Container[str]) -> str:
    if o.op is Op.ADD:
        return ""
    if o.op not in _CHANGES:
        return f"it was learned from untrusted attempts, which {o.op.value} no bullet"
    touched = [id for id in (o.id, *o.sources) if id]
    trusted = next((id for id in touched if id not in distrusted), None)
    if trusted is None:
        return ""
    return f"it was learned from untrusted attempts, and {trusted} does not rest on such alone: they may not {o.op.value} it"
