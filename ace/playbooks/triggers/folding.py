"""One form for what is written in many ways: names of facts, and their values.

`fold_name` and `fold_value` give what is compared, never what is shown. Folding twice changes nothing, and what differs stays
apart: units ("10 kg", "10 lb"), versions ("1.10", "1.1"), codes ("007", "7"), negations and longer words ("gold", "golden").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache

Value = str | float

_CAMEL = re.compile(r"(?<=[a-z0-9]{2})(?=[A-Z])|(?<=[a-z][a-z0-9])(?=[A-Z][a-z])")
_MARKS = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "`": " ", "*": " ", "–": "-", "—": "-", "−": "-", "\u00a0": " "}
)
_PARTED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ARTICLES = ("the", "a", "an")
_IN_S = (
    "alias analytics athletics atlas bias canvas christmas customs does economics electronics ethics goods graphics has lens "
    "logistics mathematics means news physics politics says series species statistics texas this was"
)
_KEPT = frozenset(_IN_S.split())
"""Words in s that are not the plural of the word without it."""
_UNITS = {
    **dict.fromkeys(("dollar", "usd", "us$"), "$"),
    **dict.fromkeys(("euro", "eur"), "€"),
    "gbp": "£",
    **dict.fromkeys(("percent", "pct", "per cent"), "%"),
    **dict.fromkeys(("kilogram", "kilogramme", "kilo", "kgs"), "kg"),
    **dict.fromkeys(("gram", "gramme"), "g"),
    **dict.fromkeys(("lbs",), "lb"),
    **dict.fromkeys(("kilometer", "kilometre", "kms"), "km"),
    **dict.fromkeys(("meter", "metre"), "m"),
    **dict.fromkeys(("centimeter", "centimetre", "cms"), "cm"),
    **dict.fromkeys(("millimeter", "millimetre"), "mm"),
    **dict.fromkeys(("liter", "litre"), "l"),
    **dict.fromkeys(("hr", "hrs"), "hour"),
    **dict.fromkeys(("min", "mins"), "minute"),
    **dict.fromkeys(("sec", "secs"), "second"),
    **dict.fromkeys(("yr", "yrs"), "year"),
    **dict.fromkeys(("wk", "wks"), "week"),
    **dict.fromkeys(("mth", "mths"), "month"),
}
CURRENCY = "$€£¥"
_MEASURES = "kg g lb oz km m cm mm mile day hour minute second week month year l ml % $ € £ ¥ °c °f c f"
UNITS = frozenset(_MEASURES.split())
"""Units that are known without having been seen, folded."""
_NUMERAL = r"-?(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,14})(?:\.\d{1,12})?"
_BEFORE = rf"(-(?=us\$|[{CURRENCY}]))?(us\$|[{CURRENCY}]|(?:usd|eur|gbp)\s)?"
_AMOUNT = re.compile(rf"{_BEFORE}\s?({_NUMERAL})(k(?![a-z]))?\s?(%|[{CURRENCY}]|[a-z°][a-z°/]*|per cent)?")
_RANGE = re.compile(
    rf"(?:(between|from)\s)?([{CURRENCY}]?\s?{_NUMERAL}\s?[a-z%]{{0,14}}?)\s?(-|to|and)\s?([{CURRENCY}]?\s?{_NUMERAL}\s?[a-z%]{{0,14}})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})"),
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH.replace('(jan', '(?P<n>jan', 1)},?[ -](?P<y>\d{{4}})"),
    re.compile(rf"{_MONTH.replace('(jan', '(?P<n>jan', 1)} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})"),
)
_ANSWERS = {"true": "yes", "false": "no"}
_ROUNDS = 6
"""Most times a text is folded until it stays as it is."""


def plain(text: str) -> str:
    """`text` as it is `composed`, with marks that look alike as one."""
    return composed(text).translate(_MARKS)


def composed(text: str) -> str:
    """`text` with letters in one form (NFKC), nothing unseen, and thousands joined that a hard space parts."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", _PARTED.sub("", text)))


def quoted(text: str) -> str:
    """`text` as it can stand between double quotes."""
    return text.replace('"', "'")


def spaced(text: str) -> str:
    """`orderTotal` as two words; the case of letters stays."""
    return _CAMEL.sub(" ", text)


@lru_cache(maxsize=8192)
def fold_name(text: str) -> str:
    """The name of a fact as it is compared: lower case, words in the singular, without articles, hyphens and underscores."""
    return _settled(text, _name_once)


