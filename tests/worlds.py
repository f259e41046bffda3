"""Environments made for tests alone, with facts, options and rules of their own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ace.environments.contract import Environment, Policy, Scene
from ace.types import Observation, Outcome, Split, Task, failure, success

Facts = Mapping[str, Any]


def draws(split: Split, name: str) -> random.Random:
    return random.Random(f"{name}/{split}")


@dataclass
class Play:
    """A scene that shows what `seen` says of the actions taken, and asks `right` of the answer."""

    first: Observation
    seen: Callable[[str], Observation | None]
    right: Callable[[str], bool]

    def act(self, action: str) -> Observation | Outcome:
        came = self.seen(action)
        if came is not None:
            return came
        return success() if self.right(action) else failure()

    def close(self) -> None:
        return None


class Greenhouse(Environment):
    """Plants to see to: three things to look at or do first, six things to answer, an exception, a step that one rule needs
    and all others forbid."""

    name = "greenhouse"
    instant = True
    answers = ("prune", "repot", "water", "feed", "move", "sell")
    actions = ("look at the plant", "look at the customer", "check the roots")

    def tasks(self, split: Split) -> Iterator[Task]:
        r, n = draws(split, self.name), 0
        while True:
            n += 1
            facts = {
                "soil": r.choice(["clay", "peat", "sand", "loam"]),
                "light": r.choice(["shade", "half", "full"]),
                "height": r.randint(5, 200),
                "customer": r.choice(["hobby", "farm", "city"]),
                "pot": r.choice(["tiny", "small", "big"]),
                "season": r.choice(["spring", "summer", "autumn"]),
            }
            yield Task(f"{split}-{n}", f"Please see to plant {split}{n}.", split, facts)

    def rule(self, f: Facts) -> tuple[str, bool]:
        if f["soil"] == "peat" and f["pot"] == "tiny":
            return "water", False
        if f["soil"] == "peat":
            return "repot", True
        if f["light"] == "shade" and f["customer"] == "city":
            return "move", False
        if f["height"] >= 150:
            return "prune", False
        if f["season"] == "autumn":
            return "sell", False
        return "feed", False

    def open(self, task: Task, seed: int) -> Scene:
        f, done = task.data, list[str]()
        choice, step = self.rule(f)

        def now(text: str) -> Observation:
            return Observation(text, tuple(a for a in self.actions if a not in done), self.answers)

        def seen(action: str) -> Observation | None:
            if action in self.answers:
                return None
            if action not in self.actions:
                return now("That cannot be done.")
            done.append(action)
            if action == "look at the plant":
                return now(f"Soil: {f['soil']}\nLight: {f['light']}\nHeight: {f['height']} cm")
            if action == "look at the customer":
                return now(f"Customer: {f['customer']}\nPot: {f['pot']}\nSeason: {f['season']}")
            return now("The roots look as roots do.")

        return Play(now(task.text), seen, lambda a: a == choice and ("check the roots" in done) == step)

    def oracle(self, task: Task) -> Policy:
        choice, step = self.rule(task.data)
        return lambda seen: "check the roots" if step and "check the roots" in seen.actions else choice


class Ferry(Environment):
    """One question told in plain sentences, no records; one answer."""

    name = "ferry"
    instant = True
    answers = ("main deck", "upper deck", "next boat", "cabin")

    def tasks(self, split: Split) -> Iterator[Task]:
        r, n = draws(split, self.name), 0
        while True:
            n += 1
            vehicle, weather = r.choice(["van", "bicycle", "lorry", "car"]), r.choice(["calm", "windy", "foggy"])
            tonnes, who = r.randint(1, 40), r.choice(["a regular", "a stranger", "a family"])
            came = f"Crossing {split}{n}: {who} arrives with a {vehicle}."
            text = f"{came} The sea is {weather} today. The load weighs {tonnes} tonnes."
            yield Task(f"{split}-{n}", text, split, {"vehicle": vehicle, "weather": weather, "tonnes": tonnes})

    def rule(self, f: Facts) -> str:
        if f["weather"] == "windy" and f["vehicle"] == "bicycle":
            return "cabin"
        if f["tonnes"] >= 25:
            return "next boat"
        return "upper deck" if f["vehicle"] in ("bicycle", "car") else "main deck"

    def open(self, task: Task, seed: int) -> Scene:
        first = Observation(task.text, (), self.answers)
        return Play(first, lambda action: None, lambda action: action == self.rule(task.data))


class Gate(Environment):
    """All options are listed as actions, none as answers; some go on and some end the attempt."""

    name = "gate"
    instant = True
    options = ("read the badge", "open", "close", "ring")

    def tasks(self, split: Split) -> Iterator[Task]:
        r, n = draws(split, self.name), 0
        while True:
            n += 1
            facts = {"colour": r.choice(["red", "green", "blue"]), "hour": r.randint(0, 23)}
            yield Task(f"{split}-{n}", f"Visitor {split}{n} stands at the gate.", split, facts)

    def rule(self, f: Facts) -> str:
        if f["colour"] == "red":
            return "close"
        return "ring" if f["hour"] >= 18 else "open"

    def open(self, task: Task, seed: int) -> Scene:
        f = task.data

        def seen(action: str) -> Observation | None:
            if action != "read the badge":
                return None
            return Observation(f"Colour: {f['colour']}; Hour: {f['hour']}", self.options[1:])

        return Play(Observation(task.text, self.options), seen, lambda action: action == self.rule(f))


class FreeGate(Gate):
    """The gate with nothing listed to choose from."""

    def open(self, task: Task, seed: int) -> Scene:
        f = task.data
        text = f"{task.text}\nColour: {f['colour']}; Hour: {f['hour']}"
        return Play(Observation(text), lambda action: None, lambda action: action == self.rule(f))
