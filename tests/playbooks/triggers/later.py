"""More lessons, written when the parser was done with those of `corpus.py`, in three other domains."""

from __future__ import annotations

from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary
from tests.playbooks.triggers.corpus import NOTHING, Written, meant

HOTEL = Vocabulary(
    (
        KnownFact("guest status", ("regular", "vip", "new")),
        KnownFact("nights", (), (), True),
        KnownFact("room type", ("single", "double", "suite")),
        KnownFact("season", ("high", "low", "shoulder")),
        KnownFact("price per night", (), ("€",), True),
        KnownFact("pets", ("yes", "no")),
        KnownFact("channel", ("phone", "website", "agency")),
    ),
    ("upgrade", "standard rate", "discount", "waitlist"),
    ("call guest", "check availability"),
)
FLEET = Vocabulary(
    (
        KnownFact("mileage", (), ("km",), True),
        KnownFact("vehicle type", ("truck", "van", "car")),
        KnownFact("warning light", ("oil", "brake", "engine", "none")),
        KnownFact("last service", (), ("month",), True),
        KnownFact("tyre wear", (), ("%",), True),
        KnownFact("fuel", ("diesel", "petrol", "electric")),
        KnownFact("under warranty", ("yes", "no")),
    ),
    ("service now", "schedule", "replace tyres", "keep driving", "call dealer"),
    ("run diagnostics",),
)
MAIL = Vocabulary(
    (
        KnownFact("sender", ("internal", "external", "partner")),
        KnownFact("attachment", ("yes", "no")),
        KnownFact("urgency", ("low", "normal", "high")),
        KnownFact("links", (), (), True),
        KnownFact("department", ("sales", "legal", "hr")),
        KnownFact("length", ("short", "medium", "long")),
    ),
    ("archive", "forward", "flag", "delete"),
    ("scan",),
)
MORE: tuple[tuple[Vocabulary, str, str], ...] = (
    (HOTEL, "VIP guests staying 3 or more nights: upgrade.", "guest status = vip & nights >= 3 -> upgrade"),
    (
        HOTEL,
        "When `season` = `high` and `room type` = `suite`, the correct answer is `waitlist`.",
        "season = high & room type = suite -> waitlist",
    ),
    (HOTEL, "If the guest is a VIP, choose upgrade.", "guest status = vip -> upgrade"),
    (HOTEL, "In low season, offer a discount for stays of at least 5 nights.", "season = low & nights >= 5 -> discount"),
    (HOTEL, "If season is low and nights ≥ 7 → discount", "season = low & nights >= 7 -> discount"),
    (
        HOTEL,
        "New guests booking by phone in high season get the standard rate.",
        "guest status = new & channel = phone & season = high -> standard rate",
    ),
    (
        HOTEL,
        'If the price per night is between €80 and €120, choose "standard rate".',
        "price per night .. €80|120 -> standard rate",
    ),
    (HOTEL, "Guests with pets: waitlist", "pets = yes -> waitlist"),
    (HOTEL, "Without pets and in the shoulder season, choose discount.", "pets = no & season = shoulder -> discount"),
    (
        HOTEL,
        "Check availability first, then choose upgrade for VIP guests.",
        "guest status = vip -> check availability > upgrade",
    ),
    (HOTEL, "Do not upgrade agency bookings.", NOTHING),
    (HOTEL, "For agency bookings over €150, use standard rate.", NOTHING),
    (HOTEL, "If channel is agency or website: standard rate (8/9 correct)", "channel in agency|website -> standard rate"),
    (HOTEL, "Single rooms never get an upgrade.", NOTHING),
    (HOTEL, "If it's a suite and nights is under 2, then pick waitlist.", "room type = suite & nights < 2 -> waitlist"),
    (HOTEL, "All other guests: standard rate", NOTHING),
    (FLEET, 'If mileage exceeds 100,000 km, choose "service now".', "mileage > 100000 km -> service now"),
    (FLEET, "Trucks with a brake warning light: service now", "vehicle type = truck & warning light = brake -> service now"),
    (FLEET, "When the warning light is oil or engine, call dealer if under warranty.", NOTHING),
    (
        FLEET,
        "When the warning light is oil or engine and the vehicle is under warranty, call dealer.",
        "warning light in oil|engine & under warranty = yes -> call dealer",
    ),
    (FLEET, "Tyre wear above 80% → replace tyres", "tyre wear > 80 % -> replace tyres"),
    (FLEET, "If tyre wear is 60-80%, schedule.", "tyre wear .. 60|80 % -> schedule"),
    (FLEET, "Electric cars can keep driving unless the warning light is brake.", NOTHING),
    (
        FLEET,
        "For electric cars, choose keep driving unless the warning light is brake.",
        "fuel = electric & vehicle type = car ~ warning light = brake -> keep driving",
    ),
    (FLEET, "If last service was more than 12 months ago, schedule.", NOTHING),
    (FLEET, "If last service is more than 12 months, choose schedule.", "last service > 12 month -> schedule"),
    (
        FLEET,
        "Run diagnostics and then choose service now when the warning light is engine.",
        "warning light = engine -> run diagnostics > service now",
    ),
    (FLEET, "The engine light usually means service now for diesel vehicles.", NOTHING),
    (
        FLEET,
        "vehicle_type == 'van' and mileage < 20000 => keep driving",
        "vehicle type = van & mileage < 20000 -> keep driving",
    ),
    (FLEET, "Not under warranty and mileage over 150,000: schedule", "under warranty = no & mileage > 150000 -> schedule"),
    (FLEET, "Else: keep driving", "-> keep driving"),
    (MAIL, "External mail with an attachment and more than 3 links: delete", NOTHING),
    (
        MAIL,
        "If sender is external, attachment is yes and links > 3, choose delete.",
        "sender = external & attachment = yes & links > 3 -> delete",
    ),
    (MAIL, "High urgency legal messages should be forwarded.", NOTHING),
    (MAIL, "High urgency and department legal: forward", "urgency = high & department = legal -> forward"),
    (MAIL, "Scan first; if there is an attachment, flag.", NOTHING),
    (MAIL, "If there is an attachment, scan first, then flag.", "attachment = yes -> scan > flag"),
    (MAIL, "When links is 0, choose archive; this was confirmed in 6 attempts.", "links = 0 -> archive"),
    (MAIL, "If the sender is a partner and urgency isn't low: forward", "sender = partner & urgency != low -> forward"),
    (MAIL, "For short or medium mails from sales, archive.", NOTHING),
    (MAIL, "Flag anything suspicious.", NOTHING),
    (MAIL, "If sender is internal: archive, unless urgency is high.", "sender = internal ~ urgency = high -> archive"),
    (MAIL, "If sender is internal: archive; if external: delete", NOTHING),
    (MAIL, 'When length equals "long" and links are fewer than 2 pick archive', "length = long & links < 2 -> archive"),
    (MAIL, "Messages shorter than 2 links are fine, archive", NOTHING),
    (MAIL, "If urgency is high, forward, otherwise archive.", NOTHING),
    (MAIL, "1. If department is hr, choose forward.", "department = hr -> forward"),
)

LATER = [Written(vocabulary, text, meant(line)) for vocabulary, text, line in MORE]