def _settled(text: str, once: Callable[[str], str]) -> str:
    for _ in range(_ROUNDS):
        folded = once(text)
        if folded == text:
            break
        text = folded
    return text


def _name_once(text: str) -> str:
    said = spaced(plain(text)).lower().replace('"', " ").replace("'s ", " ").replace("s' ", "s ")
    words = re.sub(r"[_\-\s]+", " ", said).strip(" .:,'").split(" ")
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(map(singular, words))


def singular(word: str) -> str:
    """An English word in lower case without the ending of the plural; other words as they are."""
    if len(word) < 4 or not word.isalpha() or word in _KEPT:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("uses") and word[-5] not in "ao":
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith(("che", "she", "xe", "sse")) else word


@lru_cache(maxsize=8192)
def fold_value(value: Value) -> str:
    """A value as it is compared: "$1,200" is "1200 $", "2 to 10 kg" is "2-10 kg", "3 March 2026" is "2026-03-03", "True" is
    "yes"; other texts in lower case, without an article in front."""
    return number_text(value) if isinstance(value, float) else _settled(value[:MAX_FOLDED], _value_once)


MAX_FOLDED = 400
"""Characters of a value that are compared."""


def _value_once(text: str) -> str:
    said = " ".join(spaced(plain(text)).lower().replace("_", " ").split()).strip(" .,;:\"'")
    for article in _ARTICLES:
        said = said.removeprefix(article + " ").strip() or said
    if said in _ANSWERS:
        return _ANSWERS[said]
    if amount := quantity(said):
        return amount_text(*amount)
    return _range_text(said) or _date_text(said) or re.sub(r"(?<=[^\W\d])\s?-\s?(?=[^\W\d])", " ", said)


def number_text(number: float) -> str:
    """The shortest text that reads back as `number`: 200, 12.5."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def amount_text(number: float, unit: str) -> str:
    """A number with its unit behind it, as `quantity` reads it back: "10 kg", "200 $"."""
    return f"{number_text(number)} {unit}".rstrip()


def quantity(text: str) -> tuple[float, str] | None:
    """The number and the folded unit ("" for none) that `text` is as a whole; `None` where it is none, or may be a version
    ("1.10") or a code ("007")."""
    match = _AMOUNT.fullmatch(plain(text).strip().lower())
    if match is None or (match[1] and match[3].startswith("-")):
        return None
    minus, before, digits, thousands, after = match.groups()
    if (before and after) or (thousands and not before) or (not (before or after) and _may_be_version(digits)):
        return None
    unit = fold_unit(before or after or "")
    if unit and unit in CURRENCY and len(digits.partition(".")[2]) == 3:
        return None  # 1.000 € may be a thousand euros.
    return round(float((minus or "") + digits.replace(",", "")) * (1000 if thousands else 1), 12), unit


def _may_be_version(digits: str) -> bool:
    whole, _, decimals = digits.partition(".")
    return "," not in whole and decimals.endswith("0") and decimals.strip("0") != ""


def fold_unit(text: str) -> str:
    """A unit or currency as it is compared: "kilograms" is "kg", "USD" is "$", "days" is "day"."""
    lower = text.lower().strip()
    return _UNITS.get(lower) or _UNITS.get(singular(lower), singular(lower))


def _range_text(text: str) -> str:
    match = _RANGE.fullmatch(text)
    if match is None or (match[3] == "and") != (match[1] == "between") or (match[1] == "from" and match[3] != "to"):
        return ""
    low, high = quantity(match[2]), quantity(match[4])
    if (
        low is None
        or high is None
        or (low[0] < 0 and match[3] == "-")
        or low[0] >= high[0]
        or (low[1] and high[1] and low[1] != high[1])
    ):
        return ""
    if low[1] and not high[1] and low[1] not in CURRENCY:
        return ""
    return f"{number_text(low[0])}-{amount_text(high[0], high[1] or low[1])}"


def _date_text(text: str) -> str:
    for pattern in _DATES:
        if match := pattern.fullmatch(text):
            parts = match.groupdict()
            month = int(parts["m"]) if "m" in parts else _MONTHS.index(parts["n"]) + 1
            try:
                return date(int(parts["y"]), month, int(parts["d"])).isoformat()
            except ValueError:
                return ""
    return ""
