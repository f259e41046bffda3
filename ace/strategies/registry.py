"""Open a strategy by what the user typed: its name or place, and its settings as text.

The decision behind it: a strategy is made from its roles, so what a name gives is a factory that still waits for them. What is
wrong with the name or the settings is found before the run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ace.errors import BadInput
from ace.keys import resolved
from ace.registry import convert_settings, entry_point_names, load_object
from ace.strategies.contract import Roles, Strategy

GROUP = "ace.strategies"
BUILTIN = {
    "ace": "ace.strategies.ace:Ace",
    "reflexion": "ace.strategies.reflexion:Reflexion",
    "frozen": "ace.strategies.frozen:Frozen",
}
Factory = Callable[[Roles], Strategy]


def strategy_names() -> list[str]:
    """The short names that can be opened, installed packages' included, sorted."""
    return sorted({*BUILTIN, *entry_point_names(GROUP)})


def open_strategy(spec: str, pairs: Mapping[str, str]) -> Factory:
    """The strategy that `spec` names (a short name, `package.module:attribute`, `path/to/file.py:attribute` or an entry point)
    with the settings in `pairs`, still to be given its roles.

    Raises `UnknownName` (a name or setting that is not known), `BadSetting` (a value that is not accepted) and `BadInput`
    (what is found cannot be imported or called)."""
    factory: Any = load_object(spec, "strategy", GROUP, BUILTIN)
    if not callable(factory):
        raise BadInput(f"{spec!r} is no strategy; a strategy is a class with the methods context and learn")
    settings = convert_settings(factory, resolved(pairs), f"strategy {spec}")
    return lambda roles: factory(roles, **settings)
