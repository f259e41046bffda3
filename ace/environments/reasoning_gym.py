"""`reasoning-gym`: puzzles by generators with checked answers, from the package of that name.

Its scorers give partial credit, consolation for wrong answers, and sometimes raise; some cannot tell junk from an answer. So a
reply is right at a score of 0.99, an exception on a reply is a failure, and a generator whose scorer passes junk or refuses its
own answer is refused when it is opened.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import random
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from ace.bounds import shortened, why_unread
from ace.environments.accepted import parts_of
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.question import Question
from ace.errors import BadInput, BadSetting
from ace.options import require_once
from ace.redaction import redact_all
from ace.registry import fault_line
from ace.types import Observation, Outcome, Split, Task, failure, success

OFFERS = {"reasoning-gym": "ReasoningGym"}
HELP = {"reasoning-gym": "Puzzles by about a hundred generators (logic, arithmetic, algorithms), each with a checked answer."}
NEEDS = {"extra": "reasoning-gym", "modules": "reasoning_gym"}

RIGHT = 0.99
"""The score from which a reply is right; below it credit is partial."""
JUNK = ("zzz", "")
"""Replies that no scorer may pass."""
SIZE = 100_000
"""Items of a generator; more would cost memory, because some prepare all of them at once."""
OURS = {"seed", "size"}
"""Settings of every generator that ace sets."""
CHECKED = 3
"""Items of a generator whose own answer, and junk, are tried when it is opened."""


class ReasoningGym(Environment):
    """Puzzles by generators of reasoning-gym, each a question with a checked answer."""

    name: ClassVar[str] = "reasoning-gym"
    limits = Limits(steps=1, seconds=60.0)

    def __init__(
        self,
        *,
        generator: Annotated[str, "the generator, or several with commas; a task's kind is its generator"] = "knights_knaves",
        config: Annotated[str, 'settings of the generator as a JSON object, such as {"n_people": 3}'] = "",
        feedback: Annotated[bool, "show the score of a reply that got partial credit"] = False,
    ) -> None:
        self.generators = tuple(parts_of(generator))
        require_once(f"generator={generator}", self.generators)
        self.config, self.feedback = _config(config), feedback
        if not self.generators:
            raise BadSetting("generator is empty; name one, such as knights_knaves")
        if self.config and len(self.generators) > 1:
            raise BadSetting("config is for one generator, and several are named")
        self._made: dict[str, Any] = {}

    def tasks(self, split: Split) -> Iterable[Task]:
        """Items of the generators by turns. Raises `BadInput` for a generator that cannot be used."""
        for generator in self.generators:
            self._source(generator)
        return numbered(self._task, split)

    def open(self, task: Task, seed: int) -> Scene:
        return Question(Observation(task.text), lambda reply: self._judged(task, reply))

    def oracle(self, task: Task) -> Policy | None:
        """Gives the generator's own answer; `None` for generators that judge by simulation and have none."""
        answer = self._item(task)["answer"]
        return None if answer is None else (lambda observation: str(answer))

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return None

    def describe(self) -> dict[str, object]:
        """The generators, and which of them have no answer of their own."""
        without = [g for g in self.generators if self._source(g)[0]["answer"] is None]
        return {"generators": len(self.generators), "without an answer of their own": ", ".join(without) or "none"}

    def _task(self, number: int, split: Split) -> Task | None:
        """The task of a number; `None` past the end, and where a generator's own answer is not right by its scorer."""
        turn, generator = divmod(number, len(self.generators))
        if turn >= SIZE:
            return None
        name = self.generators[generator]
        item = self._source(name)[turn]
        text, answer = str(item["question"]), item["answer"]
        if answer is not None and not _passes(self._source(name), str(answer), item):
            return None
        return Task(f"{name}-{turn}", text, split, {"generator": name, "number": turn}, kind=name)

    def _item(self, task: Task) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._source(str(task.data["generator"]))[int(task.data["number"])]
        return found

    def _judged(self, task: Task, reply: str) -> Outcome:
        score = _score(self._source(str(task.data["generator"])), reply, self._item(task))
        if score is None:
            return failure("The reply could not be read as an answer." if self.feedback else "")
        told = f"Partly right: {score:.2f} of 1." if self.feedback and 0.1 < score < RIGHT else ""
        return success(score=score) if score >= RIGHT else failure(told, score=max(score, 0.0))

    def _source(self, name: str) -> Any:
        """The generator, made and checked once. It is one endless list: item n is drawn from the seed n."""
        if name not in self._made:
            self._made[name] = _opened(name, self.config)
        return self._made[name]


