"""What a format costs: the same model and rules, answered by the likelihood of each listed answer and as a JSON object.

60 distinct cases, in which one of six facts decides by a rule of one fact. The playbook is empty, holds the right rules, or the
same rules with their answers shuffled, so that none is right: a model that reads follows these too. An instruct model in a
GGUF file is needed: python benchmarks/bench_likelihood.py --gguf FILE [--about "1.5B instruct, 4-bit"]. Figures hold for that
model alone. Nothing is stored.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ace.answered import Answered
from ace.attempt import Agent, Briefing, attempt, unit_of
from ace.environments.contract import Environment, Scene
from ace.environments.question import Question
from ace.models.contract import Model, Sampling
from ace.models.registry import open_model
from ace.statistics.intervals import wilson
from ace.types import Observation, Split, Task, failure, success

RULES: Mapping[tuple[str, str], str] = {
    ("item", "lamp"): "refund",
    ("item", "kettle"): "voucher",
    ("item", "jacket"): "repair",
    ("item", "radio"): "decline",
    ("item", "carpet"): "exchange",
    ("item", "clock"): "inspect",
}
ANSWERS = tuple(RULES.values())
OTHERS: Mapping[str, tuple[str, ...]] = {
    "customer": ("Ada", "Ben", "Cleo", "Dov", "Eva"),
    "city": ("Lyon", "Porto", "Bergen", "Ghent"),
    "day": ("Monday", "Tuesday", "Thursday", "Saturday"),
    "colour": ("red", "green", "white", "black"),
}
BOOKS = ("empty", "right", "shuffled")
WAYS: Mapping[str, Answered] = {
    "likelihood": Answered("likelihood"),
    "likelihood, calibrated": Answered("likelihood", calibrated=True),
    "likelihood, by token": Answered("likelihood", per_token=True),
    "JSON": Answered(),
}


class Returns(Environment):
    """What comes back to a shop; the item decides."""

    name = "returns"
    instant = True

    def tasks(self, split: Split) -> Iterator[Task]:
        rng, seen, n = random.Random("returns"), set[str](), 0
        while True:
            (_, item), right = rng.choice(list(RULES.items()))
            facts = {"item": item, **{name: rng.choice(values) for name, values in OTHERS.items()}}
            names = rng.sample(list(facts), len(facts))
            text = "\n".join(f"{name}: {facts[name]}" for name in names)
            if text not in seen:
                seen.add(text)
                n += 1
                yield Task(f"{split}-{n}", text, split, {"item": item, "right": right})

    def open(self, task: Task, seed: int) -> Scene:
        right = task.data["right"]
        return Question(Observation(task.text, answers=ANSWERS), lambda reply: success() if reply == right else failure())


def book(kind: str) -> dict[str, str]:
    """The answer that a playbook names for each item."""
    right = {item: answer for (_, item), answer in RULES.items()}
    turned = dict(zip(right, [*ANSWERS[2:], *ANSWERS[:2]], strict=True))
    return {"empty": {}, "right": right, "shuffled": turned}[kind]


def rendered(rules: Mapping[str, str]) -> str:
    lines = [f"- [rul-{n:04}] If the item is {item}: {answer}." for n, (item, answer) in enumerate(rules.items(), 1)]
    return "\n".join(["## Rules", *lines]) if lines else ""


@dataclass
class Tally:
    """Of so many `cases`, how many were `right`, and in how many the answer was that of the playbook's rule."""

    cases: int = 0
    right: int = 0
    followed: int = 0
    unread: int = 0
    tokens: int = 0


async def tally(model: Model, cases: int, kind: str, how: Answered) -> Tally:
    shown, found = book(kind), Tally()
    environment = Returns()
    agent = Agent(model, Sampling(temperature=0.0, max_tokens=None if how.scores else 120), 3600.0, answering=how)
    briefing = Briefing(rendered(shown))
    tasks = [task for task, _ in zip(environment.tasks("test"), range(cases), strict=False)]
    # One case after the other: what all prompts have in common is read once.
    for task in tasks:
        e = await attempt(agent, environment, unit_of("bench", 0, "eval", 0, task), briefing)
        answer = e.steps[-1].action if e.steps else ""
        found.cases += e.outcome.valid
        found.right += e.outcome.success
        found.followed += answer == shown.get(str(task.data["item"]), "?")
        found.unread += answer not in ANSWERS
        found.tokens += e.usage.completion_tokens
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", required=False, help="an instruct model's file; settings may follow: FILE,threads=2")
    parser.add_argument("--about", default="", help="its size and quantisation, to be printed")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--ways", default="likelihood; JSON", help=f"of {'; '.join(WAYS)}")
    parser.add_argument("--books", default=", ".join(BOOKS), help=f"of {', '.join(BOOKS)}")
    said = parser.parse_args()
    if not said.gguf:
        print("left out: name an instruct model's file with --gguf FILE.gguf")
        return
    size = Path(said.gguf.partition(",")[0]).stat().st_size / 1e6
    print(f"{said.about or 'a local instruct model'}, {size:,.0f} MB; {said.cases} cases, 6 answers")
    ways, books = [w for w in WAYS if w in said.ways.split("; ")], [b for b in BOOKS if b in said.books]
    asyncio.run(measure(said.gguf, ways, books, said.cases))


async def measure(gguf: str, ways: Sequence[str], books: Sequence[str], cases: int) -> None:
    """Print a line for each way and playbook."""
    model = open_model(f"local:{gguf}")
    try:
        for way in ways:
            for kind in books:
                began = time.monotonic()
                t = await tally(model, cases, kind, WAYS[way])
                low, high = wilson(t.right, t.cases)
                rules = f"; followed the shown rule {t.followed}" if kind == "shuffled" else ""
                unread = f"; no listed answer {t.unread}" if t.unread else ""
                per = max(t.cases, 1)
                each = f"{(time.monotonic() - began) / per:.1f} s and {t.tokens / per:.0f} tokens written a case"
                print(
                    f"{way}, {kind}: right {t.right} of {t.cases} ({low:.2f} to {high:.2f}){rules}{unread}; {each}", flush=True
                )
    finally:
        await model.close()


if __name__ == "__main__":
    main()
