"""Open gates by what the user typed: names or places, and their settings as text.

`guards` is put first here, in the one place that makes the list, so no list of gates is without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from ace.errors import AceError, BadInput, BadSetting, UnknownName
from ace.keys import resolved
from ace.offered import offered
from ace.playbooks.operations import REVIEW
from ace.registry import Setting, convert_settings, entry_point_names, fault_line, load_object, settings_of, source
from ace.runs.gates.contract import Gate, Proposal, Ruling, Ways, draws
from ace.runs.gates.final import Final
from ace.runs.gates.fit import FitGate
from ace.runs.gates.guards import Guards
from ace.runs.gates.pool import SPLIT, TaskPool
from ace.runs.gates.trial import Trial

GROUP = "ace.gates"
ROOM = "ace.runs.gates"
FIRST, FIT = "guards", "fit"
_TRIED = 2000
"""Validation tasks among which one is sought that a gate may play."""
_ACCEPTED = "a gate is a class with the method async judge(proposal, ways), an object of one, or such a function"


@dataclass(frozen=True, slots=True)
class Opened:
    """A gate and the name that its judgements have."""

    name: str
    gate: Gate


def gate_names() -> list[str]:
    """The short names that can be opened, installed packages' included, sorted."""
    return sorted({*offered(ROOM), *entry_point_names(GROUP)})


def load_gate(spec: str) -> object:
    """What `spec` names, not made: a class, an object or a function. Raises `UnknownName` and `BadInput`."""
    return load_object(spec, "gate", GROUP, offered(ROOM), fits=_fits)


def gate_settings(found: object) -> list[Setting]:
    """The settings of a class or function that makes a gate; one that is made already has none."""
    return settings_of(found) if _takes_settings(found) else []


def gate_source(spec: str) -> str:
    """Where a gate comes from: `ace`, `package NAME`, or the path of its file."""
    return source(spec, GROUP, offered(ROOM), None if spec in gate_names() else load_gate(spec))


def gate_name(gate: object) -> str:
    """What a gate is called in settings and judgements: its name as it was typed, or of an object its `name`, else that of its
    class or function."""
    if isinstance(gate, str):
        return gate
    named = getattr(gate, "name", "") or getattr(gate, "__name__", "")
    return str(named or type(gate).__name__)


def open_gates(gates: Sequence[object], pairs: Mapping[str, str] | None = None) -> tuple[Opened, ...]:
    """The `guards`, then the `gates` in their order: names (short, `package.module:attribute`, `path/to/file.py:attribute`, or
    an entry point of `ace.gates`) or objects. A setting of `pairs` goes to every named gate that has it; `GATE.KEY` to one.

    Raises `UnknownName` (a name or setting that is not known), `BadSetting` (a value that is not accepted, a gate named twice)
    and `BadInput` (what is found cannot be imported or is not a gate)."""
    wanted = [g for g in gates if g != FIRST]
    names = [gate_name(g) for g in wanted]
    if REVIEW in names:
        raise BadSetting(f"a gate cannot be named {REVIEW}: that is what judgements of persons are called; use another name")
    if twice := next((n for n in names if names.count(n) > 1), ""):
        raise BadSetting(f"gate {twice} is named twice; name each gate once")
    found = [load_gate(g) if isinstance(g, str) else g for g in wanted]
    named = {n: f for n, f, g in zip(names, found, wanted, strict=True) if isinstance(g, str)}
    settings = _divided(pairs or {}, named)
    made = [_made(n, f, settings.get(n, {})) for n, f in zip(names, found, strict=True)]
    return (Opened(FIRST, Guards()), *(Opened(n, g) for n, g in zip(names, made, strict=True)))


def with_checks(gates: Sequence[Opened], checks: Sequence[str]) -> Sequence[Opened]:
    """`gates`, then those of `checks` that are not among them, with their settings' defaults. Where `fit` is among neither it
    comes right after the guards and refuses nothing: what it measures is kept with each delta."""
    names = {g.name for g in gates}
    wanted = [c for c in dict.fromkeys(checks) if c not in names]
    every = (*gates, *open_gates(wanted)[1:]) if wanted else tuple(gates)
    return every if FIT in names or FIT in wanted else (*every[:1], Opened(FIT, FitGate(ask=False)), *every[1:])


def require_no_drawing(gates: Sequence[Opened]) -> None:
    """Raise `BadInput` for a gate that plays cases, where there is no environment to play in."""
    if name := next((g.name for g in gates if draws(g.gate)), ""):
        why = "where an agent's own attempts are learned from there is no environment to play in"
        raise BadInput(f"gate {name} plays validation cases, and {why}; leave it out, or learn with ace run or ace.Learner")


