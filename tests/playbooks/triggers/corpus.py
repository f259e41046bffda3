"""Lessons as support engineers and language models write them, with the trigger meant, or `None` where a reader cannot be sure.

They were written before the parser was, a domain at a time. Every third was set aside while it was tuned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from ace.playbooks.triggers.conditions import Condition, Kind
from ace.playbooks.triggers.folding import quantity
from ace.playbooks.triggers.trigger import Plan, Trigger
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary

SHOP = Vocabulary(
    (
        KnownFact("tier", ("gold", "silver", "bronze")),
        KnownFact("amount", (), ("$",), True),
        KnownFact("item condition", ("new", "opened", "damaged")),
        KnownFact("days since purchase", (), (), True),
        KnownFact("receipt", ("yes", "no")),
    ),
    ("refund", "exchange", "store credit", "reject"),
    ("verify", "ask for photo"),
)
COURIER = Vocabulary(
    (
        KnownFact("weight", (), ("kg",), True),
        KnownFact("destination", ("domestic", "Europe", "overseas")),
        KnownFact("contents", ("books", "glass", "electronics", "fresh food")),
        KnownFact("insured", ("yes", "no")),
        KnownFact("declared value", (), ("$",), True),
        KnownFact("number of parcels", (), (), True),
    ),
    ("van", "air", "sea freight", "refuse"),
    ("weigh", "open the box"),
)
CLINIC = Vocabulary(
    (
        KnownFact("age", (), (), True),
        KnownFact("temperature", (), (), True),
        KnownFact("complaint", ("cough", "rash", "chest pain", "headache")),
        KnownFact("arrival", ("walk-in", "ambulance")),
        KnownFact("pregnant", ("yes", "no")),
    ),
    ("nurse", "doctor", "emergency room", "home care"),
    ("take temperature",),
)
TICKETS = Vocabulary(
    (
        KnownFact("plan", ("free", "pro", "enterprise")),
        KnownFact("severity", ("low", "medium", "high", "critical")),
        KnownFact("priority", ("low", "normal", "high")),
        KnownFact("product", ("API", "dashboard", "mobile app")),
        KnownFact("days open", (), ("day",), True),
        KnownFact("region", ("EU", "US", "APAC")),
    ),
    ("escalate", "close", "ask for logs", "reassign", "offer workaround"),
    ("reproduce", "check status page"),
)
GARDEN = Vocabulary(
    (
        KnownFact("soil", ("clay", "sand", "loam")),
        KnownFact("moisture", (), ("%",), True),
        KnownFact("light", ("full sun", "partial shade", "shade")),
        KnownFact("plant", ("fern", "cactus", "orchid")),
        KnownFact("days since watering", (), (), True),
    ),
    ("water", "mist", "repot", "wait"),
)
LOANS = Vocabulary(
    (
        KnownFact("credit score", (), (), True),
        KnownFact("income", (), ("$",), True),
        KnownFact("existing debt", (), ("$",), True),
        KnownFact("employment", ("salaried", "self-employed", "student")),
        KnownFact("loan purpose", ("car", "home", "education")),
        KnownFact("first-time applicant", ("yes", "no")),
    ),
    ("approve", "decline", "manual review", "request documents"),
    ("pull report",),
)

NOTHING = "none"
LESSONS: tuple[tuple[Vocabulary, str, str], ...] = (
    # A shop's returns.
    (SHOP, "For gold members over $200, refund.", "tier = gold & amount > $200 -> refund"),
    (SHOP, 'When tier is "gold" and amount >= 200: choose "refund"', "tier = gold & amount >= 200 -> refund"),
    (
        SHOP,
        "If the customer is a gold member and the amount is at least 200, choose refund",
        "tier = gold & amount >= 200 -> refund",
    ),
    (SHOP, "If **tier** = `silver` and **amount** < $50 → `store credit`", "tier = silver & amount < $50 -> store credit"),
    (SHOP, 'When the item condition is damaged, choose "refund" (5 wins, 0 losses).', "item condition = damaged -> refund"),
    (SHOP, "Damaged items should be refunded quickly to keep customers happy.", NOTHING),
    (
        SHOP,
        'If receipt is no and days since purchase is more than 30, select "reject".',
        "receipt = no & days since purchase > 30 -> reject",
    ),
    (
        SHOP,
        "Bronze or silver customers with opened items: exchange.",
        "tier in bronze|silver & item condition = opened -> exchange",
    ),
    (SHOP, 'Do not choose "refund" when tier is bronze.', NOTHING),
    (SHOP, "In all other cases, pick store credit.", "-> store credit"),
    (SHOP, "Otherwise: reject", "-> reject"),
    (SHOP, "When the amount is between $50 and $150, go with exchange.", "amount .. $50|150 -> exchange"),
    (SHOP, 'If the tier is gold, verify first, then choose "refund".', "tier = gold -> verify > refund"),
    (SHOP, "If amount exceeds 500: refund or store credit, depending on the mood of the customer.", NOTHING),
    (SHOP, "Refund if the item is damaged.", "item condition = damaged -> refund"),
    (
        SHOP,
        "Exception: if the item condition is new and there is no receipt, choose reject.",
        "item condition = new & receipt = no -> reject",
    ),
    (
        SHOP,
        'When tier is gold, choose "refund" unless the item condition is opened.',
        "tier = gold ~ item condition = opened -> refund",
    ),
    (SHOP, "Customers who are polite should get a refund.", NOTHING),
    (SHOP, "(guess) For silver members under $100, exchange.", "tier = silver & amount < $100 -> exchange"),
    (SHOP, "If tier == 'bronze' && amount <= 20 then 'reject'", "tier = bronze & amount <= 20 -> reject"),
    (
        SHOP,
        "When the tier is not gold and the amount is above $300, choose store credit.",
        "tier != gold & amount > $300 -> store credit",
    ),
    (SHOP, "Always verify the amount before you decide anything.", NOTHING),
    (SHOP, 'Amount at or above 200 with tier gold -> "refund"', "amount >= 200 & tier = gold -> refund"),
    # A courier.
    (COURIER, "If the parcel weighs more than 20 kg, use sea freight.", "weight > 20 kg -> sea freight"),
    (
        COURIER,
        "When `contents` is `glass` and `destination` is `overseas`: answer `refuse`.",
        "contents = glass & destination = overseas -> refuse",
    ),
    (
        COURIER,
        'Weight between 2 and 10 kg and destination Europe: choose "air".',
        "weight .. 2|10 kg & destination = Europe -> air",
    ),
    (COURIER, "If the weight is over 5000 g, use sea freight.", "weight > 5000 g -> sea freight"),
    (COURIER, "If the weight isn't above 5 kg, use the van.", "weight <= 5 kg -> van"),
    (COURIER, "If the weight is not less than 5 kg, use air.", "weight >= 5 kg -> air"),
    (COURIER, "If the parcel is no heavier than 5 kg, use the van.", "weight <= 5 kg -> van"),
    (COURIER, "If the declared value does not exceed $200, use the van.", "declared value <= $200 -> van"),
    (COURIER, "If the weight wasn't below 5 kg, use air.", "weight >= 5 kg -> air"),
    (SHOP, "Refund gold members, excluding opened items.", "tier = gold ~ item condition = opened -> refund"),
    (SHOP, "Refund gold members with the exception of opened items.", "tier = gold ~ item condition = opened -> refund"),
    (SHOP, "For gold members, refund except where the item is opened.", "tier = gold ~ item condition = opened -> refund"),
    (SHOP, "For gold members, apart from opened items, refund.", "tier = gold ~ item condition = opened -> refund"),
    (COURIER, "For domestic parcels under 5 kg, use the van.", "destination = domestic & weight < 5 kg -> van"),
    (COURIER, "2-10 kg to Europe: air", "weight .. 2|10 kg & destination = Europe -> air"),
    (COURIER, "Books going overseas => sea freight", "contents = books & destination = overseas -> sea freight"),
    (
        COURIER,
        'If contents is one of glass, electronics or fresh food, choose "air".',
        "contents in glass|electronics|fresh food -> air",
    ),
    (COURIER, "Heavy parcels go by sea freight.", NOTHING),
    (
        COURIER,
        "If the declared value is over $1,000 and it is not insured, choose refuse.",
        "declared value > $1000 & insured = no -> refuse",
    ),
    (
        COURIER,
        "Choose van for domestic destinations unless the contents are glass.",
        "destination = domestic ~ contents = glass -> van",
    ),
    (COURIER, "When the weight is unknown, weigh first.", NOTHING),
    (COURIER, "If destination is domestic, weigh first and then choose van.", "destination = domestic -> weigh > van"),
    (
        COURIER,
        "Use air when contents are electronics and weight ≤ 3 kg — this won three times in a row.",
        "contents = electronics & weight <= 3 kg -> air",
    ),
    (COURIER, "If number of parcels is 3 or more: choose van.", "number of parcels >= 3 -> van"),
    (COURIER, "Overseas or heavier than 30 kg: sea freight.", NOTHING),
    (COURIER, "If insured: yes and contents: glass -> air", "insured = yes & contents = glass -> air"),
    (COURIER, "Uninsured glass should never travel by air.", NOTHING),
    (COURIER, "By default choose van.", "-> van"),
    (COURIER, "Everything else: van", "-> van"),
    (COURIER, "Anything over 25 kg, refuse. Nothing that heavy has been accepted so far.", NOTHING),
    (
        COURIER,
        "When the destination isn't domestic and the weight is at most 1 kg, pick air.",
        "destination != domestic & weight <= 1 kg -> air",
    ),
    # A clinic's front desk.
    (CLINIC, "If age is under 2 and temperature is above 38.5, choose doctor.", "age < 2 & temperature > 38.5 -> doctor"),
    (CLINIC, "Chest pain: emergency room.", "complaint = chest pain -> emergency room"),
    (CLINIC, 'If the patient complains of chest pain, answer "emergency room".', "complaint = chest pain -> emergency room"),
    (CLINIC, "When a patient arrives by ambulance, choose the emergency room.", "arrival = ambulance -> emergency room"),
    (CLINIC, "For walk-in patients with a rash: nurse", "arrival = walk-in & complaint = rash -> nurse"),
    (CLINIC, "Older patients usually need a doctor.", NOTHING),
    (
        CLINIC,
        'If complaint is "cough" and temperature < 38, reply "home care".',
        "complaint = cough & temperature < 38 -> home care",
    ),
    (CLINIC, "If pregnant, choose doctor.", "pregnant = yes -> doctor"),
    (
        CLINIC,
        "If the patient is not pregnant and complaint is headache, home care.",
        "pregnant = no & complaint = headache -> home care",
    ),
    (
        CLINIC,
        "Take temperature first, then choose nurse, if the complaint is cough.",
        "complaint = cough -> take temperature > nurse",
    ),
    (CLINIC, "When in doubt, ask the doctor.", NOTHING),
    (CLINIC, "For patients aged 65 or over with a cough, choose doctor.", "age >= 65 & complaint = cough -> doctor"),
    (CLINIC, 'complaint = "rash" AND age >= 12 => nurse', "complaint = rash & age >= 12 -> nurse"),
    (CLINIC, "Rash or cough: nurse (guess).", "complaint in rash|cough -> nurse"),
    (
        CLINIC,
        "If the temperature is 39 or higher: emergency room, except for walk-in patients.",
        "temperature >= 39 ~ arrival = walk-in -> emergency room",
    ),
    (CLINIC, "Prefer the nurse over the doctor when the waiting room is full.", NOTHING),
    (CLINIC, "In every remaining case, choose home care.", "-> home care"),
    (CLINIC, "If age > 80 then doctor; otherwise nurse.", NOTHING),
    # Support tickets.
    (TICKETS, "Enterprise customers with a critical ticket: escalate.", "plan = enterprise & severity = critical -> escalate"),
    (TICKETS, "If severity is high, choose escalate.", "severity = high -> escalate"),
    (TICKETS, "For high tickets, escalate.", NOTHING),
    (
        TICKETS,
        'When plan is free and days open is greater than or equal to 14, choose "close".',
        "plan = free & days open >= 14 -> close",
    ),
    (
        TICKETS,
        "When product is any of API or dashboard and region is EU: reassign",
        "product in API|dashboard & region = EU -> reassign",
    ),
    (TICKETS, "Tickets open for more than 30 days → close", "days open > 30 day -> close"),
    (
        TICKETS,
        "If the product is the mobile app, reproduce first, then ask for logs.",
        "product = mobile app -> reproduce > ask for logs",
    ),
    (TICKETS, "Pro plan + API: ask for logs", "plan = pro & product = API -> ask for logs"),
    (TICKETS, "If priority is low or severity is low, choose close.", NOTHING),
    (
        TICKETS,
        "Select *offer workaround* when severity is medium (worked in 4 of 4 attempts)",
        "severity = medium -> offer workaround",
    ),
    (TICKETS, "Don't escalate tickets on the free plan.", NOTHING),
    (TICKETS, "If the plan isn't enterprise and severity is low, close.", "plan != enterprise & severity = low -> close"),
    (TICKETS, 'Reply with "ask for logs" for API tickets in APAC.', "product = API & region = APAC -> ask for logs"),
    (TICKETS, "Rule 3: IF plan = pro AND severity = critical THEN escalate", "plan = pro & severity = critical -> escalate"),
    (TICKETS, "Be sure to read the ticket carefully and identify the product.", NOTHING),
    (
        TICKETS,
        "- **When** region is US **and** product is dashboard: **close**. Seen twice.",
        "region = US & product = dashboard -> close",
    ),
    (TICKETS, "Escalate unless the plan is free.", "~ plan = free -> escalate"),
    (
        TICKETS,
        "If days open is within 3 and plan is enterprise, check status page before choosing offer workaround.",
        "days open <= 3 & plan = enterprise -> check status page > offer workaround",
    ),
    (TICKETS, "If plan is pro, choose escalate, but only when the region is EU.", NOTHING),
    # A greenhouse.
    (GARDEN, "If the moisture is below 20%, water.", "moisture < 20 % -> water"),
    (GARDEN, "Ferns in shade: mist", "plant = fern & light = shade -> mist"),
    (GARDEN, 'If plant is "cactus" and moisture is at least 10 %, choose "wait"', "plant = cactus & moisture >= 10 % -> wait"),
    (GARDEN, "Orchids in full sun should be misted.", "plant = orchid & light = full sun -> mist"),
    (
        GARDEN,
        "For an orchid in partial shade with moisture between 30% and 50%, choose mist.",
        "plant = orchid & light = partial shade & moisture .. 30|50 % -> mist",
    ),
    (GARDEN, "When the soil is clay or loam, wait.", "soil in clay|loam -> wait"),
    (GARDEN, "If soil is not clay: repot", "soil != clay -> repot"),
    (GARDEN, "If it has been dry for a while, water.", NOTHING),
    (
        GARDEN,
        "When days since watering is more than 7 and the plant is not a cactus, choose water.",
        "days since watering > 7 & plant != cactus -> water",
    ),
    (GARDEN, "Water if moisture < 15 %; that has been right every time.", "moisture < 15 % -> water"),
    (
        GARDEN,
        "If light is full sun and moisture is no more than 25%, select water.",
        "light = full sun & moisture <= 25 % -> water",
    ),
    (GARDEN, "Never water a cactus.", NOTHING),
    (GARDEN, "In any other case -> wait", "-> wait"),
    # A bank's loans.
    (LOANS, "Credit score over 700 and salaried: approve", "credit score > 700 & employment = salaried -> approve"),
    (LOANS, "If the credit score is less than 550, decline.", "credit score < 550 -> decline"),
    (LOANS, "For students over $5,000, decline.", NOTHING),
    (
        LOANS,
        'If the applicant is self-employed, choose "request documents".',
        "employment = self-employed -> request documents",
    ),
    (
        LOANS,
        "When the loan purpose is education and employment is student, pull report first, then choose manual review.",
        "loan purpose = education & employment = student -> pull report > manual review",
    ),
    (
        LOANS,
        "If income is at least $40,000 and existing debt is under $5k, approve",
        "income >= $40000 & existing debt < $5000 -> approve",
    ),
    (
        LOANS,
        "Approve home loans for salaried applicants with a credit score of 650 or more.",
        "loan purpose = home & employment = salaried & credit score >= 650 -> approve",
    ),
    (LOANS, "Pick manual review for first-time applicants.", "first-time applicant = yes -> manual review"),
    (LOANS, "If existing debt is higher than income, decline.", NOTHING),
    (LOANS, "Self-employed with income below $30,000 — decline, because the last two were lost with approve.", NOTHING),
    (LOANS, "When credit score is 600-650, choose manual review.", "credit score .. 600|650 -> manual review"),
    (
        LOANS,
        "If employment equals student or self-employed, answer: request documents",
        "employment in student|self-employed -> request documents",
    ),
    (LOANS, "Consider the applicant's whole situation, then approve or decline.", NOTHING),
    (LOANS, "Default to decline.", "-> decline"),
)

_SYMBOLS: dict[str, Kind] = {
    "=": "is",
    "!=": "is not",
    "in": "one of",
    ">=": "at least",
    "<=": "at most",
    ">": "above",
    "<": "below",
    "..": "between",
}


@dataclass(frozen=True)
class Written:
    """A lesson as written, the words its reader knows, and the trigger meant."""

    vocabulary: Vocabulary
    text: str
    meant: Trigger | None


def meant(line: str) -> Trigger | None:
    """The trigger that a line of shorthand names: `a = b & c >= 2 kg ~ d = e -> step > choice`."""
    if line == NOTHING:
        return None
    head, _, plan = line.rpartition("-> ")
    groups = [tuple(_condition(c) for c in group.split(" & ") if c.strip()) for group in head.split("~")]
    return Trigger(groups[0], Plan.parse(plan), tuple(groups[1:]))


def _condition(text: str) -> Condition:
    key, kind, value = next(
        (k.strip(), kind, v.strip()) for s, kind in _SYMBOLS.items() for k, m, v in [text.partition(f" {s} ")] if m
    )
    assert kind in get_args(Kind)
    if kind in ("is", "is not"):
        return Condition(kind, key, value)
    if kind == "one of":
        return Condition(kind, key, tuple(value.split("|")))
    low, _, high = value.rpartition("|")
    number, unit = quantity(high) or (0.0, "")
    start, currency = (quantity(low) or (0.0, "")) if low else (0.0, "")
    return Condition(kind, key, (start, number) if low else number, unit or currency)


WRITTEN = [Written(vocabulary, text, meant(line)) for vocabulary, text, line in LESSONS]
ASIDE = WRITTEN[2::3]
TUNED = [w for i, w in enumerate(WRITTEN) if i % 3 != 2]
