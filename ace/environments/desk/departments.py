"""Several desks at once: each department of the shop has a desk with house rules of its own.

Letters and records are the same at every desk. What tells the desk is one sentence of the letter, in which the customer says
where the item was bought, in one of several ways; it says nothing of the facts that rules turn on.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ace.environments.accepted import require_within
from ace.environments.desk.attackers import Senders
from ace.environments.desk.world import HouseRule, World
from ace.errors import BadSetting, UnknownName
from ace.types import Task, derive_seed

DESK = "desk"
"""The task's data: the desk that the letter came to, where there are several."""

SAID: Mapping[str, tuple[str, ...]] = {
    "web": (
        "I put it in the basket on your website late one evening.",
        "It was one of the offers in your app that week.",
        "I found it through the search on your web pages.",
        "Your online checkout took me three tries, but it came.",
        "I clicked on the wrong picture on your homepage, perhaps.",
        "The e-mail with the tracking link from your online store came at once.",
    ),
    "market": (
        "I bought it over the counter in Market Street.",
        "Your branch in Market Street had it in the window.",
        "The lady at the till in your town shop wrapped it for me.",
        "I carried it home from the shop on the square myself.",
        "It was the last one on the shelf of the downtown branch.",
        "I had it in my hands in your shop in town and liked it.",
    ),
    "catalogue": (
        "I chose it from your printed catalogue, page forty or so.",
        "I filled in the order form at the back of the autumn catalogue.",
        "The coupon that I posted to you was from the spring catalogue.",
        "It looked larger on the catalogue page than it is.",
        "I sent you the order card by post, as I always do.",
        "The number in your brochure was the right one, I checked.",
    ),
    "outlet": (
        "It comes from your outlet behind the ring road.",
        "I drove out to the factory outlet on a Saturday for it.",
        "It was in the bargain bin of the outlet by the motorway.",
        "Your warehouse sale had it among the ends of lines.",
        "I queued at the clearance sale in the warehouse for an hour.",
        "It lay on a pallet with the remainders in your outlet.",
    ),
    "trade": (
        "We ordered it for our workshop, as we do most months.",
        "Our hotel has its purchases made through your trade counter.",
        "The purchasing office of our school ordered it from your representative.",
        "It was part of a bulk consignment for our company.",
        "Our firm has had a wholesale contract with you since spring.",
        "The staff kitchen of our office needed it, so our buyer rang you.",
    ),
    "gifts": (
        "It was on the list at your gift registry.",
        "My aunt picked it from our wedding list with you.",
        "Your gift department had it sent with a ribbon and a card.",
        "It was chosen from the registry for the christening.",
        "The bridal table at your gift department had our names on it.",
        "Somebody ticked it off on our registry.",
    ),
    "station": (
        "I took it from your kiosk at the railway station.",
        "I had ten minutes before my train when I saw it in your kiosk.",
        "Your stall on platform two sold it to me.",
        "The vending wall at the central station gave it out.",
        "I picked it up at the parcel locker in the station hall.",
        "It was bought between two trains at your stall.",
    ),
    "television": (
        "I saw it demonstrated on your television channel.",
        "I rang the number on the screen during the evening show.",
        "The presenter of your programme made it look so easy.",
        "It was the offer of the hour on your shopping channel.",
        "I was on hold on the television hotline for a while.",
        "On the broadcast it did everything by itself.",
    ),
}
"""What customers say of where they bought the item, by desk."""
NAMES = tuple(SAID)


@dataclass(frozen=True, slots=True)
class House:
    """One desk: its rules, those `until` one of them changed (the same where none does), and who writes to it."""

    rules: World
    until: World
    senders: Senders | None

    def deciding(self, task: Task, *, early: bool) -> HouseRule:
        """The rule that decides `task`; `early`: before the change."""
        return (self.until if early else self.rules).deciding(task.data)


def names_of(desks: int, only: str) -> tuple[str, ...]:
    """The names of so many `desks`; one alone has none. Raises `BadSetting` for a number that is out of range, and
    `UnknownName` where `only` is none of them."""
    require_within(1, len(NAMES), desks=desks)
    names = NAMES[:desks] if desks > 1 else ()
    if only and not names:
        raise BadSetting(f"only={only} names one of several desks, and there is one; set desks to 2 or more, or leave it out")
    if only and only not in names:
        raise UnknownName("desk", only, names, "set desks to have more of them" if only in NAMES else "")
    return names


def seed_of(world: int, number: int) -> int:
    """The seed that draws the house rules of desk `number`, from 0: the first has those of the world."""
    return derive_seed("desk", world, number) if number else world


def desk_of(names: Iterable[str], split: str, index: int) -> str:
    """The desk that the letter `index` of `split` comes to; empty where there is one alone."""
    listed = tuple(names)
    return random.Random(f"desk of {split} {index}").choice(listed) if listed else ""


def told(letter: str, desk: str, split: str, index: int) -> str:
    """`letter` with a sentence that tells its desk; as it is where there is one alone."""
    if not desk:
        return letter
    head, body, end = letter.split("\n", 2)
    return f"{head}\n{random.Random(f'desk told {split} {index}').choice(SAID[desk])} {body}\n{end}"
