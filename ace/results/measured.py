"""What an evaluation measured, in words: a playbook at a revision, or the empty playbook that every comparison begins at.

Revision 0 of any playbook is empty. It is named as that, since `book@0` alone reads as if something had been learned, and the
name that `ace ceiling` keeps its base under (`empty`) as if it were a playbook of the user's.
"""

from __future__ import annotations


def measured(playbook: str, revision: int) -> str:
    """`NAME@REVISION`, and for revision 0 that it is the empty playbook."""
    return f"{playbook}@{revision}" if revision else f"empty playbook ({playbook}@0)"
