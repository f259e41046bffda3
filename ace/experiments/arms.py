"""The arms of an experiment: a strategy with its settings, under a name.

`NAME` is a stock arm or a strategy by its name; `NAME=strategy:key=value,...` one of a person's own. `NAME x2` is the same arm
twice: how far the two come apart by chance alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from ace.errors import BadSetting, UnknownName
from ace.experiments.own import divided
from ace.options import parse_pairs, require_once
from ace.strategies.registry import learns, strategy_names
from ace.types import JSON

EMPTY = "empty"
"""The arm that every experiment should have: the agent with an empty playbook, and nothing learned."""
_TWICE = re.compile(r"^(?P<name>.*\S)\s*[x*×]\s*(?P<times>[0-9]{1,9})$")
_KEY = r"[A-Za-z_][A-Za-z0-9_.-]*\s*="
_SAID = re.compile(rf"^(?P<strategy>.*?):(?P<said>{_KEY}.*)$", re.DOTALL)
_NEXT = re.compile(rf",(?=\s*{_KEY})")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its `name` in the table, the `strategy` it plays and that strategy's `settings`, as texts. An arm that does not
    learn (`learns` false) is measured with an empty playbook and plays no training case. `twin` is 2 for the second copy of an
    arm, 3 for the third. `own` are settings of its runs that it has for itself, such as its gates, as texts."""

    name: str
    strategy: str
    settings: Mapping[str, str] = field(default_factory=dict)
    learns: bool = True
    twin: int = 1
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def of(self) -> str:
        """The name of the arm that this one is a copy of; its own where it is none."""
        return self.name.rpartition("#")[0] if self.twin > 1 else self.name

    def as_json(self) -> dict[str, JSON]:
        row = asdict(self)
        if not row["own"]:
            del row["own"]
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, JSON]) -> Arm:
        return cls(**row)


def fewshot_arms(listed: str) -> list[str]:
    """The arm `fewshot` with each number of demonstrations that `listed` has, separated by commas, as one describes an arm.
    Raises `BadSetting`."""
    found = [text.strip() for text in listed.split(",")] if listed.strip() else []
    for text in found:
        if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
            accepted = "whole numbers from 1, separated by commas, as in --shots 1,2,4,8"
            raise BadSetting(f"--shots {listed!r}: {text!r} is not a number of demonstrations; give {accepted}")
    require_once(f"--shots {listed!r}", list(map(int, found)))
    return [f"fewshot-{int(text)}=fewshot:shots={int(text)}" for text in found]


def arms_of(listed: str, own: Iterable[str] = ()) -> tuple[Arm, ...]:
    """The arms that `--arms` lists, separated by commas, and those that each `--arm` of a person's `own` describes. One that is
    described stands where `--arms` names it, else at the end.

    Raises `UnknownName` for a name that is neither an arm nor a strategy, and `BadSetting` for one that stands there twice."""
    described = [_own(text) for text in own]
    mine = {arm.name: arm for arm in described}
    _require_single([a.name for a in described])
    found = [arm for text in listed.split(",") if text.strip() for arm in _copies(text.strip(), mine)]
    found += [arm for arm in described if arm not in found]
    _require_single([a.name for a in found])
    return tuple(found)


def _copies(text: str, own: Mapping[str, Arm]) -> list[Arm]:
    twice = _TWICE.match(text) if text not in own else None
    if twice is None:
        return [_named(text, own)]
    times = int(twice["times"])
    if not 2 <= times <= 9:
        raise BadSetting(f"arm {text!r} is to be there {times} times; an arm is repeated 2 to 9 times, as in {twice['name']}x2")
    arm = _named(twice["name"], own)
    return [arm, *(replace(arm, name=f"{arm.name}#{n}", twin=n) for n in range(2, times + 1))]


def _named(name: str, own: Mapping[str, Arm]) -> Arm:
    if name in own:
        return own[name]
    strategy = name.replace("-", "_") if name not in strategy_names() and name.replace("-", "_") in strategy_names() else name
    if strategy not in strategy_names() and not (":" in name or name.endswith(".py")):
        hint = "or describe one with --arm NAME=strategy:key=value,..."
        raise UnknownName("arm", name, {*strategy_names(), *own}, hint)
    return Arm(name, strategy, learns=learns(strategy))


def _own(text: str) -> Arm:
    """The arm that `NAME=strategy:key=value,...` describes. A strategy of a file is `NAME=file.py:Class:key=value`. A value may
    hold commas, colons and equals signs: a setting ends where a comma and the next `key=` stand."""
    name, equals, rest = text.partition("=")
    name = name.strip()
    if not equals or not rest.strip():
        raise BadSetting(f"arm {text!r} is not described; write NAME=strategy or NAME=strategy:key=value,key=value")
    if not _NAME.match(name):
        raise BadSetting(f"arm name {name!r} is not accepted; use letters, digits, '.', '_', '+' and '-'")
    found = _SAID.match(rest.strip())
    strategy, said = (found["strategy"].strip(), found["said"]) if found else (rest.strip(), "")
    stock, colon, without = strategy.partition(":")
    if not stock or (colon and stock in strategy_names()):
        why = f"setting {without!r} has no value" if without else "no setting follows ':'"
        raise BadSetting(f"arm {text!r}: {why if stock else 'no strategy is named'}; write NAME=strategy:key=value,key=value")
    settings = parse_pairs([pair.strip().removesuffix(",") for pair in _NEXT.split(said)] if said else [])
    known = _named(strategy, {})
    if name in strategy_names() and name != known.strategy:
        raise BadSetting(f"arm {name!r} has the name of a strategy and is to be {strategy}; give it a name of its own")
    settings, own = divided(name, known.strategy, settings)
    return Arm(name, known.strategy, settings, learns(known.strategy, settings), own=own)


def _require_single(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadSetting(f"arm {name} is there twice; write {name}x2 for the same arm twice, which shows what chance does")
