"""Personal data in a text: addresses and numbers of people, told from other numbers by their check digits and their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

CARD, IBAN, EMAIL, PHONE, SSN = "credit card number", "IBAN", "e-mail address", "phone number", "US social security number"

_EMAIL = re.compile(
    r"(?<![\w.+%/-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,24})(?![\w-])"
)
_FILES = "png jpg jpeg gif svg webp ico js mjs ts tsx jsx css py json yaml yml toml md txt html lock".split()  # noqa: SIM905
"""Ends of names of files, in which an @ may stand."""
_CARD = re.compile(r"(?<![\w.,#/-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|[.,]\d)")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}"
)
"""Whole numbers by the beginnings and lengths that issuers of cards have (ISO/IEC 7812)."""
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?))(?![A-Za-z0-9])"
)
_COUNTRIES = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18
FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20
LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31
SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
"""
_LENGTHS = {part[:2]: int(part[2:]) for part in _COUNTRIES.split()}
"""Characters of an IBAN by country (the SWIFT registry)."""
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_SSN_NAMED = re.compile(
    r"\b(?:SSN|social security (?:number|no\.?))\D{0,12}(?!000|666|9)\d{3}[ -]?(?!00)\d{2}[ -]?(?!0000)\d{4}(?!\d)",
    re.IGNORECASE,
)
_ABROAD = re.compile(r"(?<![\w.+-])(?:\+[1-9]\d{0,3}|00[1-9]\d{0,2}(?=[ ./-]))(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?![\w%])")
_NORTH_AMERICA = re.compile(
    r"(?<![\w.#/-])(?:1[ .-])?(?:\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{4}|[2-9]\d\d([-.])\d{3}\1\d{4}|[2-9]\d\d [2-9]\d\d \d{4})"
    r"(?![\w-]|\.\d)"
)
_CALLED = re.compile(
    r"\b(?:phone|telephone|tel|mobile|cell|fax|call|dial|whatsapp|telefon|handy)\b[^\d+(]{0,20}"
    r"(?:0\d[\d ()/.-]{6,18}\d|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|\d{3}-\d{4})(?![\w-])",
    re.IGNORECASE,
)


def personal_in(text: str) -> Iterator[str]:
    """The kinds of personal data in `text`."""
    if any(m[1].lower() not in _FILES and not m[0].startswith("git@") for m in _EMAIL.finditer(text)):
        yield EMAIL
    cards = [m[0] for m in _CARD.finditer(text) if _is_card(re.sub(r"\D", "", m[0]))]
    ibans = [m[1] for m in _IBAN.finditer(text.upper()) if _is_iban(m[1].replace(" ", ""))]
    yield from [CARD] * bool(cards) + [IBAN] * bool(ibans)
    for known in (*cards, *ibans):
        # Parts of them look like phone numbers.
        text = re.sub(re.escape(known), "#", text, flags=re.IGNORECASE)
    if _SSN.search(text) or _SSN_NAMED.search(text):
        yield SSN
    if _NORTH_AMERICA.search(text) or _CALLED.search(text) or any(_is_long(m[0]) for m in _ABROAD.finditer(text)):
        yield PHONE


def _is_long(number: str) -> bool:
    """Whether a number has as many digits as phone numbers of any country (ITU-T E.164), and is not a date."""
    digits = sum(c.isdigit() for c in number)
    return 9 <= digits <= 17 and re.search(r"\d{4}-\d\d-\d\d", number) is None


def _is_card(digits: str) -> bool:
    return _ISSUERS.fullmatch(digits) is not None and len(set(digits)) > 1 and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    return (sum(doubled) + sum(int(d) for d in digits[::-2])) % 10 == 0


def _is_iban(number: str) -> bool:
    """Whether a number has the length of its country and its check digits (ISO 13616, mod 97)."""
    if len(number) < _LENGTHS.get(number[:2], 99):
        return False
    whole = number[: _LENGTHS[number[:2]]]
    return number == whole and int("".join(str(int(c, 36)) for c in whole[4:] + whole[:4])) % 97 == 1
