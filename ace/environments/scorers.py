"""Is a reply right? Exact, choice, numeric, regular expression, or the user's own function.

A scorer that passes junk poisons everything learned from it, so nothing here looks for an answer inside a longer text: the
reply as a whole is the answer, give or take case, spaces, quotes and a final full stop. Empty and very long replies fail, and
nothing that a reply says is ever evaluated.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ace.environments.patterns import LONGEST_TEXT, compile_safe
from ace.redaction import redact_all
from ace.types import Outcome, failure, invalid, success

LONGEST_REPLY = 10_000
"""Characters; a longer reply is wrong without being read."""
FULL_MARKS = 0.99
"""A user's scorer that gives a number in [0, 1] means success from here on."""

Scorer = Callable[[str, str], bool | float]
"""Given the reply and the right answer: whether it is right, or how right, in [0, 1]."""
Judge = Callable[[str, str, Sequence[str]], Outcome]
"""Given the reply, the right answer and the choices (empty where there are none): the outcome."""

_PAIRS = (('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("«", "»"), ("**", "**"))
_FINAL = ".,;:!?"
_LEAD = re.compile(
    r"(?:(?:the|my)\s+)?(?:final\s+|right\s+|correct\s+)?answer(?:\s+is)?(?:\s*[:=]\s*|\s+)(\S.*)", re.IGNORECASE | re.DOTALL
)
_NUMBER = re.compile(
    r"""(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<unit>[$€£¥])?\s*(?P<second>[-+−])?
        (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?P<power>[eE][-+]?\d{1,3})?
        \s*(?P<close>\))?\s*(?P<percent>%)?\s*(?P<words>[a-zA-Z$€£¥/²³°]+(?:\ [a-zA-Z/]+)?)?(?P<late>\))?\.?""",
    re.VERBOSE | re.ASCII,
)
_SCALES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "tn": 12, "trillion": 12}
_PERCENT = ("percent", "pct")
_NO_UNITS = ("or", "to", "and", "plus", "minus", "times", "x", "not", "is", "but")
_NEGATIVE = ("-", "−")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: its value, its decimals after scaling (2 for `1.25`, -5 for `1.2 million`), and whether a
    percent sign followed."""

    value: float
    decimals: int
    percent: bool


def normalise(text: str) -> str:
    """`text` without what does not matter: case, repeated space, quotes or bold marks around it, final punctuation. What would
    be left empty is kept."""
    plain = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    while True:
        shorter = _without_final(_unwrapped(plain))
        if shorter == plain or not shorter:
            return plain
        plain = shorter


def exact(reply: str, answer: str) -> bool:
    """Whether the reply, normalised, is the answer."""
    return _usable(reply) and normalise(reply) == normalise(answer)


def choice(reply: str, answer: str, choices: Sequence[str]) -> bool:
    """Whether the reply names `answer` among `choices`: see `chosen`."""
    return chosen(reply, choices) == answer


def chosen(reply: str, choices: Sequence[str]) -> str | None:
    """The one of `choices` that the whole reply names: as it is written, else normalised, else after `Answer:`. `None` where it
    names none, or, normalised, more than one."""
    if not _usable(reply):
        return None
    for text in _readings(reply.strip()):
        if text in choices:
            return text
        if named := _by_form(tuple(choices)).get(normalise(text)):
            return named[0] if len(named) == 1 else None
    return None


@lru_cache(maxsize=8)
def _by_form(choices: tuple[str, ...]) -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    for option in choices:
        forms.setdefault(normalise(option), []).append(option)
    return forms


def numeric(reply: str, answer: str, tolerance: float = 0.0) -> bool:
    """Whether the reply is the number `answer`: the same when rounded to the answer's decimals (at least two), or within
    `tolerance` times the answer. Where only one of them has a percent sign, `25%` is 25 and 0.25 alike."""
    got, right = read_number(reply), read_number(answer)
    if got is None or right is None:
        return False
    if got.percent == right.percent:
        return _close(got.value, right, tolerance)
    other = got.value / 100 if got.percent else got.value * 100
    return _close(got.value, right, tolerance) or _close(other, right, tolerance)


def read_number(text: str) -> Number | None:
    """The number that `text` consists of: `1,234.50`, `$5`, `(3.2)` for -3.2, `4e-3`, `25 %`, `1.2 million dollars`, after
    `Answer:` too. `None` where the text is anything else, such as two numbers or a sentence."""
    if not _usable(text):
        return None
    return next((n for reading in _readings(text.strip()) if (n := _parsed(normalise(reading))) is not None), None)


def matches(reply: str, pattern: str) -> bool:
    """Whether the whole reply, without space around it, matches `pattern`; one longer than `LONGEST_TEXT` does not.
    `ValueError` for a pattern that does not compile or might take too long."""
    text = reply.strip()
    return bool(text) and len(text) <= LONGEST_TEXT and compile_safe(pattern).fullmatch(text) is not None


def verdict(value: object) -> Outcome:
    """What a user's function said, as an outcome: an `Outcome` as it is, a bool, a score in [0, 1] (success from
    `FULL_MARKS`), or `None` for "cannot tell". Anything else is invalid: the function is at fault, not the agent."""
    if isinstance(value, Outcome):
        return value
    if value is None:
        return invalid("the check gave no verdict (None); return True or False, a score in [0, 1] or an Outcome")
    if isinstance(value, bool):
        return success() if value else failure()
    if isinstance(value, int | float) and 0 <= value <= 1:
        return success(score=float(value)) if value >= FULL_MARKS else failure(score=float(value))
    shown = repr(value)[:80] if isinstance(value, int | float) else f"a {type(value).__name__}"
    return invalid(f"the check gave {shown}, not a verdict; return True or False, a score in [0, 1], an Outcome or None")


def judged(check: Callable[[], object]) -> Outcome:
    """`verdict` of what `check` gives; an exception that it raises is an invalid outcome."""
    try:
        return verdict(check())
    # The check is the user's code: an exception says nothing about the agent, and is recorded.
    except Exception as error:  # noqa: BLE001
        return invalid(f"the check raised {type(error).__name__}: {redact_all(str(error))}")


def custom(scorer: Scorer) -> Judge:
    """A user's function as a judge; junk that is empty or very long never reaches it."""
    return lambda reply, answer, choices: judged(lambda: scorer(reply, answer)) if _usable(reply) else failure()


