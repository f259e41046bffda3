"""Households drawn by number: where things stand, what is wanted, and the way to do it for one who knows where things are.

Hidden is where a kind of thing is kept: a world's seed draws a habit for each kind (apples in the fridge), which most things
keep to. An agent that has learned the habits goes there first; one that has not may run out of steps. Tasks are of ALFWorld's
six types.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KINDS = ("pick and place", "look in light", "clean and place", "heat and place", "cool and place", "pick two and place")
"""ALFWorld's types of tasks."""
PLACES = {
    "cabinet": (2, 4),
    "drawer": (2, 4),
    "countertop": (1, 2),
    "shelf": (1, 3),
    "fridge": (1, 1),
    "microwave": (1, 1),
    "sinkbasin": (1, 1),
    "diningtable": (1, 1),
    "garbagecan": (1, 1),
    "stoveburner": (1, 2),
}
"""Kinds of receptacles, and how many of each a household has."""
OPENED = ("cabinet", "drawer", "fridge", "microwave")
FOOD = ("apple", "bread", "egg", "lettuce", "potato", "tomato")
WARE = ("bowl", "cup", "fork", "knife", "mug", "pan", "plate", "spoon")
OTHER = ("book", "cellphone", "pencil", "vase")
THINGS = (*FOOD, *WARE, *OTHER)
LAMP = "desklamp"
HOMES = ("cabinet", "drawer", "countertop", "shelf", "fridge", "diningtable", "garbagecan", "stoveburner")
"""Where things are kept."""
FAITHFUL = 0.9
"""The share of things that are where their kind is kept."""


@dataclass(frozen=True, slots=True)
class Household:
    """One game: receptacles, things with where they are, the task's kind, what is wanted, and the commands that do it."""

    places: tuple[str, ...]
    things: tuple[tuple[str, str], ...]
    kind: str
    goal: str
    wanted: tuple[str, str]
    way: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the agent is told first."""
        *seen, last = (f"a {place}" for place in sorted(self.places))
        listed = ", ".join([*seen, f"and {last}"])
        return (
            f"You are in the middle of a room. Looking quickly around you, you see {listed}.\n\nYour task is to: {self.goal}."
        )


def habits(world: int) -> dict[str, str]:
    """Where each kind of thing is kept in `world`."""
    rng = random.Random(f"alfworld {world}")
    return {thing: rng.choice(HOMES) for thing in THINGS}


def household(world: int, number: int) -> Household:
    """The household of a number in `world`."""
    rng = random.Random(f"alfworld {world} {number}")
    places = tuple(f"{kind} {n}" for kind, (few, many) in PLACES.items() for n in range(1, rng.randint(few, many) + 1))
    at = {kind: [p for p in places if p.startswith(f"{kind} ")] for kind in PLACES}
    kept = habits(world)
    kind = rng.choice(KINDS)
    thing = rng.choice({"heat and place": FOOD, "cool and place": FOOD, "clean and place": (*FOOD, *WARE)}.get(kind, THINGS))
    things = [(f"{thing} {n}", _home(kept[thing], at, rng)) for n in range(1, 3 if kind == "pick two and place" else 2)]
    others = [t for t in rng.sample(THINGS, 9) if t != thing][:8]
    things += [(f"{other} 1", _home(kept[other], at, rng)) for other in others]
    if kind == "look in light":
        things.append((f"{LAMP} 1", rng.choice(at["diningtable"] + at["shelf"])))
    goals = [p for p in HOMES if p not in {where.rsplit(" ", 1)[0] for name, where in things if name.startswith(f"{thing} ")}]
    return _told(places, things, kind, thing, rng.choice(goals))


def _home(kept: str, at: dict[str, list[str]], rng: random.Random) -> str:
    kind = kept if rng.random() < FAITHFUL else rng.choice(HOMES)
    return rng.choice(at[kind])


def _told(places: tuple[str, ...], things: Sequence[tuple[str, str]], kind: str, thing: str, goal: str) -> Household:
    where = dict(things)
    target = next(p for p in places if p.startswith(f"{goal} "))
    first = f"{thing} 1"
    fetched = _fetched(first, where[first])
    does = {
        "clean and place": ("clean", "sinkbasin 1"),
        "heat and place": ("heat", "microwave 1"),
        "cool and place": ("cool", "fridge 1"),
    }
    if kind == "look in light":
        lamp = f"{LAMP} 1"
        way = [*fetched, f"go to {where[lamp]}", f"use {lamp}"]
        return Household(places, tuple(things), kind, f"look at {thing} under the {LAMP}", (thing, LAMP), _needed(way))
    placed = [f"go to {target}", *([f"open {target}"] if goal in OPENED else []), f"move {first} to {target}"]
    if kind in does:
        verb, tool = does[kind]
        fetched = [*fetched, f"go to {tool}", f"{verb} {first} with {tool}"]
    if kind == "pick two and place":
        second = f"{thing} 2"
        way = [*fetched, *placed, *_fetched(second, where[second]), f"go to {target}", f"move {second} to {target}"]
        return Household(places, tuple(things), kind, f"put two {thing} in {goal}", (thing, goal), _needed(way))
    how = {"clean and place": "a clean ", "heat and place": "a hot ", "cool and place": "a cool "}.get(kind, "some ")
    return Household(places, tuple(things), kind, f"put {how}{thing} in {goal}", (thing, goal), _needed((*fetched, *placed)))


def _needed(way: Iterable[str]) -> tuple[str, ...]:
    """`way` without going where one stands, and without opening what is open: neither can be done."""
    place, opened, found = "", set[str](), list[str]()
    for command in way:
        if command == place or command in opened:
            continue
        if command.startswith("go to "):
            place = command
        elif command.startswith("open "):
            opened.add(command)
        found.append(command)
    return tuple(found)


def _fetched(name: str, where: str) -> list[str]:
    opens = [f"open {where}"] if where.rsplit(" ", 1)[0] in OPENED else []
    return [f"go to {where}", *opens, f"take {name} from {where}"]
