"""What the modules of a package offer by name: environments, strategies, gates, models, formats, commands.

A module says it in one place, in the module itself, so that adding one is adding one file:

    OFFERS = {"desk": "Desk"}       # the name, and the attribute of this module that it stands for
    PLACE = 20                      # optional: its place among the others of the package, 100 unless stated
    HELP = {"desk": "A support desk."}      # optional: a line for each name, where a list of names must import nothing

All are read from the text of the module and nothing is imported for it, so a list of names costs no client, no database and
no parser. A package states them in its `__init__`; `"app:app"` then names a module of it and the attribute there.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

_STATED = r"^%s(?:: [^=\n]+)? = (\{[^{}]*\})"
_PAIR = re.compile(r'"([^"\n]+)":\s*"([^"\n]+)"')
_PLACE = re.compile(r"^PLACE = (\d+)", re.MULTILINE)
_MIDDLE = 100


@cache
def offered(*packages: str) -> Mapping[str, str]:
    """Names and what they stand for, as `module:attribute`, in the order of their places and then of their modules' names.
    Raises `ValueError` where two modules offer the same name."""
    found: dict[str, str] = {}
    for _, module, offers in sorted((entry for package in packages for entry in _stated(package)), key=lambda e: e[:2]):
        for name, attribute in offers.items():
            if name in found:
                raise ValueError(f"{name!r} is offered by {found[name]} and by {module}; each name is offered once")
            inside, _, last = attribute.rpartition(":")
            found[name] = f"{module}.{inside}:{last}" if inside else f"{module}:{last}"
    return found


def described(*packages: str) -> Mapping[str, str]:
    """What the modules say of the names they offer, each in one line: `HELP = {"desk": "A support desk."}`. Names of which
    nothing is said are left out."""
    return {name: line for package in packages for _, _, said in _stated(package, "HELP") for name, line in said.items()}


def stated(what: str, *packages: str) -> Mapping[str, Mapping[str, str]]:
    """The statement `what` of each module that has one (`NEEDS = {"java": "17"}`), by every name that the module offers."""
    found: dict[str, Mapping[str, str]] = {}
    for package in packages:
        said = {module: statement for _, module, statement in _stated(package, what)}
        found |= {name: said[module] for _, module, offers in _stated(package) if module in said for name in offers}
    return found


def offer(spec: str) -> object:
    """The object that `module:attribute` stands for."""
    module, _, attribute = spec.partition(":")
    found: object = getattr(import_module(module), attribute)
    return found


def _stated(package: str, what: str = "OFFERS") -> Iterator[tuple[int, str, dict[str, str]]]:
    """The place, the name and the statement `what` of every module of `package` that has it."""
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        text = _text(module)
        if text is None:
            # Without its source a module can only be asked.
            made = import_module(module.name)
            offers, place = getattr(made, what, {}), getattr(made, "PLACE", _MIDDLE)
        else:
            stated, placed = re.search(_STATED % what, text, re.MULTILINE), _PLACE.search(text)
            offers = dict(_PAIR.findall(stated[1])) if stated else {}
            place = int(placed[1]) if placed else _MIDDLE
        if offers:
            yield place, module.name, offers


def _text(module: pkgutil.ModuleInfo) -> str | None:
    spec = module.module_finder.find_spec(module.name, None)
    source = getattr(spec.loader, "get_source", None) if spec else None
    text: str | None = source(module.name) if source else None
    return text