def built_in(name: str, tolerance: float = 0.0) -> Judge:
    """The judge called `name`: exact, choice, numeric or regex."""
    judges: dict[str, Callable[[str, str, Sequence[str]], bool]] = {
        "exact": lambda reply, answer, choices: exact(reply, answer),
        "choice": choice,
        "numeric": lambda reply, answer, choices: numeric(reply, answer, tolerance),
        "regex": lambda reply, answer, choices: matches(reply, answer),
    }
    right = judges[name]
    return lambda reply, answer, choices: success() if right(reply, answer, choices) else failure()


def _usable(reply: str) -> bool:
    return len(reply) <= LONGEST_REPLY and bool(reply.strip())


def _readings(text: str) -> Iterator[str]:
    yield text
    if lead := _LEAD.fullmatch(_unwrapped(text)):
        yield lead[1].strip()
    if text.startswith("(") and text.endswith(")"):
        yield text[1:-1].strip()


def _unwrapped(text: str) -> str:
    for left, right in _PAIRS:
        if len(text) > len(left) + len(right) and text.startswith(left) and text.endswith(right):
            return text[len(left) : -len(right)].strip()
    return text


def _without_final(text: str) -> str:
    return text.rstrip(_FINAL).rstrip()


def _parsed(text: str) -> Number | None:
    found = _NUMBER.fullmatch(text)
    if found is None or (found["sign"] and found["second"]):
        return None
    if bool(found["open"]) != bool(found["close"] or found["late"]) or (found["close"] and found["late"]):
        return None
    words = (found["words"] or "").split()
    if any(w in _NO_UNITS for w in words):
        return None
    scale = _SCALES.get(words[0], 0) if words else 0
    digits = found["digits"].replace(",", "")
    power = int((found["power"] or "e0")[1:]) + scale
    value = float(f"{digits}e{power}")
    if not math.isfinite(value):
        return None
    negative = bool(found["open"]) or (found["sign"] or found["second"]) in _NEGATIVE
    percent = bool(found["percent"]) or any(w in _PERCENT for w in words)
    return Number(-value if negative else value, len(digits.partition(".")[2]) - power, percent)


def _close(value: float, right: Number, tolerance: float) -> bool:
    apart = abs(value - right.value)
    half = 0.5 * 10.0 ** -min(max(right.decimals, 2), 300)
    return apart <= half * (1 + 1e-6) + abs(right.value) * 1e-12 or apart <= tolerance * abs(right.value)
