"""What the conformance suite found: for each check, whether the contract is kept and a sentence to act on.

A fault is told once, by the check that knows it best, and what could not be looked at is said to be so; problems of one kind
are told by their first example and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_TOLD = 3
_LONGEST = 400


def amount(n: int, word: str) -> str:
    """`n` and the word, in the plural unless `n` is 1."""
    return f"{n:,} {word}{'s' * (n != 1)}"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the contract asks for. `name` is short and stays the same; `detail` names tasks and what was seen."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ConformanceReport:
    """All checks, in order, whether they failed or not."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


class Findings:
    """Problems and remarks while the suite works, by the name of the check they belong to."""

    def __init__(self) -> None:
        self._examples: dict[str, dict[str, str]] = {}
        self._counts: Counter[str] = Counter()
        self._remarks: dict[str, str] = {}

    def fault(self, name: str, problem: str, about: str = "") -> None:
        """Something is wrong. Of problems with the same `about`, the first is told."""
        self._examples.setdefault(name, {}).setdefault(about, _plain(problem))
        self._counts[name] += 1

    def remark(self, name: str, text: str) -> None:
        """What is said of the check where nothing is wrong."""
        self._remarks[name] = text

    def withdraw(self, name: str) -> None:
        """Forget the problems of a check, because those of another explain them."""
        self._examples.pop(name, None)
        self._counts.pop(name, None)

    def failed(self, *names: str) -> bool:
        return any(name in self._examples for name in names)

    def report(self, names: Iterable[str], unsaid: str) -> ConformanceReport:
        """The report, with `unsaid` for checks that nothing was found or remarked on."""
        return ConformanceReport(tuple(self._check(name, unsaid) for name in names))

    def _check(self, name: str, unsaid: str) -> Check:
        if name not in self._examples:
            return Check(name, True, self._remarks.get(name, unsaid))
        told = list(self._examples[name].values())[:_TOLD]
        more = self._counts[name] - len(told)
        return Check(name, False, "; ".join(told) + (f" (and {more} more)" if more else ""))


def _plain(text: str) -> str:
    """`text` as one line that a terminal can show: what an environment says may hold anything."""
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: _LONGEST + 1])
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
