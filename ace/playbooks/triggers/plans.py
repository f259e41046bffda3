"""The part of a lesson that says what to do: a choice, perhaps a step before it, and nothing behind it that takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ace.playbooks.triggers.folding import fold_name, fold_value, singular
from ace.playbooks.triggers.places import joined
from ace.playbooks.triggers.tokens import Token
from ace.playbooks.triggers.trigger import Plan
from ace.playbooks.triggers.vocabulary import Vocabulary
from ace.playbooks.triggers.wording import (
    COMPARED,
    CONTRASTS,
    DANGER,
    DONE,
    ENTITIES,
    GIVEN,
    LEAD,
    LIMIT_KINDS,
    NO_CHOICE,
    REASONS,
    STRONG,
    VERBS,
    Phrases,
    kind_of,
)

_MAX_WORDS = 8
_HARMLESS = ("loss", "losses", "failure", "failures", "exceptions", "counterexample", "counterexamples")
_SPACED = ("answer", "option", "choice", "action", "resolution")
_IRREGULAR = {
    **{
        "hold": "held",
        "send": "sent",
        "give": "given",
        "keep": "kept",
        "take": "taken",
        "pay": "paid",
        "see": "seen",
        "put": "put",
    },
    **{"sell": "sold", "withhold": "withheld", "write": "written", "make": "made", "do": "done", "leave": "left"},
}
Named = tuple[str, int]
"""What is named at a place, and where that ends."""


class PlanReader:
    """Reads plans from `tokens`, with the choices and actions of `vocabulary` where there is one."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary | None) -> None:
        self._tokens, self._known = tokens, vocabulary

    def plan(self, at: int, behind: str = "") -> tuple[Plan, int] | None:
        """The plan that begins at `at`, and where it ends; `behind` is the sign before it: after ":" or "=>" a choice needs no
        verb."""
        at = self._skip(at, LEAD)
        if step := self._step(at):
            choice = self._choice(self._skip(step[1], LEAD), "first")
            return (Plan(choice[0], step[0]), choice[1]) if choice else None
        choice = self._choice(at, behind)
        return (Plan(choice[0]), choice[1]) if choice else None

    def _step(self, at: int) -> Named | None:
        """`take X first, then`, `first X, then`, `X, then`, `X and then`, `X before`; up to where the choice begins."""
        led = self._word(at, "first")
        found = self._action(at + led) or self._action(self._after_verb(at + led)[0])
        if found is None:
            return None
        end = found[1]
        said_first = self._word(end, "first")
        end += said_first
        for between in (
            ("before",),
            (",", "then"),
            (",", "and", "then"),
            ("and", "then"),
            (".", "then"),
            ("then",),
            (";", "then"),
        ):
            if self._words(end, between):
                return found[0], end + len(between)
        if led or said_first:
            for pause in ((",",), (",", "and"), ("and",)):
                if self._words(end, pause):
                    return found[0], end + len(pause)
        return None

    def _choice(self, at: int, behind: str) -> Named | None:
        start, verb = self._after_verb(at)
        if verb and (found := self._option(start, strong=verb.split(" ")[0] in STRONG)):
            return found
        if behind in (":", "=>", ",", "then", "-", "first"):
            return self._option(at, strong=behind == "=>")
        return self._given(at)

    def _given(self, at: int) -> Named | None:
        """`gets a refund`, `should be refunded`, `is rejected`, of listed choices."""
        if self._known is None or not self._known.choices:
            return None
        if said := GIVEN.at(self._tokens, at):
            return self._listed(said[1], self._known.choice)
        if said := DONE.at(self._tokens, at):
            return self._listed(said[1], self._done)
        return self._listed(at + 1, self._done) if self._word(at, "is") or self._word(at, "are") else None

    def _done(self, text: str) -> str | None:
        """The listed choice that is done where a case "is `text`"; none where `text` is a value of a fact."""
        assert self._known is not None
        if fold_name(fold_value(text)) in self._known.valued:
            return None
        found = [c for c in self._known.choices if fold_value(text) in passives(fold_value(c))]
        return found[0] if len(found) == 1 else None

    def _after_verb(self, at: int) -> tuple[int, str]:
        found = VERBS.at(self._tokens, at)
        if found is None:
            return at, ""
        at = found[1]
        if self._word(at, ":"):
            at += 1
        if self._word(at, "the") and self._next(at + 1) in _SPACED:
            at += 2
        return at, found[0]

    def _option(self, at: int, *, strong: bool) -> Named | None:
        """The choice that is named at `at`: a listed one, or without a list what is quoted, or one word after a strong verb."""
        tokens = self._tokens
        if self._known is not None and self._known.choices:
            return self._listed(at, self._known.choice)
        if at < len(tokens) and tokens[at].kind == "quoted":
            return tokens[at].text, at + 1
        word = tokens[at] if at < len(tokens) and strong and tokens[at].kind == "word" else None
        plain = word is not None and word.low not in NO_CHOICE and not word.low.endswith("ly") and self._ends(at + 1)
        return (word.text, at + 1) if word and plain else None

    def _action(self, at: int) -> Named | None:
        if self._known is not None and (self._known.actions or self._known.choices):
            known = self._known
            return self._listed(at, known.action)
        return (self._tokens[at].text, at + 1) if at < len(self._tokens) and self._tokens[at].kind == "quoted" else None

    def _listed(self, at: int, find: Callable[[str], str | None]) -> Named | None:
        """The longest listed name at `at`; an article before it and quotes around it are as good as none."""
        tokens = self._tokens
        if at < len(tokens) and tokens[at].low in ("the", "a", "an"):
            at += 1
        if at < len(tokens) and tokens[at].kind == "quoted":
            found = find(tokens[at].text)
            return (found, at + 1) if found else None
        for length in range(min(_MAX_WORDS, len(tokens) - at), 0, -1):
            piece = tokens[at : at + length]
            if all(t.kind in ("word", "number") or t.low in "/-" for t in piece) and (found := find(joined(piece))):
                return found, at + length
        return None

    def ends_well(self, at: int, choice: str) -> bool:
        """Whether what stands from `at` on is a remark: a reason, a count, a second sentence that takes nothing back."""
        at = self.contrasted(at, choice)
        rest = self._tokens[at:]
        if not rest:
            return True
        opens = rest[0].low in (".", "!", "(", "[", "-", ";") or REASONS.at(rest, 0)
        after_comma = rest[0].low == "," and REASONS.at(rest, 1)
        if not (opens or after_comma):
            return bool(size := self._object(rest)) and self.ends_well(at + size, choice)
        return self._harmless(rest, choice)

    def contrasted(self, at: int, choice: str) -> int:
        """Where a contrast that stands at `at` ends: `, not exchange`, `rather than a refund`."""
        bracket = self._word(at, "(")
        said = CONTRASTS.at(self._tokens, at + (bracket or self._word(at, ",")))
        if said is None or self._known is None:
            return at
        other = self._listed(said[1], self._known.choice)
        if other is None or other[0] == choice or (bracket and not self._word(other[1], ")")):
            return at
        return other[1] + bracket

    def _object(self, rest: Sequence[Token]) -> int:
        """How many words name what the choice is done to: "it", "the customer"."""
        if rest[0].low in ("it", "them"):
            return 1
        return 2 if rest[0].low in ("the", "this") and len(rest) > 1 and singular(rest[1].low) in ENTITIES else 0

    def _harmless(self, rest: Sequence[Token], choice: str) -> bool:
        for i, token in enumerate(rest):
            if token.kind == "quoted" and token.text != choice:
                return False
            if token.low in DANGER and not (
                token.low in ("no", "without") and i + 1 < len(rest) and rest[i + 1].low in _HARMLESS
            ):
                return False
            if (said := COMPARED.at(rest, i)) and kind_of(said[0]) in LIMIT_KINDS:
                return False
            if token.kind == "sign" and token.low in (">=", "<=", "=", "!=", ">", "<", "=>", "?"):
                return False
        return not self._names_another(rest, choice)

    def _names_another(self, rest: Sequence[Token], choice: str) -> bool:
        if self._known is None:
            return False
        said = f" {fold_value(joined(rest))} "
        return any(f" {fold_value(c)} " in said for c in self._known.choices if c != choice)

    def _ends(self, at: int) -> bool:
        return at >= len(self._tokens) or self._tokens[at].low in (
            ".",
            "!",
            "(",
            "[",
            "-",
            ";",
            ",",
            "unless",
            "when",
            "if",
            "for",
            "because",
        )

    def _skip(self, at: int, words: Phrases) -> int:
        for _ in range(3):
            found = words.at(self._tokens, at)
            if found is None:
                break
            at = found[1]
        return at

    def _word(self, at: int, word: str) -> bool:
        return self._next(at) == word

    def _words(self, at: int, words: Sequence[str]) -> bool:
        return all(self._next(at + i) == w for i, w in enumerate(words))

    def _next(self, at: int) -> str:
        return self._tokens[at].low if at < len(self._tokens) and self._tokens[at].kind != "quoted" else ""


def passives(choice: str) -> tuple[str, ...]:
    """What a case is when `choice` was done to it: "refunded", "shipped by air", "held"."""
    verb, blank, rest = choice.partition(" ")
    if not verb.isalpha():
        return ()
    made = [f"{verb}ed", f"{verb}d", f"{verb}{verb[-1]}ed", f"{verb[:-1]}ied" if verb.endswith("y") else ""]
    made.append(_IRREGULAR.get(verb, ""))
    return tuple(f"{m}{blank}{rest}" for m in made if m)
