"""The memory of this process, and of it with all that it started: workers, their Java, servers."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path


def whole_memory() -> tuple[float, float]:
    """MB in use now of this process, and of it and its descendants; what several of them share is counted once (`Pss` of
    Linux)."""
    own = _megabytes(os.getpid())
    return own, own + sum(map(_megabytes, descendants()))


def descendants() -> Iterator[int]:
    """The numbers of the processes that this one started, and those they did."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children[parent].append(int(stat.parent.name))
    left = [os.getpid()]
    while left:
        found = children.get(left.pop(), [])
        left += found
        yield from found


def _megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    # It has ended.
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
