"""The pages of a run of the desk, of its playbook and of an experiment: their size, and the processor time that each takes.

python benchmarks/bench_page.py                make a run of 300 cases and 200 held-out ones first
python benchmarks/bench_page.py STORE RUN      the pages of a run that is there, and of the last experiment
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import show

from ace.memory.store import Store
from ace.memory.values import Run
from ace.pages.compare import compare_page
from ace.pages.document import Report, rendered
from ace.pages.playbook import playbook_page
from ace.pages.run import run_page
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings

LARGEST, LONGEST, TIMES = 1000, 1.0, 3
"""Kilobytes, seconds of processor time, and how often each page is made; the shortest time counts."""


def made(name: str, page: Callable[[], Report]) -> bool:
    """Print the size of a page and the time that it takes, beside the targets; True if both are met."""
    times, text = [], ""
    for _ in range(TIMES):
        began = time.process_time()
        text = rendered(page())
        times.append(time.process_time() - began)
    size = show(f"page of a {name}, size", len(text.encode()) / 1000, LARGEST, unit=" kB", digits=0)
    return show(f"page of a {name}, processor time", min(times), LONGEST, unit=" s") and size


def played(store: Store) -> Run:
    """A run of the desk as `ace run desk` does it."""
    ready = prepare(RunSettings(environment="desk"))
    return asyncio.run(work(ready, store, begin(ready, store)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = sys.argv[1:3]
        with Store.open(given[0] if given else Path(folder) / "ace.db", create=not given) as store:
            run = store.run(given[1]) if given else played(store)
            pages = [
                made("run", lambda: run_page(store, run.id)),
                made("playbook", lambda: playbook_page(store, str(run.result["playbook"]))),
            ]
            if store.experiments.all():
                pages.append(made("comparison", lambda: compare_page(store, "")))
    sys.exit(not all(pages))


if __name__ == "__main__":
    main()
