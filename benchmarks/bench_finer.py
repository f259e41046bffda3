"""The novice on 1,200 real questions about financial filings, answers as feedback, measured on 400 unseen ones."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from common import data, peak_mb, show, timed

from ace.memory.store import Store
from ace.results.score import cases_of, score
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings


def main() -> int:
    folder = data()
    if folder is None:
        return 0
    files = {"train": "train.jsonl", "eval": "val.jsonl", "choices": "choices.json"}
    given = {key: str(folder / "finer" / name) for key, name in files.items()}
    settings = RunSettings(environment="dataset", settings={**given, "scorer": "choice", "reveal": "true"})
    with tempfile.TemporaryDirectory() as scratch, Store.open(Path(scratch) / "finer.db") as store:
        ready = prepare(settings)
        with timed() as seconds:
            run = asyncio.run(work(ready, store, begin(ready, store)))
            took = seconds()
        after = score(cases_of(store.episodes(run=run.id, phase="after", limit=None)))
        bullets = store.view(run.result["playbook"]).count
    common = Counter(t.data["answer"] for t in ready.tasks.train).most_common(1)[0][0]
    held_out = ready.tasks.held_out
    show("baseline: always the commonest answer", sum(t.data["answer"] == common for t in held_out) / len(held_out), digits=3)
    show("bullets", bullets, digits=0)
    met = [
        show(f"success on {after.n} unseen questions", after.success or 0.0, 0.38, least=True, digits=3),
        show("wall time", took, 180, unit=" s", digits=1),
        show("peak memory", peak_mb(), 500, unit=" MB", digits=0),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
