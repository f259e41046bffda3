"""`ace strategy` and `ace gate`: which there are, where each comes from, and the settings it takes.

One file for the two nouns: both are classes that a run names, and their settings are listed in the same way.
"""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.parts import HELP
from ace.commands.terminal.common import JsonOption
from ace.commands.terminal.completion import gates, strategies
from ace.commands.terminal.named import HowGiven, NamedThing, list_named, show_named

strategy = typer.Typer(rich_markup_mode=None, help=HELP["strategy"], no_args_is_help=True)
gate = typer.Typer(rich_markup_mode=None, help=HELP["gate"], no_args_is_help=True)

_PLACES = "A name, package.module:attribute or file.py:attribute."
_Strategy = Annotated[str, typer.Argument(metavar="NAME", help=_PLACES, autocompletion=strategies)]
_Gate = Annotated[str, typer.Argument(metavar="NAME", help=_PLACES, autocompletion=gates)]


@strategy.command("list")
def list_strategies(json: JsonOption = False) -> None:
    """The strategies that have a short name."""
    from ace.strategies.registry import load_strategy, strategy_names, strategy_source

    own = "ace run ENV --strategy ./file.py:Class or package.module:attribute"
    list_named(strategy_names(), load_strategy, strategy_source, own, json)


@strategy.command("show")
def show_strategy(name: _Strategy, json: JsonOption = False) -> None:
    """What a strategy does, where it comes from, its settings and how to give them."""
    from ace.strategies import registry

    found = registry.load_strategy(name)
    settings = registry.strategy_settings(found)
    if not any(s.required for s in settings):
        registry.require_strategy(registry.open_strategy(name, {}), name)
    shown = NamedThing(name, found, registry.strategy_source(name), settings)
    show_named(shown, HowGiven("strategy-set", "strategy_settings"), json)


@gate.command("list")
def list_gates(json: JsonOption = False) -> None:
    """The gates that have a short name. The guards always judge first."""
    from ace.runs.gates.registry import gate_names, gate_source, load_gate

    list_named(gate_names(), load_gate, gate_source, "ace run ENV --gate ./file.py:Class or package.module:attribute", json)


@gate.command("show")
def show_gate(name: _Gate, json: JsonOption = False) -> None:
    """What a gate judges, where it comes from, its settings and how to give them."""
    from ace.runs.gates import registry
    from ace.runs.gates.contract import draws

    found = registry.load_gate(name)
    settings = registry.gate_settings(found)
    if not any(s.required for s in settings):
        registry.open_gates([name])
    terms = "Its terms are settings of the run: --gate-alpha, --gate-pairs, --gate-every (trial), --gate-eps (final)."
    shown = NamedThing(name, found, registry.gate_source(name), settings, terms if draws(found) else "")
    show_named(shown, HowGiven("gate-set", "gate_settings"), json)