def _config(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise BadSetting(f'config is not JSON: {why_unread(error)}; write an object, such as {{"n_people": 3}}') from None
    if not isinstance(found, dict):
        raise BadSetting(f'config is {text}; it must be a JSON object, such as {{"n_people": 3}}')
    if taken := found.keys() & OURS:
        raise BadSetting(
            f"config sets {', '.join(sorted(taken))}, which ace sets itself so that splits stay apart; leave it out"
        )
    return found


def _opened(name: str, config: Mapping[str, Any]) -> Any:
    import reasoning_gym
    from reasoning_gym.factory import DATASETS

    if name not in DATASETS:
        near = difflib.get_close_matches(name, DATASETS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {len(DATASETS)}, such as knights_knaves and word_sorting"
        raise BadInput(f"reasoning-gym has no generator {name!r}; {hint}")
    fields = _fields(DATASETS[name][1])
    for key in config.keys() - fields.keys() if fields else ():
        near = difflib.get_close_matches(key, fields, n=1)
        hint = f"did you mean {near[0]}? It has" if near else "it has"
        raise BadSetting(f"config: {name} has no setting {key}; {hint} {', '.join(fields)}")
    try:
        found = reasoning_gym.create_dataset(name, size=SIZE, seed=0, **config)
        items = [found[n] for n in range(CHECKED)]
    # Generators raise errors of many classes for settings that they do not take.
    except Exception as error:  # noqa: BLE001
        if config:
            raise BadSetting(_not_taken(name, config, fields, error)) from None
        raise BadInput(f"the generator {name} of reasoning-gym cannot be used: {fault_line(error)}") from None
    _require_sound(name, found, items)
    return found


def _fields(config: Any) -> dict[str, Any]:
    """The settings of a generator and their defaults, but for those that ace sets; empty where they are not known."""
    known = dataclasses.fields(config) if dataclasses.is_dataclass(config) else ()
    return {field.name: field.default for field in known if field.name not in OURS}


def _not_taken(name: str, config: Mapping[str, Any], fields: Mapping[str, Any], error: Exception) -> str:
    """That `name` does not take `config`: the settings whose values are of another kind than their defaults, or its words."""
    wrong = [
        f"{key} is {value!r}, and must be of the kind of its default, {fields[key]!r}"
        for key, value in config.items()
        if isinstance(fields.get(key), int | float | str) and isinstance(value, str) != isinstance(fields[key], str)
    ]
    why = "; ".join(wrong) or shortened(redact_all(str(error)), 300) or type(error).__name__
    return f"config={json.dumps(config)} is not taken by {name}: {why}"


def _require_sound(name: str, found: Any, items: Iterable[Mapping[str, Any]]) -> None:
    """Raise `BadInput` where the scorer passes junk, or does not pass the generator's own answer."""
    for item in items:
        for junk in JUNK:
            if _passes(found, junk, item):
                raise BadInput(f"the generator {name} of reasoning-gym cannot be used: its scorer passes the reply {junk!r}")
        if item["answer"] is not None and not _passes(found, str(item["answer"]), item):
            raise BadInput(f"the generator {name} of reasoning-gym cannot be used: its scorer does not pass its own answer")


def _passes(source: Any, reply: str, item: Mapping[str, Any]) -> bool:
    return (_score(source, reply, item) or 0.0) >= RIGHT


def _score(source: Any, reply: str, item: Mapping[str, Any]) -> float | None:
    """The score of a reply; `None` where the scorer raises on it, as some do for what is not an answer."""
    try:
        return float(source.score_answer(reply, item))
    # Scorers are the package's code, and raise errors of many classes.
    except Exception:  # noqa: BLE001
        return None
