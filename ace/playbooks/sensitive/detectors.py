"""Detectors: what looks into the texts of bullets before they are committed, and the lines that warn of what they find.

Those of this folder are always asked, then those of installed packages (entry points of `ace.detectors`), then those that a
program gave. A detector is a function from a text to the kinds of what it found, never the thing itself, so no warning repeats
it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ace.errors import AceError, BadInput, BadSetting
from ace.offered import offered
from ace.playbooks.bullet import clean
from ace.playbooks.operations import Op, Operation
from ace.registry import entry_point_names, load_object

Detector = Callable[[str], Iterable[str]]
"""Given a text, the kinds of secrets and personal data in it: `["e-mail address"]`; nothing where it has none."""
GROUP, ROOM = "ace.detectors", "ace.playbooks.sensitive"
_MOST = 20
"""Bullets of one change that are warned of one by one."""
_KIND = re.compile(r"[^\W\d][^\W\d@]*(?:[ _/-][^\W\d@]+){0,5}")
_ACCEPTED = "a detector is a function that takes a text and gives the kinds of what it found in it"


class NewText(NamedTuple):
    """A text that is about to be written: of which `bullet`, in words, and in which section (empty: not stated)."""

    bullet: str
    text: str
    section: str = ""


def written(operations: Iterable[Operation]) -> Iterator[NewText]:
    """What operations write."""
    every = list(operations)
    for number, o in enumerate(every, 1):
        new, one = f"the new bullet {o.new_id}".rstrip(), f"bullet {o.id}"
        text = o.text if o.op in (Op.ADD, Op.REVISE, Op.MERGE) else ""
        bullet = one if o.id else new if o.new_id or len(every) == 1 else f"{new} of operation {number}"
        yield NewText(bullet, text, o.section)


class Detectors:
    """The stock detector, those of installed packages, and those `given`. Raises `BadSetting` for what is not a function."""

    def __init__(self, given: Iterable[Detector] = ()) -> None:
        if not isinstance(given, Iterable):
            raise BadSetting(f"detectors is {given!r:.80}; it must be a list of functions of a text")
        self._given = [(_name(d), _checked(d)) for d in given]
        self._all: list[tuple[str, Detector]] | None = None

    def warnings(self, texts: Iterable[NewText]) -> list[str]:
        """What `texts` seem to hold, a line each; the line names the bullet and the kinds."""
        failed: dict[str, str] = {}
        lines = [line for written in texts for line in self.lines(written, failed)]
        left = [f"{len(lines) - _MOST} more bullets hold such things"] if len(lines) > _MOST else []
        faults = [f"detector {name} failed ({fault}); what it would have found is not known" for name, fault in failed.items()]
        return [*lines[:_MOST], *left, *faults]

    def lines(self, written: NewText, failed: dict[str, str]) -> Iterator[str]:
        """The same of one text and its section. Which detectors `failed`, and how, is noted by name."""
        text, section = self._kinds(written.text, failed), self._kinds(written.section, failed)
        where = f" in section {clean(written.section)!r}" if written.section and not section else ""
        if text:
            yield f"{written.bullet}{where} holds what looks like {_listed(text)}"
        if section:
            yield f"the section of {written.bullet} is named with what looks like {_listed(section)}"

    def _kinds(self, text: str, failed: dict[str, str]) -> list[str]:
        if not text:
            return []
        found = [kind for name, detector in self._opened() for kind in _asked(name, detector, text, failed)]
        return list(dict.fromkeys(found))

    def _opened(self) -> list[tuple[str, Detector]]:
        if self._all is None:
            names = dict.fromkeys((*offered(ROOM), *entry_point_names(GROUP)))
            self._all = [*((name, _named(name)) for name in names), *self._given]
        return self._all


def _named(name: str) -> Detector:
    """The detector of this name. Where it cannot be imported it is told of as one that fails."""
    try:
        return _checked(load_object(name, "detector", GROUP, offered(ROOM)))
    except AceError as error:
        fault = error

    def broken(text: str) -> list[str]:
        raise fault

    return broken


def _asked(name: str, detector: Detector, text: str, failed: dict[str, str]) -> Iterator[str]:
    try:
        found = detector(text)
        kinds = [] if found is None else [found] if isinstance(found, str) else list(found)
    # The user's code runs here. What it raises may quote the text, and what was paid for may not be lost to it.
    except Exception as error:  # noqa: BLE001
        failed[name] = type(error).__name__
        return
    for kind in kinds:
        # A text that does not read as a kind may be what was found.
        plain = clean(kind)[:60] if isinstance(kind, str) else ""
        yield plain if name == "stock" or _KIND.fullmatch(plain) else f"something that detector {name} knows"


def _listed(kinds: Sequence[str]) -> str:
    return " and ".join(k if k.startswith("something") else f"{'an' if k[0] in 'aeioAEIOU' else 'a'} {k}" for k in kinds)


def _name(detector: object) -> str:
    return clean(str(getattr(detector, "__name__", type(detector).__name__)))[:60]


def _checked(detector: object) -> Detector:
    made: object = detector
    if inspect.isclass(detector):
        try:
            made = detector()
        except Exception as error:
            raise BadInput(f"detector {_name(detector)} could not be made ({type(error).__name__}); {_ACCEPTED}") from error
    try:
        inspect.signature(made).bind("")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BadSetting(f"{_name(detector)} is not a detector; {_ACCEPTED}") from None
    return made  # type: ignore[return-value]
