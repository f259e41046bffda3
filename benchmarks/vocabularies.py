"""What the hidden worlds of the benchmarks are told in: eight places of work, each with its facts, sentences and answers.

Every fact has several forms of sentence, and no answer suits any value better than another, so that a model which knows how
such places work knows nothing of the rules. These words stand in no part of the product.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A fact with a few values, told by one of `forms`, in which `{v}` stands for the value."""

    name: str
    values: tuple[str, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A fact that is a whole number from `low` to `high`; rules cut it at one of `cuts`."""

    name: str
    low: int
    high: int
    cuts: tuple[int, ...]
    forms: tuple[str, ...]


Told = Category | Amount


@dataclass(frozen=True, slots=True)
class Domain:
    """A place of work: what an agent is told of it, what cases are called, the facts, the six answers, sentences that tell
    nothing (`asides`), and the ways a case comes in, by kind."""

    name: str
    about: str
    case: str
    facts: tuple[Told, ...]
    answers: tuple[str, ...]
    asides: tuple[str, ...]
    channels: dict[str, str]


GREENHOUSE = Domain(
    name="greenhouse",
    about="You decide where plants go that arrive at a greenhouse.",
    case="Plant {n} has come in.",
    facts=(
        Category(
            "family",
            ("ferns", "orchids", "succulents", "palms"),
            (
                "The label counts it among the {v}.",
                "On the list it stands with the {v}.",
                "It was grown in a row of {v}.",
                "The gardener put it with the {v}.",
            ),
        ),
        Category(
            "pot",
            ("clay", "plastic", "peat", "glass"),
            (
                "Its pot is of {v}.",
                "The roots sit in a pot of {v}.",
                "It travelled in {v}.",
                "What holds the soil is {v}.",
            ),
        ),
        Category(
            "grower",
            ("Hollin Farm", "Marsh End", "the Delgado brothers"),
            (
                "It was raised at {v}.",
                "The grower is {v}.",
                "We bought it from {v}.",
                "{v} sent it.",
            ),
        ),
        Category(
            "leaves",
            ("pale veins", "brown spots", "curled tips", "a silver bloom"),
            (
                "The leaves show {v}.",
                "Looking closer, one sees {v}.",
                "There are {v} on it, says the porter.",
                "The check found {v}.",
            ),
        ),
        Amount(
            "height",
            10,
            129,
            (40, 60, 80, 100),
            (
                "It stands {v} cm tall.",
                "From the soil to the tip it measures {v} cm.",
                "At {v} cm it just fits on the trolley.",
            ),
        ),
        Amount(
            "days dry",
            1,
            30,
            (8, 12, 16, 20),
            (
                "It has had no water for {v} days.",
                "The last watering was {v} days ago.",
                "The journey kept it dry for {v} days.",
            ),
        ),
        Amount(
            "price",
            5,
            204,
            (50, 80, 120, 150),
            ("It cost ${v}.", "The invoice says ${v}.", "It is to be sold at ${v}."),
        ),
    ),
    answers=(
        "send it to the north house",
        "send it to the south house",
        "leave it at the gate",
        "give it to the day crew",
        "give it to the night crew",
        "put it on the long table",
    ),
    asides=(
        "The driver was late because of the roadworks.",
        "A strip of blue tape is stuck to the trolley.",
        "The gate was open when it came.",
        "The clerk has already signed for it.",
        "It rained during the whole delivery.",
    ),
    channels={
        "by van": "A van brought it.",
        "by hand": "A neighbour carried it over.",
        "by post": "It came in a parcel.",
    },
)

HARBOUR = Domain(
    name="harbour",
    about="You decide what happens to boats that ask to enter a harbour.",
    case="Boat {n} asks to come in.",
    facts=(
        Category(
            "hull",
            ("steel", "oak", "aluminium", "carbon"),
            (
                "Her hull is made of {v}.",
                "She was built of {v}.",
                "The register says {v} for the hull.",
                "Below the paint she is {v}.",
            ),
        ),
        Category(
            "cargo",
            ("timber", "salt", "wool", "machine parts"),
            (
                "She carries {v}.",
                "In the hold there is {v}.",
                "The papers speak of {v}.",
                "She was loaded with {v}.",
            ),
        ),
        Category(
            "flag",
            ("a green pennant", "a white pennant", "a striped pennant"),
            (
                "She flies {v}.",
                "From the mast hangs {v}.",
                "Through the glass one can see {v}.",
                "The pilot saw {v}.",
            ),
        ),
        Category(
            "wind",
            ("northerly", "easterly", "southerly", "westerly"),
            (
                "The wind out there is {v}.",
                "She reports a {v} wind.",
                "It blows {v}, according to her log.",
                "The buoy shows that the wind is {v}.",
            ),
        ),
        Amount(
            "length",
            8,
            67,
            (20, 30, 40, 50),
            (
                "She is {v} metres long.",
                "Bow to stern she measures {v} metres.",
                "Her berth must take {v} metres.",
            ),
        ),
        Amount(
            "crew",
            1,
            20,
            (5, 8, 11, 14),
            (
                "There are {v} sailors on board.",
                "The crew counts {v} sailors.",
                "Her list names {v} sailors.",
            ),
        ),
        Amount(
            "hours at sea",
            2,
            121,
            (30, 50, 70, 90),
            (
                "She has been at sea for {v} hours.",
                "It took her {v} hours to get here.",
                "Her last port lies {v} hours back.",
            ),
        ),
    ),
    answers=(
        "take the inner basin",
        "take the outer basin",
        "wait at the buoy",
        "follow the pilot boat",
        "tie up at the old pier",
        "anchor in the bay",
    ),
    asides=(
        "The harbour cat sits on the quay.",
        "Two gulls follow her.",
        "The captain sounds cheerful.",
        "Her name is painted in yellow letters.",
        "The lamp at the pier was replaced last week.",
    ),
    channels={
        "by radio": "The call came by radio.",
        "by lamp": "She signalled with a lamp.",
        "by agent": "Her agent telephoned.",
    },
)

MUSEUM = Domain(
    name="museum",
    about="You decide how a museum answers those who want to borrow a piece.",
    case="Request {n} for a loan.",
    facts=(
        Category(
            "piece",
            ("a mask", "a map", "a tapestry", "a clock"),
            (
                "What they want is {v}.",
                "The letter asks for {v}.",
                "They would like to show {v}.",
                "It concerns {v} from our rooms.",
            ),
        ),
        Category(
            "borrower",
            ("a school", "a bank", "another museum", "a theatre"),
            (
                "The request is from {v}.",
                "The one who asks is {v}.",
                "It would go to {v}.",
                "The sender turns out to be {v}.",
            ),
        ),
        Category(
            "transport",
            ("by rail", "by lorry", "by ship"),
            (
                "It would travel {v}.",
                "They mean to fetch it {v}.",
                "The journey is planned {v}.",
                "They promise to move it {v}.",
            ),
        ),
        Category(
            "room",
            ("a vault", "a tent", "a hall", "a tower"),
            (
                "It would be shown in {v}.",
                "The place for it is {v}.",
                "They have {v} ready.",
                "A photograph shows {v} with good locks.",
            ),
        ),
        Amount(
            "weeks",
            1,
            40,
            (10, 16, 22, 28),
            (
                "They want to keep it for {v} weeks.",
                "The show lasts {v} weeks.",
                "It would be away for {v} weeks.",
            ),
        ),
        Amount(
            "insured for",
            10,
            509,
            (150, 200, 300, 400),
            (
                "They insure it for {v} thousand.",
                "The cover is {v} thousand.",
                "A policy over {v} thousand is enclosed.",
            ),
        ),
        Amount(
            "visitors",
            20,
            919,
            (250, 400, 500, 700),
            (
                "They expect {v} visitors a day.",
                "On a usual day {v} visitors come.",
                "Some {v} visitors pass through daily.",
            ),
        ),
    ),
    answers=(
        "pass it to Ms Arbel",
        "pass it to Mr Quist",
        "enter it in the grey book",
        "enter it in the red book",
        "reply with form C",
        "reply with form D",
    ),
    asides=(
        "The letter is typed on thick paper.",
        "They visited us in spring.",
        "A ribbon is tied around the papers.",
        "The signature is hard to read.",
        "They thank us for the catalogue.",
    ),
    channels={
        "by letter": "It came as a letter.",
        "by visit": "Two people brought it in person.",
        "by courier": "A courier left it at the desk.",
    },
)

SAMPLES = Domain(
    name="samples",
    about="You decide which way samples go that a laboratory takes in. They are test material of no patient.",
    case="Sample {n} is on the counter.",
    facts=(
        Category(
            "liquid",
            ("amber", "clear", "cloudy", "violet"),
            (
                "What is in the tube looks {v}.",
                "Against the light it is {v}.",
                "The technician wrote down {v} for its colour.",
                "Its colour is {v}.",
            ),
        ),
        Category(
            "cap",
            ("cork", "rubber", "foil", "wax"),
            (
                "The tube is closed with {v}.",
                "Its cap is {v}.",
                "On top there is {v}.",
                "It was sealed with {v}.",
            ),
        ),
        Category(
            "ward",
            ("the east wing", "the annexe", "the old mill"),
            (
                "It was taken in {v}.",
                "The label names {v}.",
                "It set off from {v}.",
                "{v} has sent it.",
            ),
        ),
        Category(
            "label",
            ("stamped", "typed", "pencilled", "printed"),
            (
                "Its label is {v}.",
                "The number on it is {v}.",
                "One finds the date {v} on the side.",
                "The writing is {v}.",
            ),
        ),
        Amount(
            "volume",
            2,
            61,
            (15, 25, 35, 45),
            ("It holds {v} ml.", "The tube is filled to {v} ml.", "There are {v} ml of it."),
        ),
        Amount(
            "age",
            1,
            72,
            (20, 30, 40, 50),
            (
                "It is {v} hours old.",
                "It has been standing for {v} hours.",
                "It was drawn {v} hours ago.",
            ),
        ),
        Amount(
            "warmth",
            2,
            39,
            (10, 16, 22, 28),
            (
                "It has {v} degrees.",
                "The thermometer in the box says {v} degrees.",
                "It was kept at {v} degrees.",
            ),
        ),
    ),
    answers=(
        "place it in rack one",
        "place it in rack two",
        "ring for Tamsin",
        "ring for Oluf",
        "slide it into the hatch",
        "lay it on the scale",
    ),
    asides=(
        "The box has a dent in one corner.",
        "The courier asked for a signature.",
        "A note wishes us a good day.",
        "The counter has just been wiped.",
        "It is the third one from that courier today.",
    ),
    channels={
        "by bicycle": "A courier on a bicycle brought it.",
        "by tube mail": "It came through the tube mail.",
        "by trolley": "It came on the trolley.",
    },
)

LIBRARY = Domain(
    name="library",
    about="You decide what is done with books that are left at a library's desk.",
    case="Book {n} lies on the desk.",
    facts=(
        Category(
            "subject",
            ("botany", "law", "travel", "music"),
            (
                "It is about {v}.",
                "It belongs to the shelves on {v}.",
                "Its subject is {v}.",
                "Readers of {v} ask for it.",
            ),
        ),
        Category(
            "binding",
            ("leather", "linen", "card", "vellum"),
            (
                "It is bound in {v}.",
                "The cover is {v}.",
                "The binder used {v}.",
                "To the touch it is {v}.",
            ),
        ),
        Category(
            "reader",
            ("a student", "a teacher", "a pensioner"),
            (
                "It was left by {v}.",
                "The last reader was {v}.",
                "The card names {v}.",
                "It had been lent to {v}.",
            ),
        ),
        Category(
            "language",
            ("Danish", "Welsh", "Basque", "Latin"),
            (
                "It is written in {v}.",
                "The text is {v}.",
                "One has to know {v} to read it.",
                "It was printed in {v}.",
            ),
        ),
        Amount(
            "pages",
            40,
            839,
            (250, 350, 500, 600),
            ("It has {v} pages.", "It runs to {v} pages.", "The last of its {v} pages is blank."),
        ),
        Amount(
            "days late",
            0,
            59,
            (15, 25, 35, 45),
            (
                "It is {v} days late.",
                "It should have been back {v} days ago.",
                "The slip shows {v} days over time.",
            ),
        ),
        Amount(
            "loans",
            1,
            90,
            (25, 40, 55, 65),
            (
                "It has been lent {v} times.",
                "There are {v} stamps in it.",
                "The file counts {v} loans.",
            ),
        ),
    ),
    answers=(
        "lay it in the left tray",
        "lay it in the right tray",
        "carry it to the cellar",
        "carry it to the gallery",
        "mark it with a green dot",
        "mark it with a black dot",
    ),
    asides=(
        "A bus ticket was used as a bookmark.",
        "The desk lamp flickers.",
        "It smells faintly of coffee.",
        "Two children were reading nearby.",
        "The weather was fine all day.",
    ),
    channels={
        "by the slot": "It was found under the slot in the door.",
        "at the desk": "It was handed over at the desk.",
        "by the van": "The van brought it back.",
    },
)

OBSERVATORY = Domain(
    name="observatory",
    about="You decide how the night crew of an observatory treats requests to look at something.",
    case="Request {n} for tonight.",
    facts=(
        Category(
            "target",
            ("a comet", "a nebula", "a double star", "a minor planet"),
            (
                "They want to see {v}.",
                "The target is {v}.",
                "It is about {v}.",
                "The plan names {v}.",
            ),
        ),
        Category(
            "filter",
            ("the blue filter", "the red filter", "the narrow filter", "the open filter"),
            (
                "They ask for {v}.",
                "It needs {v}.",
                "To be used with {v}.",
                "The form has a cross at {v}.",
            ),
        ),
        Category(
            "dome",
            ("Aster", "Boreas", "Corvus"),
            (
                "It is meant for dome {v}.",
                "They name {v} as their dome.",
                "The dome they know is {v}.",
                "They have worked in {v} before.",
            ),
        ),
        Category(
            "asker",
            ("a college", "an amateur", "a survey", "a newspaper"),
            (
                "It was sent by {v}.",
                "The one who asks is {v}.",
                "Behind it stands {v}.",
                "We know them as {v}.",
            ),
        ),
        Amount(
            "exposure",
            5,
            304,
            (80, 120, 180, 220),
            (
                "They want {v} seconds of light.",
                "Each picture takes {v} seconds.",
                "The shutter stays open for {v} seconds.",
            ),
        ),
        Amount(
            "altitude",
            10,
            89,
            (30, 45, 55, 65),
            (
                "It will stand {v} degrees above the horizon.",
                "It culminates at {v} degrees.",
                "The tube must be raised to {v} degrees.",
            ),
        ),
        Amount(
            "pictures",
            1,
            60,
            (15, 25, 35, 45),
            (
                "They ask for {v} pictures.",
                "The series has {v} pictures.",
                "In the end {v} pictures are needed.",
            ),
        ),
    ),
    answers=(
        "put it on the first list",
        "put it on the second list",
        "hand it to the eastern desk",
        "hand it to the western desk",
        "keep it for the reserve",
        "swap it with the next one",
    ),
    asides=(
        "The kettle in the control room is broken.",
        "A fox was seen near the fence.",
        "The form was filled in with care.",
        "They hope for a clear sky.",
        "The road up the hill is open.",
    ),
    channels={
        "by mail": "The request came by mail.",
        "by phone": "Someone phoned it in.",
        "on paper": "It was pinned to the board on paper.",
    },
)

BAKERY = Domain(
    name="bakery",
    about="You decide what a bakery does with orders that come in over night.",
    case="Order {n} is on the slate.",
    facts=(
        Category(
            "flour",
            ("rye", "spelt", "barley", "buckwheat"),
            (
                "It is to be made of {v}.",
                "The flour they want is {v}.",
                "They insist on {v}.",
                "The dough is {v}.",
            ),
        ),
        Category(
            "shape",
            ("a ring", "a plait", "a brick", "a wheel"),
            (
                "Its shape shall be {v}.",
                "They want it baked as {v}.",
                "The drawing shows {v}.",
                "It must look like {v}.",
            ),
        ),
        Category(
            "customer",
            ("the ferry", "the convent", "the cinema"),
            (
                "It is for {v}.",
                "The order is from {v}.",
                "{v} will pay for it.",
                "We bake this one for {v}.",
            ),
        ),
        Category(
            "topping",
            ("poppy", "sesame", "linseed", "caraway"),
            (
                "On top comes {v}.",
                "It is strewn with {v}.",
                "They like it with {v}.",
                "The crust gets {v}.",
            ),
        ),
        Amount(
            "loaves",
            1,
            120,
            (30, 50, 70, 90),
            ("They need {v} loaves.", "It is an order of {v} loaves.", "All in all {v} loaves."),
        ),
        Amount(
            "weight",
            200,
            1399,
            (500, 700, 900, 1100),
            ("Each weighs {v} grams.", "One piece has {v} grams.", "They ask for {v} grams apiece."),
        ),
        Amount(
            "distance",
            1,
            40,
            (10, 16, 22, 28),
            (
                "It goes {v} km by road.",
                "The way there is {v} km.",
                "The driver counts {v} km.",
            ),
        ),
    ),
    answers=(
        "use the stone oven",
        "use the deck oven",
        "start it with the early shift",
        "start it with the late shift",
        "chalk it on the side board",
        "pass it to the sister shop",
    ),
    asides=(
        "The radio plays an old song.",
        "A sack by the door has a hole.",
        "They thank us for the last one.",
        "The bell over the door is new.",
        "It is still dark outside.",
    ),
    channels={
        "by phone": "It came by phone.",
        "by slip": "A slip was pushed under the door.",
        "by radio": "The driver passed it on by radio.",
    },
)

RAILYARD = Domain(
    name="railyard",
    about="You decide where wagons go that stand before a railway yard.",
    case="Wagon {n} stands at the signal.",
    facts=(
        Category(
            "load",
            ("gravel", "grain", "scrap", "beams"),
            (
                "It is loaded with {v}.",
                "Under the cover there is {v}.",
                "The waybill says {v}.",
                "It brings {v}.",
            ),
        ),
        Category(
            "brake",
            ("air", "screw", "disc", "drum"),
            (
                "Its brake is of the {v} kind.",
                "It is stopped by a {v} brake.",
                "The plate says {v} brake.",
                "The fitter found a {v} brake.",
            ),
        ),
        Category(
            "line",
            ("the coast line", "the valley line", "the moor line"),
            (
                "It came over {v}.",
                "It belongs to {v}.",
                "Until now it ran on {v}.",
                "Its way led along {v}.",
            ),
        ),
        Category(
            "paint",
            ("ochre", "grey", "maroon", "teal"),
            (
                "It is painted {v}.",
                "Its sides are {v}.",
                "The last coat was {v}.",
                "From the bridge it looks {v}.",
            ),
        ),
        Amount(
            "weight",
            12,
            91,
            (30, 45, 60, 70),
            ("It weighs {v} tons.", "The scale shows {v} tons.", "With its load it has {v} tons."),
        ),
        Amount(
            "delay",
            0,
            119,
            (30, 50, 70, 90),
            (
                "It is {v} minutes behind.",
                "It should have been here {v} minutes ago.",
                "The train lost {v} minutes on the way.",
            ),
        ),
        Amount(
            "age",
            1,
            50,
            (15, 22, 30, 38),
            ("It was built {v} years ago.", "It has run for {v} years.", "Its frame is {v} years old."),
        ),
    ),
    answers=(
        "shunt it to track four",
        "shunt it to track nine",
        "couple it to the blue engine",
        "couple it to the white engine",
        "park it by the water tower",
        "roll it over the hump",
    ),
    asides=(
        "A heron stands beside the rails.",
        "The signal box has new curtains.",
        "The guard waved as it passed.",
        "Some chalk marks were washed off.",
        "It squeaks a little.",
    ),
    channels={
        "by telegraph": "It was announced by telegraph.",
        "by shout": "The guard shouted it over.",
        "by list": "It is on the morning list.",
    },
)

DOMAINS = {d.name: d for d in (GREENHOUSE, HARBOUR, MUSEUM, SAMPLES, LIBRARY, OBSERVATORY, BAKERY, RAILYARD)}
