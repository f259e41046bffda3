"""The words that lessons are made of in English: comparisons, words that say nothing of their own, and words that change a
meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ace.playbooks.triggers.conditions import Kind
from ace.playbooks.triggers.tokens import Token


class Phrases:
    """Phrases of one to six words, and what each stands for."""

    def __init__(self, meanings: dict[str, str]) -> None:
        self._meanings = meanings
        self._firsts = frozenset(p.split(" ")[0] for p in meanings)
        self._longest = max(p.count(" ") + 1 for p in meanings)

    @classmethod
    def of(cls, *groups: str) -> Phrases:
        """Phrases separated by "|"; each stands for itself."""
        return cls({p.strip(): p.strip() for group in groups for p in group.split("|")})

    def __contains__(self, phrase: object) -> bool:
        return phrase in self._meanings

    def __or__(self, other: Phrases) -> Phrases:
        return Phrases({**self._meanings, **other._meanings})

    def at(self, tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
        """The phrase that stands at `at`, the longest of several, and where it ends."""
        if at >= len(tokens) or tokens[at].kind == "quoted" or tokens[at].low not in self._firsts:
            return None
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            piece = tokens[at : at + length]
            said = " ".join(t.low for t in piece)
            if said in self._meanings and all(t.kind != "quoted" for t in piece):
                return said, at + length
        return None

    def meaning(self, phrase: str) -> str:
        return self._meanings[phrase]


def words(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


WHEN = Phrases.of("when|whenever|if|for|where|in case|with|given")
UNLESS = Phrases.of(
    "unless|except when|except if|except where|except for|except|but not if|but not when|but not where|but not for"
    "|excluding|apart from|with the exception of"
)
_REST = ("every other", "all other", "any other", "every remaining", "all remaining", "other", "all the other")
_NONE = (
    "nothing above",
    "nothing else",
    "none of the above",
    "none of these",
    "none of these rules",
    "none of the rules above",
)
_NO_RULE = ("none of the other rules", "no rule above", "no rule", "no lesson", "no other lesson", "no other rule", "nothing")
OTHERWISE = Phrases.of(
    *(f"{i} {w} {c}" for i in ("in", "for") for w in _REST for c in ("case", "cases", "situation", "situations")),
    "otherwise|by default|default to|default|as a default|else|everything else|for everything else",
    "in everything else|anything else",
    "for anything else|all others|if nothing else applies|if no other rule applies|when no other rule applies|fallback",
    "if none of the above applies|when nothing else applies|if no other lesson applies",
    "when no other lesson applies|if no rule applies",
    *(
        f"{i} {n} {a}"
        for i in ("if", "when")
        for n in _NONE
        for a in ("applies", "apply", "matches", "match", "decides", "fits")
    ),
    *(f"{i}{w}" for i in ("", "for ", "in ") for w in ("all else", "the rest", "the remaining cases", "all remaining cases")),
    "everyone else|for everyone else|if no lesson decides|if no lesson applies|if nothing decides",
)
VERBS = Phrases.of(
    "choose|pick|select|answer|use|reply|respond|return|output|give|recommend|offer|issue|grant|go with",
    "opt for|go for|take|do|send|apply",
    "reply with|respond with|answer with|reply with the answer|choosing|picking|selecting|answering|using",
    "prefer|assign|route to|send to",
    "classify as|label as|choose the answer|choose the option|pick the option|select the option|issue a",
    "offer a|give a|grant a|offer an",
    "issue an|give an|the answer is|the right answer is|the correct answer is|the choice is",
    "the right choice is|the correct choice is",
    "the answer should be",
)
GIVEN = Phrases.of("get|gets|receive|receives|need|needs|require|requires|call for|calls for|means")
"""Verbs between what a case is and the choice for it."""
DONE = Phrases.of("be|always be|have to be|has to be|need to be|needs to be|to be")
"""Words before what is done to a case, in the passive: "should be refunded"."""
SUITS = Phrases.of(
    "is required|is needed|applies|is right|is correct|is appropriate|is the right choice|is the correct choice"
    "|is the right answer|is the correct answer|is the answer|is the choice"
)
"""Words between a choice and what it is for."""
CONTRASTS = Phrases.of("not|and not|rather than|instead of")
"""Words between a choice and another that is not meant."""
STRONG = ("choose", "pick", "select")
"""After these a single word is a choice, also where no choices are listed."""
LEAD = Phrases.of("then|please|always|you should|we should|should|the agent should|just|simply|must|you must")
NO_CHOICE = words(
    "a an the it them this that one any none all some something anything either both between from carefully wisely what which "
)
_AT_LEAST = (
    "at least|>=|no less than|not less than|greater than or equal to|more than or equal to|a minimum of"
    "|above or equal to|minimum"
    "|equal to or greater than|equal to or above|equal to or more than|at or above|not below|not under|no fewer than"
    "|higher than or equal to"
)
_AT_MOST = (
    "at most|<=|no more than|not more than|up to|less than or equal to|equal to or less than|a maximum of"
    "|within|maximum"
    "|below or equal to|equal to or below|at or below|not above|not over|not exceeding|does not exceed"
    "|fewer than or equal to"
    "|lower than or equal to|no greater than|no higher than"
)
_ABOVE = (
    "above|over|more than|greater than|>|exceeds|exceeding|exceed|higher than|larger than|bigger than"
    "|heavier than|older than"
    "|longer than|in excess of|strictly above|strictly more than|strictly greater than"
)
_BELOW = (
    "below|under|less than|fewer than|<|lower than|smaller than|lighter than|younger than|shorter than|strictly below"
    "|strictly less than|strictly under"
)
_IS_NOT = (
    "not|isn't|aren't|wasn't|weren't|!=|is not|are not|not equal to|does not equal|doesn't equal|other than"
    "|different from"
    "|anything but|anything other than|neither|is neither|are neither|not one of|is not one of|isn't one of|is none of"
)
_CONTAINS = "contains|includes|mentions|says|has the word|has the words|contain|mention"
_OMITS = (
    "does not contain|does not mention|does not say|does not include"
    "|doesn't contain|doesn't mention|doesn't say|doesn't include"
)
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("at least", _AT_LEAST),
    ("at most", _AT_MOST),
    ("above", _ABOVE),
    ("below", _BELOW),
    ("is not", _IS_NOT),
    ("one of", "one of|any of|either|either of|in|among"),
    ("is", "=|equals|equal to|exactly|is|are|was|were|set to|:|of"),
    ("contains", _CONTAINS),
    ("omits", _OMITS),
)


def _denied(kind: Kind, phrases: str) -> dict[str, str]:
    """What stands for `kind` when each of `phrases` is denied: "no older than", "isn't above"."""
    plain = [p for p in phrases.split("|") if p.isascii() and p[0].isalpha()]
    nots = {f"{no} {p}": kind for p in plain for no in ("not", "isn't", "aren't", "wasn't", "weren't", "is not", "are not")}
    return {**nots, **{f"no {p}": kind for p in plain if p.endswith(" than")}}


COMPARED = Phrases(
    {
        **_denied("at most", _ABOVE),
        **_denied("at least", _BELOW),
        **{phrase: kind for kind, phrases in _KINDS for phrase in phrases.split("|")},
        **dict.fromkeys(("doesn't exceed", "do not exceed", "don't exceed"), "at most"),
    }
)
COPULAS = ("is", "are", "was", "were", "be", "being")


def _or(words: str) -> Phrases:
    return Phrases.of(*(f"{j} {w}" for j in ("or", "and") for w in words.split("|")))


MORE = _or("more|higher|above|over|greater|older|longer|heavier|up")
LESS = _or("less|lower|below|under|fewer|younger|shorter|lighter")
LIMITS = MORE | LESS
PERSONS = words(
    "customer member user client buyer shopper person people applicant patient guest passenger visitor account holder"
)
THINGS = words(
    "item product parcel package order case request ticket shipment claim article application vehicle device machine "
    "alert incident issue problem complaint loan booking reservation transaction"
)
ENTITIES = PERSONS | THINGS
"""Nouns for what a case is of: they say nothing of their own."""
NO_NAME = words(
    "not or everything nothing anything something someone everyone nobody anyone answer question reason doubt he she we you i"
)
"""Words that name no fact where no facts are known."""
TURNED: dict[str, Kind] = {"<": "above", "<=": "at least", ">": "below", ">=": "at most"}
"""What a sign between a number and a fact says of the fact."""
ENDS = (",", "and", "or", "/", ")", "]", "but", "with")
"""What may stand behind a value of one letter."""
LONGEST = 6
"""Words of a name or a value that are looked at."""
LIMIT_KINDS = ("at least", "at most", "above", "below")
TEXTS = words("text message letter email note")
FILLERS = words(
    "the a an any all every each that which who whose it its they their is are was were has have had be being "
    "of in to by on at from  "
    "with and but also both for there going inclusive this these those it's they're that's"
)
"""Words between conditions that say nothing of their own."""
DANGER = words(
    "unless except exception exceptions but however otherwise else instead if when whenever only not never no "
    "nothing none nobody  "
    "don't doesn't didn't isn't aren't wasn't won't can't cannot without provided until rather than "
    "alternatively or first before  "
    "after also where while choose pick select avoid wrong false incorrect refuted contradicted disproved "
    "obsolete outdated ignore  "
    "should must longer lost loses failed fails"
)
"""Words behind a choice that may change what was said before them."""
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: str(n) for n, word in enumerate(_COUNTED.split())}
REASONS = Phrases.of("because|since|as|which")


def kind_of(phrase: str) -> Kind:
    """The kind of condition that a phrase of comparison makes."""
    return cast(Kind, COMPARED.meaning(phrase))
