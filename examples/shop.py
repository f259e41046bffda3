"""An environment in twenty lines: orders of a shop whose rules for sending them are written down nowhere the agent can look.

ace run examples/shop.py:Shop
"""

import itertools
import random
from dataclasses import dataclass

import ace

FACTS = {"Item": ("mug", "poster", "lamp", "book"), "Country": ("home", "abroad"), "Speed": ("normal", "express")}
ANSWERS = ("letter", "parcel", "courier", "refuse")


def rule(facts: dict[str, str]) -> str:
    if facts["Country"] == "abroad" and facts["Customer"] == "new":
        return "refuse"
    if facts["Speed"] == "express" or facts["Item"] == "lamp":
        return "courier"
    return "letter" if facts["Item"] == "poster" else "parcel"


class Shop(ace.Environment):
    """How is this order sent? Whether the customer is new must be looked up."""

    instant = True

    def tasks(self, split):
        for number in itertools.count(("train", "val", "test").index(split), 3):  # every third order: no split shares one
            facts = {name: random.Random(f"{number} {name}").choice(values) for name, values in FACTS.items()}
            seen = "\n".join(f"{name}: {value}" for name, value in facts.items())
            facts["Customer"] = random.Random(f"{number} customer").choice(("known", "new"))
            yield ace.Task(f"order-{number}", f"Order {number} waits to be sent.\n{seen}", split, facts)

    def open(self, task, seed):
        return Order(task)

    def oracle(self, task):
        return lambda seen: rule(task.data)


@dataclass
class Order:
    task: ace.Task

    @property
    def first(self):
        return ace.Observation(self.task.text, ("look up the customer",), ANSWERS)

    def act(self, action):
        if action == "look up the customer":
            return ace.Observation(f"Customer: {self.task.data['Customer']}", (), ANSWERS)
        return ace.success() if action == rule(self.task.data) else ace.failure()

    def close(self):
        pass
