"""The part of a lesson that says when: conditions, with every word of it accounted for."""

from __future__ import annotations

from collections.abc import Sequence

from ace.playbooks.triggers.conditions import Condition, Kind
from ace.playbooks.triggers.folding import amount_text, fold_name, fold_value, singular
from ace.playbooks.triggers.numerals import Number
from ace.playbooks.triggers.places import TokenReader, joined
from ace.playbooks.triggers.resolving import (
    answers,
    as_seen,
    concerns,
    fact_in_unit,
    fact_named,
    facts_valued,
    fits,
    parted,
    seen_value,
)
from ace.playbooks.triggers.tokens import Token
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary
from ace.playbooks.triggers.wording import (
    COMPARED,
    COPULAS,
    ENDS,
    ENTITIES,
    FILLERS,
    LIMIT_KINDS,
    LIMITS,
    LONGEST,
    MORE,
    NO_NAME,
    TEXTS,
    TURNED,
    kind_of,
)


class ClauseReader(TokenReader):
    """Reads the conditions that `tokens` are made of; every reading either accounts for all of them or gives none."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary | None) -> None:
        super().__init__(tuple(parted(tokens, vocabulary) if vocabulary else tokens), vocabulary)
        self._found: list[Condition] = []
        self._or = any(t.low in ("or", "/") for t in self._tokens)
        self._passed: list[tuple[int, str]] = []
        """Nouns that were passed over, with their places: each must be general, or of the name of a fact that is used."""
        self._owed: list[tuple[KnownFact, str]] = []
        """Facts found by a unit of time, of whose names another word must be passed over."""
        self._last = ""

    def conditions(self) -> tuple[Condition, ...] | None:
        """The conditions in their order; `None` where some word is not understood or a word may mean two things."""
        at, size = 0, len(self._tokens)
        while at < size:
            end = self._one(at)
            if end is None or end <= at:
                return None
            at = end
        return tuple(dict.fromkeys(self._found)) if self._found and self._agrees() else None

    def _agrees(self) -> bool:
        """Whether the words passed over are general or of the facts used, and no fact must have two values at once."""
        names = {w for c in self._found for w in fold_name(c.key).split(" ")}
        passed = {noun for _, noun in self._passed}
        if not all(noun in ENTITIES or noun in names for noun in passed):
            return False
        if any(passed.isdisjoint(set(fold_name(fact.name).split(" ")) - {unit}) for fact, unit in self._owed):
            return False
        equal = [c.name for c in dict.fromkeys(self._found) if c.kind in ("is", "one of")]
        return len(equal) == len(set(equal))

    def _one(self, at: int) -> int | None:
        """Reads what stands at `at`: a condition, or a word that says nothing of its own; where that ends."""
        return (
            self._text(at)
            or self._qualified(at)
            or self._between_signs(at)
            or self._named(at)
            or self._more(at)
            or self._without_name(at)
            or self._filler(at)
        )

    def _add(self, condition: Condition, at: int) -> int:
        self._found.append(condition)
        self._last = condition.key
        return at

    # Conditions on a fact that is named.

    def _qualified(self, at: int) -> int | None:
        """A value in front of the name of its fact: "high priority", where another fact has the value too."""
        for end in range(min(len(self._tokens), at + LONGEST), at, -1):
            text = self._phrase(at, end) if self._known else ""
            facts = facts_valued(self._known, text) if self._known and text else ()
            fact = self._fact(end, end + 1) if facts and end < len(self._tokens) else None
            said = COMPARED.at(self._tokens, end + 1)
            if fact in facts and (said is None or said[0] in ("of", "in")) and not self._negated(at - 1):
                return self._add(Condition("is", fact.name, seen_value(fact, text)), end + 1)
        return self._either(at)

    def _either(self, at: int) -> int | None:
        """Values in front of the name of their fact: "high or critical severity"."""
        for end in range(at + 3, min(len(self._tokens), at + 2 * LONGEST)) if self._known and self._or else ():
            fact = self._fact(end, end + 1)
            values, after, either = self._values(fact, at, listed=False) if fact else ([], at, False)
            if fact and either and after == end and COMPARED.at(self._tokens, end + 1) is None and not self._negated(at - 1):
                return self._add(Condition("one of", fact.name, tuple(values)), end + 1)
        return None

    def _between_signs(self, at: int) -> int | None:
        """`100 <= amount`, which may go on: `100 <= amount < 200`."""
        number = self._signed(at)
        side = TURNED.get(self._word(number[2])) if number else None
        for end in range(min(len(self._tokens), at + LONGEST + 3), number[2] + 1, -1) if number and side else ():
            fact = self._fact(number[2] + 1, end) if number else None
            if number and side and fact and fact.numeric and fits(self._known, fact, number[1]):
                self._add(Condition(side, fact.name, number[0], number[1]), end)
                return self._test(fact, end) if self._word(end) in TURNED else end
        return None

    def _named(self, at: int) -> int | None:
        for end in range(min(len(self._tokens), at + LONGEST), at, -1):
            fact = self._fact(at, end)
            if fact is not None and (done := self._test(fact, end)):
                return done
        return None

    def _fact(self, at: int, end: int) -> KnownFact | None:
        """The fact that the words from `at` to `end` name."""
        piece, known = self._tokens[at:end], self._known
        if len(piece) == 1 and piece[0].kind == "quoted":
            text = piece[0].text
            found = fact_named(known, text) if known else None
            return found or (None if known and facts_valued(known, text) else KnownFact(text, (), (), True))
        if any(t.kind != "word" for t in piece):
            return None
        if known is not None:
            return fact_named(known, joined(piece))
        said = [t.low for t in piece]
        said = said[1:] if said[0] in ("the", "a", "an", "its", "their") else said
        spoilt = not said or said[-1] in ENTITIES or any(w in FILLERS or w in NO_NAME or w in COMPARED for w in said)
        return None if spoilt else KnownFact(" ".join(said), (), (), True)

    def _test(self, fact: KnownFact, at: int) -> int | None:
        """Reads what is said of `fact` from `at` on: an operator with its value, or, where the vocabulary knows it, a value."""
        copula = self._word(at) in COPULAS
        if said := COMPARED.at(self._tokens, at):
            if done := self._compared(fact, kind_of(said[0]), said[1], plain=said[0]):
                return done
            at = said[1] if said[0] in COPULAS or kind_of(said[0]) == "is" else at
            if copula and (said := COMPARED.at(self._tokens, at)):
                return self._compared(fact, kind_of(said[0]), said[1], plain=said[0])
            if not copula and kind_of(said[0]) != "is":
                return None
        if (copula or said) and self._word(at) == "between":
            return self._between(fact, at + 1, "and")
        if self._word(at) in ("between", "from"):
            return self._between(fact, at + 1, "and" if self._word(at) == "between" else "to")
        if self._known is None or said:
            return None
        led = self._word(at) in ("by", "with")
        return None if led and self._is_date(at + 1) else self._compared(fact, "is", at + led, plain="")

    def _compared(self, fact: KnownFact, kind: Kind, at: int, plain: str) -> int | None:
        at += kind == "is not" and self._word(at) == "in" and self._word(at + 1) in ("(", "[")
        if kind in ("contains", "omits"):
            quoted = self._tokens[at] if at < len(self._tokens) and self._tokens[at].kind == "quoted" else None
            return self._add(Condition(kind, fact.name, quoted.text), at + 1) if quoted else None
        if kind in ("is", "is not", "one of"):
            if self._known is None and plain in ("in", "of") and self._kind(at) != "quoted" and self._word(at) not in "([":
                return None
            return self._range(fact, at, kind) or self._is(fact, kind, at, plain)
        number = self._signed(at) if fact.numeric else None
        if number is None or self._word(number[2]) == "or" or not fits(self._known, fact, number[1]):
            return None
        return self._add(Condition(kind, fact.name, number[0], number[1]), number[2])

    def _between(self, fact: KnownFact, at: int, word: str) -> int | None:
        low = self._signed(at)
        up = low is not None and word == "to" and self._word(low[2]) == "up"
        high = self._signed(low[2] + up + 1) if low and self._word(low[2] + up) == word else None
        return self._span(fact, low, high)

    def _range(self, fact: KnownFact, at: int, kind: Kind) -> int | None:
        """`2-10 kg`, `2 to 10 kg`."""
        low = self._signed(at)
        high = self._signed(low[2] + 1) if low and kind == "is" and self._word(low[2]) in ("-", "to") else None
        return self._span(fact, low, high)

    def _span(self, fact: KnownFact, low: Number | None, high: Number | None) -> int | None:
        if low is None or high is None or low[0] >= high[0] or (low[1] and high[1] and low[1] != high[1]):
            return None
        unit = high[1] or low[1]
        if not fact.numeric:
            text = fold_value(f"{low[0]:g}-{high[0]:g} {unit}".strip())
            seen = next((v for v in fact.values if fold_value(v) == text), "")
            return self._add(Condition("is", fact.name, seen), high[2]) if seen else None
        return (
            self._add(Condition("between", fact.name, (low[0], high[0]), unit), high[2])
            if fits(self._known, fact, unit)
            else None
        )

    def _is(self, fact: KnownFact, kind: Kind, at: int, plain: str) -> int | None:
        if kind == "is" and fact.numeric and (number := self._number(at)):
            more = LIMITS.at(self._tokens, number[2])
            if more and fits(self._known, fact, number[1]):
                limit: Kind = "at least" if more[0] in MORE else "at most"
                return self._add(Condition(limit, fact.name, number[0], number[1]), more[1])
        values, end, either = self._values(fact, at, listed=plain.endswith(" of") or (kind == "one of" and plain != "in"))
        if not values:
            return None
        if len(values) > 1 and kind == "is not":
            for value in values:
                self._add(Condition("is not", fact.name, value), end)
            return end
        if kind == "one of" and len(values) == 1 and not either:
            return self._add(Condition("is", fact.name, values[0]), end) if plain == "in" else None
        single = len(values) == 1
        return self._add(Condition(kind if single else "one of", fact.name, values[0] if single else tuple(values)), end)

    def _values(self, fact: KnownFact, at: int, *, listed: bool) -> tuple[list[str], int, bool]:
        """Values from `at` on: one, or several with "or" before the last. Commas alone join none, except in a list."""
        first, denied = at, self._word(at - 1) in ("neither", "not")
        bracket = self._word(at) in ("(", "[")
        at += bracket + (self._word(at + bracket) == "either")
        found: list[str] = []
        chosen = bracket or listed
        while value := self._value(fact, at):
            found.append(value[0])
            end = value[1]
            pause = self._word(end) == ","
            joiner = self._word(end + pause)
            if joiner in ("or", "/") or (joiner == "nor" and denied):
                chosen, at = True, end + pause + 1
                if self._value(fact, at) is None:
                    return [], at, False
            elif (listed and joiner == "and") or pause:
                at = end + pause + (listed and joiner == "and")
            else:
                break
        alone = len(found) < 2 and self._word(first - 1) == "neither"
        closed = not bracket or self._word(end) == {"(": ")", "[": "]"}[self._word(first)]
        # "In [100, 200]" may be a span.
        spans = bracket and fact.numeric and len(found) == 2
        if not found or alone or (len(found) > 1 and not chosen) or not closed or spans:
            return [], at, False
        return found, end + bracket, len(found) > 1

    def _value(self, fact: KnownFact, at: int) -> tuple[str, int] | None:
        """The value at `at`: quoted, a number, or one that was seen of the fact; one word where nothing is known."""
        tokens = self._tokens
        if at < len(tokens) and self._word(at) == "a" and self._word(at + 1) in ("", *ENDS) and seen_value(fact, "a"):
            return seen_value(fact, "a"), at + 1  # "level A"
        at += self._word(at) in ("the", "a", "an")
        if at >= len(tokens):
            return None
        if tokens[at].kind == "quoted":
            return as_seen(fact, tokens[at].text), at + 1
        for length in range(min(LONGEST, len(tokens) - at), 0, -1):
            text = self._phrase(at, at + length)
            if text and (seen := seen_value(fact, text)):
                return seen, at + length
        if fact.numeric and (number := self._signed(at)):
            end, below = number[2], self._word(at) == "-"
            worded = tokens[at + below].kind == "word"
            said = amount_text(number[0], number[1]) if worded else ("-" if below else "") + joined(tokens[at + below : end])
            return said, end
        word = tokens[at]
        taken = word.low in FILLERS or word.low in ("not", "or") or word.low in COMPARED or word.low.endswith("ly")
        return None if self._known is not None or word.kind != "word" or taken else (word.text, at + 1)

    # Conditions that name no fact.

    def _text(self, at: int) -> int | None:
        """`the text says "x"`, `the message does not mention "x"`."""
        start = at + (self._word(at) in ("the", "a", "their", "its"))
        if self._word(start) not in TEXTS or (self._known and fact_named(self._known, self._word(start))):
            return None
        said = COMPARED.at(self._tokens, start + 1)
        kind = kind_of(said[0]) if said else "is"
        if said is None or kind not in ("contains", "omits") or self._kind(said[1]) != "quoted":
            return None
        return self._add(Condition("mentions" if kind == "contains" else "lacks", self._tokens[said[1]].low), said[1] + 1)

    def _more(self, at: int) -> int | None:
        """A comparison that goes on about the fact named last: `at least 5 and below 10`."""
        joins = at > 0 and self._word(at - 1) in ("and", "but")
        start = at + (self._word(at) in ("is", "are"))
        said = COMPARED.at(self._tokens, start) if joins and self._last else None
        if said is None or kind_of(said[0]) not in LIMIT_KINDS:
            return None
        number = self._number(said[1])
        fact = self._known.named.get(fold_name(self._last)) if self._known else KnownFact(self._last, (), (), True)
        if number is None or fact is None or not fact.numeric or not fits(self._known, fact, number[1]):
            return None
        if number[1] and self._known and number[1] not in fact.units:
            return None
        return self._add(Condition(kind_of(said[0]), fact.name, number[0], number[1]), number[2])

    def _without_name(self, at: int) -> int | None:
        return None if self._known is None else self._answered(at) or self._valued(at) or self._measured(at)

    def _valued(self, at: int) -> int | None:
        """A value that one fact alone has: "gold", "not gold", "gold or silver"."""
        start = at + self._negated(at)
        fact = self._owner(start)
        if fact is None:
            return None
        values, end, _ = self._values(fact, start, listed=start == at)
        if not values or not concerns(fact, self._beside(at, end)):
            return None
        if start > at:
            for value in values:
                self._add(Condition("is not", fact.name, value), end)
            return end
        if self._word(at - 1) in ("by", "to", "from") and self._is_date(at):
            return None
        single = len(values) == 1
        return self._add(Condition("is" if single else "one of", fact.name, values[0] if single else tuple(values)), end)

    def _negated(self, at: int) -> int:
        return 1 if self._word(at) in ("not", "non", "isn't", "aren't", "neither") else 0

    def _beside(self, at: int, end: int) -> str:
        """The general noun that a value from `at` to `end` is said of: "gold members", "the item is new"."""
        noun = singular(self._word(end))
        if noun in ENTITIES:
            return noun
        earlier = [n for place, n in self._passed if n in ENTITIES and place < at]
        return earlier[-1] if earlier and self._word(at - 1) in (*COPULAS, "a", "an", "the") else ""

    def _answered(self, at: int) -> int | None:
        """A fact that is yes or no: "pregnant", "is not insured", "without a receipt", "no receipt"."""
        start = at + (self._negated(at) or self._word(at) in ("no", "without"))
        negated = start > at
        start += self._word(start) in ("a", "an", "the", "any")
        for end in range(min(len(self._tokens), start + LONGEST), start, -1):
            text = self._phrase(start, end)
            fact = self._known.named.get(fold_name(text)) if self._known and text else None
            if fact and answers(fact):
                return self._add(Condition("is", fact.name, as_seen(fact, "no" if negated else "yes")), end)
        return None

    def _measured(self, at: int) -> int | None:
        """A comparison whose unit says of which fact: "over $200", "2-10 kg", "3 or more parcels"."""
        said = COMPARED.at(self._tokens, at)
        between = self._word(at) == "between"
        number = self._number(said[1] if said else at + between)
        if number is None or (said and kind_of(said[0]) not in LIMIT_KINDS):
            return None
        joiner = self._word(number[2])
        if not said and (joiner in ("-", "to") or (between and joiner == "and")):
            high = self._number(number[2] + 1)
            fact = self._of_unit(high) if high else None
            return self._between(fact, at + between, joiner) if fact else None
        fact = self._of_unit(number)
        if fact is None or between:
            return None
        if said:
            return self._compared(fact, kind_of(said[0]), said[1], said[0])
        return self._is(fact, "is", at, "") if LIMITS.at(self._tokens, number[2]) else None

    def _of_unit(self, number: Number) -> KnownFact | None:
        """The one fact with the unit of the number, or with the noun behind it."""
        assert self._known is not None
        unit = number[1] or singular(self._word(number[2]))
        if unit in ("or", "and"):
            unit = singular(self._word(number[2] + 2))
        found = fact_in_unit(self._known, unit)
        if found and found[1]:
            self._owed.append((found[0], unit))
        return found[0] if found else None

    # Words and numbers.

    def _filler(self, at: int) -> int | None:
        token = self._tokens[at]
        if self._known is None:
            return at + 1 if token.low in ("and", ",", "the", "but", "also", "both") else None
        if token.low == "but":
            behind = COMPARED.at(self._tokens, at + 1)
            said = behind and behind[0] not in (":", "of", "in", "either")
            return at + 1 if self._found and (said or self._owner(at + 1)) else None
        if token.low == "inclusive" and any(c.kind in ("above", "below") for c in self._found):
            return None
        if token.low in FILLERS or (token.kind == "sign" and token.low in ",()"):
            return at + 1
        noun = singular(token.low.removesuffix("'s"))
        if token.kind == "word" and (noun in ENTITIES or self._in_a_name(noun)):
            self._passed.append((at, noun))
            return at + 1
        return None

    def _in_a_name(self, noun: str) -> bool:
        return self._known is not None and any(noun in n.split(" ") for n in self._known.named)
