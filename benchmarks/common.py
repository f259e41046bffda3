"""What the benchmarks share: printing a figure beside its target."""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def show(
    what: str, figure: float, target: float | None = None, *, unit: str = "", least: bool = False, digits: int = 2
) -> bool:
    """Print one figure beside its target (at most, or with `least` at least) and give whether it is met."""
    met = target is None or (figure >= target if least else figure <= target)
    goal = "" if target is None else f"   target {'>=' if least else '<='} {target:g}{unit}   {'met' if met else 'MISSED'}"
    print(f"{what:<64} {figure:>10.{digits}f}{unit}{goal}", flush=True)
    return met


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Seconds since the block was entered."""
    began = time.perf_counter()
    yield lambda: time.perf_counter() - began


def peak_mb() -> float:
    """The largest memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def free_port() -> int:
    """A port on loopback that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def data() -> Path | None:
    """The folder with real data, or `None` where it is absent."""
    found = Path(os.environ.get("ACE_DATA") or ROOT.parent / "shared" / "data")
    if found.is_dir():
        return found
    print(f"skipped: no data at {found}; set ACE_DATA", file=sys.stderr)
    return None