def require_pairs(gates: Sequence[Opened], pairs: int, alpha: float) -> None:
    """Raise `BadSetting` where a gate may take so few `pairs` that it could keep nothing, even if all of them were won."""
    for g in gates:
        least = g.gate.least(alpha) if isinstance(g.gate, Trial | Final) else 0
        if pairs < least:
            what = f"with gate_alpha {alpha:g} gate {g.name} keeps nothing that is shown by fewer than {least} pairs, all won"
            raise BadSetting(f"gate_pairs is {pairs}; {what}; it must be {least} or more")


def require_tasks_to_draw(gates: Sequence[Opened], pool: TaskPool, environment: str, alpha: float) -> None:
    """Raise `BadInput` for a gate that plays validation cases, where the environment has none that the run does not learn from
    or is measured on, or so few that the gate could keep nothing at `alpha`, even if all of them were won."""
    name = next((g.name for g in gates if draws(g.gate)), "")
    if not name:
        return
    free = (t for t in islice(pool.all(), _TRIED) if t.key not in pool.barred)
    # A gate that is not ours says nothing of how many it needs.
    needed = max((g.gate.least(alpha) for g in gates if isinstance(g.gate, Trial | Final)), default=1)
    has_free = len(list(islice(free, needed)))
    if has_free >= needed:
        return
    if has_free:
        name = next(g.name for g in gates if isinstance(g.gate, Trial | Final) and g.gate.least(alpha) > has_free)
        told = (
            f"environment {environment} has {has_free} in the split {SPLIT} that the run does not learn from or is measured on"
        )
        what = f"at alpha {alpha:g} gate {name} keeps nothing that is shown by fewer than {needed} validation tasks, and {told}"
        raise BadInput(f"{what}; add tasks to that split, or leave the gate out")
    had = next(pool.all(), None) is not None
    has = (
        f"all of its tasks in the split {SPLIT} are training or test tasks too"
        if had
        else f"it has no tasks in the split {SPLIT}"
    )
    what = f"gate {name} plays validation cases of environment {environment}, and {has}"
    raise BadInput(f"{what}; add tasks to that split, or leave the gate out")


def _fits(found: object) -> bool:
    return callable(getattr(found, "judge", None)) or inspect.iscoroutinefunction(found)


def _divided(pairs: Mapping[str, str], found: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """The settings of each gate, by its name."""
    known = {name: {s.name for s in gate_settings(f)} for name, f in found.items()}
    divided: dict[str, dict[str, str]] = {name: {} for name in found}
    for key, value in pairs.items():
        gate, _, setting = key.rpartition(".")
        takers = [name for name, keys in known.items() if setting in keys and gate in ("", name, _short(name))]
        if not takers:
            names = {k for keys in known.values() for k in keys}
            hint = "GATE.KEY is for one gate" if names else "no gate that is named has settings"
            raise UnknownName("gate setting", key, names, hint)
        for name in takers:
            divided[name][setting] = value
    return divided


def _short(name: str) -> str:
    return name.rpartition(":")[2]


def _takes_settings(found: object) -> bool:
    return inspect.isclass(found) or (callable(found) and not _fits(found))


def _made(name: str, found: object, pairs: Mapping[str, str]) -> Gate:
    gate: Any = found
    if _takes_settings(found):
        arguments = convert_settings(found, resolved(pairs), f"gate {name}", keyword="gate_settings", option="--gate-set")
        try:
            gate = found(**arguments)  # type: ignore[operator]
        except AceError:
            raise
        # The user's code runs here: what it raises is reported as one line.
        except Exception as error:
            raise BadInput(f"gate {name} could not be made: {fault_line(error)}") from error
    if inspect.iscoroutinefunction(gate):
        gate = _Function(gate)
    method = getattr(gate, "judge", None)
    if not inspect.iscoroutinefunction(method):
        raise BadInput(f"{name} is not a gate; {_ACCEPTED}")
    try:
        inspect.signature(method).bind(None, None)
    except TypeError:
        raise BadInput(f"gate {name} has judge{inspect.signature(method)}; it must take judge(proposal, ways)") from None
    return cast(Gate, gate)


class _Function:
    """A gate that was written as a function."""

    def __init__(self, function: Callable[[Proposal, Ways], Coroutine[Any, Any, Ruling]]) -> None:
        try:
            inspect.signature(function).bind(None, None)
        except TypeError:
            has = f"{gate_name(function)}{inspect.signature(function)}"
            raise BadInput(f"the gate {has} must take (proposal, ways)") from None
        self._function = function

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        return await self._function(proposal, ways)
