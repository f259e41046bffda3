"""The letters that customers write.

A letter agrees with the case's records on the item and its condition, and on nothing else does it say anything; what the
customer asks for, and in what mood, is drawn by itself and tells nothing about the rules.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from ace.environments.desk.facts import CONDITION, PRODUCT, Facts

STORIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("headphones", "unopened"): (
        "My brother bought me the very same headphones, so yours are still in their box with the seal on.",
        "I never opened the headphones. They were a present for someone who already has a pair.",
        "The headphones are still wrapped. By the time they came I had found my old ones behind the sofa.",
    ),
    ("headphones", "opened"): (
        "I wore the headphones on one train journey and they press on my ears more than I can stand.",
        "I tried the headphones twice at home. The sound is fine, they are just far too big for me.",
        "I took the headphones out, paired them with my phone, and decided that I prefer the kind with a cable.",
    ),
    ("headphones", "damaged"): (
        "When I opened the parcel the band of the headphones was snapped clean through.",
        "One ear cup was hanging by its wire when the headphones got here, and the carton had a dent in it.",
        "The box looked as if somebody had sat on it, and so do the headphones inside.",
    ),
    ("headphones", "faulty"): (
        "The left side of the headphones went silent on the third day and has not come back.",
        "The headphones switch themselves off after ten minutes, full battery or not.",
        "Since last week there is a loud crackle in the headphones whenever I turn my head.",
    ),
    ("kettle", "unopened"): (
        "The kettle is in its carton exactly as it came. My landlord turned out to supply one.",
        "I ordered a kettle and a day later won one in a raffle, so this one was never unpacked.",
        "We have not so much as cut the tape on the kettle's box. We simply no longer need it.",
    ),
    ("kettle", "opened"): (
        "I boiled one pot of water with the kettle and it is so loud that it wakes the baby.",
        "The kettle works, but its lid opens the wrong way for our shelf. It was used once.",
        "I unpacked the kettle and put it on the counter, and the colour does not go with anything here.",
    ),
    ("kettle", "damaged"): (
        "The spout of the kettle was bent when it arrived and the lid does not close any more.",
        "There was broken glass in the kettle's box. The water gauge must have cracked on the way.",
        "The kettle came with a deep dent in its side, as you can see from the state of the parcel.",
    ),
    ("kettle", "faulty"): (
        "The kettle no longer switches off by itself; yesterday it boiled dry while I was on the phone.",
        "Our kettle trips the fuse every time we plug it in.",
        "The kettle's light comes on, but the water stays cold however long I wait.",
    ),
    ("rain jacket", "unopened"): (
        "The rain jacket is still in its bag with all labels on. I ordered two sizes to be safe.",
        "I have not opened the rain jacket, because the trip it was meant for was cancelled.",
        "The jacket arrived after my birthday walk, so I left it in the plastic.",
    ),
    ("rain jacket", "opened"): (
        "I tried the rain jacket on over a jumper and the sleeves end well above my wrists.",
        "I walked around the block in the jacket. It is a good one, only the hood keeps falling over my eyes.",
        "The rain jacket was worn for one afternoon, and I find the cut does nothing for me.",
    ),
    ("rain jacket", "damaged"): (
        "There is a tear across the back of the rain jacket, right where the parcel had been cut open.",
        "The zip of the jacket had come off its track before I ever touched it.",
        "The rain jacket got here soaked in something oily. The bag must have leaked in the van.",
    ),
    ("rain jacket", "faulty"): (
        "In the first real shower the water came straight through the shoulders of the rain jacket.",
        "The seams of the jacket began to peel off after the second time I wore it.",
        "The press studs of the rain jacket fall off one after the other, I am down to two.",
    ),
    ("desk lamp", "unopened"): (
        "The desk lamp is unopened. The office bought lamps for all of us in the same week.",
        "I left the lamp in its box, since the desk it was for never came.",
        "My daughter moved out earlier than planned, so the desk lamp was not even unpacked.",
    ),
    ("desk lamp", "opened"): (
        "I set the desk lamp up and its light is much too cold for reading in the evening.",
        "The lamp stood on my desk for two days. Its foot takes up half of the space I have.",
        "I unpacked the desk lamp and tried it; the switch is on the cord and I keep losing it.",
    ),
    ("desk lamp", "damaged"): (
        "The arm of the desk lamp was broken off at the joint when I unpacked it.",
        "The lamp's shade is cracked from edge to edge; something heavy must have lain on it.",
        "The desk lamp came without its foot properly packed and the foot is in three pieces.",
    ),
    ("desk lamp", "faulty"): (
        "The desk lamp flickers whenever the heating comes on, and nothing else in the room does.",
        "The lamp has stopped dimming. It is either off or as bright as a football ground.",
        "After a few hours the desk lamp smells of burnt plastic, so I do not dare to use it.",
    ),
    ("espresso machine", "unopened"): (
        "The espresso machine has not been out of its carton. It does not fit under our cupboards.",
        "We were given an espresso machine at the wedding, so yours is still taped shut.",
        "I ordered the espresso machine for the studio, and the studio has closed. The box is unopened.",
    ),
    ("espresso machine", "opened"): (
        "I made perhaps five coffees with the espresso machine and I have gone back to my old pot.",
        "The espresso machine works as it should, but cleaning it takes longer than drinking the coffee.",
        "We unpacked the machine and ran it once with water. It is heavier than we can lift each day.",
    ),
    ("espresso machine", "damaged"): (
        "The water tank of the espresso machine was split when it came and there was foam all over the hall.",
        "The espresso machine arrived with its handle broken off and a hole in the carton beside it.",
        "Somebody must have dropped the parcel: the front of the espresso machine is pushed in.",
    ),
    ("espresso machine", "faulty"): (
        "The espresso machine makes a grinding noise and then nothing comes out but steam.",
        "For some days now the espresso machine has leaked from below each time it heats up.",
        "The pressure of the espresso machine is gone. What runs into the cup is brown water.",
    ),
}
"""What happened, by product and condition."""

OPENINGS = (
    "Hello,",
    "Good morning,",
    "Dear team,",
    "To whom it may concern,",
    "Hi there,",
    "Good evening,",
)
ASIDES = (
    "I have been with you for a while and never had to write before.",
    "I am writing because nobody picked up the phone on Saturday.",
    "I have the receipt here if you need it.",
    "My neighbour told me that you sort such things out quickly.",
    "I did look on your website first, but I could not find my case there.",
    "Sorry if this is the wrong address, it was the only one on the slip.",
    "I would rather not drive to the parcel shop twice.",
    "The young man at your counter was very kind, but he could not help me.",
    "I have kept all of the packaging.",
    "This is my second letter, the first one seems to have got lost.",
)
WISHES = {
    "I would like my money back.": "refund",
    "Could you send me another one?": "exchange",
    "Can somebody mend it?": "repair",
    "A voucher would be fine with me.": "voucher",
    "Please tell me what my options are.": "undecided",
    "I leave it to you to find a fair solution.": "undecided",
    "I expect the full price back, and soon.": "refund",
    "Perhaps you could meet me half-way on the price.": "discount",
    "I would not mind an exchange.": "exchange",
    "Let me know how we go on from here.": "undecided",
}
"""What the customer asks for, and the kind of the case that this makes it."""
CLOSINGS = ("Kind regards", "Best wishes", "Thank you", "Yours sincerely", "Many thanks", "With thanks in advance")
FIRST_NAMES = (
    "Nadia", "Tom", "Ines", "Karel", "Grace", "Yusuf", "Maren", "Oskar", "Lucia", "Dev", "Hanna", "Piotr", "Amara", "Felix",
    "Rosa", "Kenji", "Elin", "Marco", "Sadia", "Jonas", "Mira", "Paul", "Chloe", "Anton", "Leila", "Victor", "Ada", "Simon",
)  # fmt: skip
LAST_NAMES = (
    "Brandt", "Okafor", "Lindqvist", "Moreau", "Patel", "Novak", "Keller", "Rossi", "Haddad", "Jansen", "Weiss", "Costa",
    "Murray", "Sato", "Berg", "Dvorak", "Ferrari", "Nowak", "Ali",
    "Schmitt", "Byrne", "Ivanov", "Larsen", "Garcia", "Meier", "Wolff",
)  # fmt: skip


class Letter(NamedTuple):
    """What a customer wrote, and the kind of wish in it."""

    text: str
    kind: str


def letter(facts: Facts, order: int, rng: random.Random) -> Letter:
    """The letter of the customer in a case of these facts, about order number `order`."""
    story = rng.choice(STORIES[str(facts[PRODUCT.name]), str(facts[CONDITION.name])])
    about = rng.choice((f"It is about order {order}.", f"My order number is {order}.", f"This concerns order {order}."))
    middle = [about, story, *rng.sample(ASIDES, rng.choice((0, 1, 1, 2)))]
    if rng.random() < 0.4:
        middle[:2] = middle[1::-1]
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    opening, wish = rng.choice(OPENINGS), rng.choice(tuple(WISHES))
    return Letter(f"{opening}\n{' '.join([*middle, wish])}\n{rng.choice(CLOSINGS)}\n{name}", WISHES[wish])
