"""A household as a problem in PDDL, in the words of ALFWorld's domain."""

from __future__ import annotations

from ace.environments.alfworld.household import FOOD, HOMES, LAMP, OPENED, PLACES, THINGS, WARE, Household

MARK = "_bar_"
"""What ALFWorld's ids have between a name and its number."""
START = "loc_start"


def id_of(name: str) -> str:
    """The id of `apple 1`: `Apple_bar_1`."""
    kind, number = name.rsplit(" ", 1)
    return f"{kind.capitalize()}{MARK}{number}"


def name_of(id: str) -> str:
    """The name of an id."""
    kind, _, number = id.partition(MARK)
    return f"{kind.lower()} {number}" if number else kind.lower()


def _type(kind: str) -> str:
    return "SinkBasinType" if kind == "sinkbasin" else f"{kind.capitalize()}Type"


def problem(home: Household) -> str:
    """The problem of a household."""
    kinds = sorted({name.rsplit(" ", 1)[0] for name, _where in home.things})
    objects = [
        "agent1 - agent",
        *(f"{id_of(p)} - receptacle\n loc_{id_of(p)} - location" for p in home.places),
        f"{START} - location",
        *(f"{id_of(name)} - object" for name, _where in home.things),
        *(f"{_type(k)} - rtype" for k in PLACES),
        *(f"{_type(k)} - otype" for k in kinds),
    ]
    listed = "\n ".join(objects)
    facts = "\n ".join([f"(atLocation agent1 {START})", "(= (total-cost) 0)", *_places(home), *_things(home), *_fits(kinds)])
    return (
        f"(define (problem household)\n(:domain alfred)\n(:objects\n {listed}\n)\n(:init\n {facts}\n)\n"
        f"(:goal {_goal(home)})\n(:metric minimize (total-cost))\n)\n"
    )


def _places(home: Household) -> list[str]:
    facts = []
    for place in home.places:
        id, kind = id_of(place), place.rsplit(" ", 1)[0]
        facts += [f"(receptacleAtLocation {id} loc_{id})", f"(receptacleType {id} {_type(kind)})"]
        facts += [f"(openable {id})"] if kind in OPENED else []
    return facts


def _things(home: Household) -> list[str]:
    facts = []
    for name, where in home.things:
        id, kind, place = id_of(name), name.rsplit(" ", 1)[0], id_of(where)
        facts += [f"(objectType {id} {_type(kind)})", f"(inReceptacle {id} {place})", f"(objectAtLocation {id} loc_{place})"]
        if kind == LAMP:
            facts.append(f"(toggleable {id})")
            continue
        facts.append(f"(pickupable {id})")
        facts += [f"(cleanable {id})"] if kind in (*FOOD, *WARE) else []
        facts += [f"(heatable {id})", f"(coolable {id})"] if kind in FOOD else []
    return facts


def _fits(kinds: list[str]) -> list[str]:
    places = (*HOMES, "microwave", "sinkbasin")
    return [f"(canContain {_type(place)} {_type(kind)})" for place in places for kind in kinds if kind in THINGS]


def _goal(home: Household) -> str:
    thing, where = home.wanted
    if home.kind == "look in light":
        held = f"(objectType ?o {_type(thing)}) (holds agent1 ?o)"
        lamp = f"(objectType ?t {_type(LAMP)}) (toggleable ?t) (isToggled ?t) (objectAtLocation ?t ?l) (atLocation agent1 ?l)"
        return f"(exists (?o - object ?t - object ?l - location) (and {held} {lamp}))"
    done = {"clean and place": " (isClean ?o)", "heat and place": " (isHot ?o)", "cool and place": " (isCool ?o)"}.get(
        home.kind, ""
    )
    placed = f"(receptacleType ?r {_type(where)}) (objectType ?o {_type(thing)}) (inReceptacle ?o ?r)"
    if home.kind == "pick two and place":
        other = f"(objectType ?p {_type(thing)}) (inReceptacle ?p ?r) (not (= ?o ?p))"
        return f"(exists (?r - receptacle ?o - object ?p - object) (and {placed} {other}))"
    return f"(exists (?r - receptacle ?o - object) (and {placed}{done}))"
