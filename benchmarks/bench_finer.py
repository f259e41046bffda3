"""The novice on 1,200 real questions about financial filings, answers as feedback, measured on 400 unseen ones.

Beside it a vote of the five nearest training questions, which are told the same answers: cosine of word counts weighted by
rarity among the training questions, each vote weighing as much as its question is near.
"""

from __future__ import annotations

import asyncio
import math
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from common import data, peak_mb, show, timed

from ace.memory.store import Store
from ace.results.score import cases_of, score
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.types import Task

NEAREST = 5


def vote(train: Sequence[Task], held_out: Sequence[Task]) -> float:
    """The share of `held_out` questions that the vote of the nearest training questions gets right."""
    spread = Counter(word for t in train for word in counted(t.text))
    rarity = {word: math.log(len(train) / n) for word, n in spread.items()}
    known = [(vector(t.text, rarity), t.data["answer"]) for t in train]
    right = 0
    for task in held_out:
        asked = vector(task.text, rarity)
        likeness = [(sum(x * other.get(word, 0.0) for word, x in asked.items()), -i) for i, (other, _) in enumerate(known)]
        votes: Counter[str] = Counter()
        for near, minus in sorted(likeness, reverse=True)[:NEAREST]:
            votes[known[-minus][1]] += near  # type: ignore[assignment]
        right += votes.most_common(1)[0][0] == task.data["answer"]
    return right / len(held_out)


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z][a-z'-]*", text.lower()))


def vector(text: str, rarity: dict[str, float]) -> dict[str, float]:
    """The words of `text` weighted by rarity, of length 1."""
    weights = {word: n * rarity[word] for word, n in counted(text).items() if word in rarity}
    length = math.sqrt(sum(x * x for x in weights.values())) or 1.0
    return {word: x / length for word, x in weights.items()}


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
    voted = vote(ready.tasks.train, held_out)
    show("baseline: vote of the five nearest training questions on words", voted, digits=3)
    show("bullets", bullets, digits=0)
    met = [
        show(f"success on {after.n} unseen questions", after.success or 0.0, 0.40, least=True, digits=3),
        show("the same beside the vote of the five nearest", after.success or 0.0, voted, least=True, digits=3),
        show("wall time", took, 180, unit=" s", digits=1),
        show("peak memory", peak_mb(), 500, unit=" MB", digits=0),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
