"""The tasks of the package `bfcl-eval` as it ships them, and how they and their tools are told."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CATEGORIES = ("base", "miss_func", "miss_param", "long_context")
DONE = "done"
"""The action that ends a turn."""
DOCUMENTS = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
}
"""By back end, the file of its tools, and the module of its class."""
_BELONGS = "Tool description:"


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One task. `turns` are the user's texts, empty where tools are added instead; `accepted` the calls of each turn, none
    where it cannot be done yet; `missing` the tools that come only in a later turn, by its number."""

    id: str
    category: str
    turns: tuple[str, ...]
    accepted: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...]
    config: Mapping[str, Any]
    missing: Mapping[int, tuple[str, ...]]

    def tools(self, turn: int) -> tuple[str, ...]:
        """The names of the tools that there are in `turn` (from 0)."""
        later = {name for at, names in self.missing.items() if at > turn for name in names}
        return tuple(tool["name"] for tool in self.documents() if tool["name"] not in later)

    @property
    def sound(self) -> bool:
        """Whether the accepted calls are of tools that there are in their turn; in one task of the package they are not."""
        return all(c.partition("(")[0].strip() in self.tools(turn) for turn, calls in enumerate(self.accepted) for c in calls)

    def documents(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(tool for name in self.classes for tool in _documents(name))


@cache
def scenarios(category: str) -> Sequence[ScenarioRow]:
    """The tasks of a category; the same number is the same scenario in each."""
    rows = _lines(f"BFCL_v4_multi_turn_{category}.json")
    accepted = _lines(f"possible_answer/BFCL_v4_multi_turn_{category}.json")
    return tuple(_row(row, right, category) for row, right in zip(rows, accepted, strict=True))


def told_task(row: ScenarioRow) -> str:
    """What is told before the first action: the tools, and the user's first turn."""
    return f"tools:\n{told_tools(row, row.tools(0))}\n\n{told_turn(row, 0)}"


def told_turn(row: ScenarioRow, turn: int) -> str:
    """What the user says in `turn`, or the tools that are new in it."""
    if turn in row.missing:
        return f"new tools:\n{told_tools(row, row.missing[turn])}\n\nuser: These tools are new. Can you do it now?"
    return f"user: {row.turns[turn]}"


def told_tools(row: ScenarioRow, names: Sequence[str]) -> str:
    return "\n".join(_told(tool) for tool in row.documents() if tool["name"] in names)


def _told(tool: Mapping[str, Any]) -> str:
    fields, needed = tool["parameters"]["properties"], tool["parameters"].get("required", [])
    listed = ", ".join(
        f"{name}: {_type(f)}" + ("" if name in needed else f" = {f.get('default')!r}") for name, f in fields.items()
    )
    about = str(tool["description"]).partition(_BELONGS)[2] or str(tool["description"])
    lines = [f"- {tool['name']}({listed}): {_line(about)}"]
    return "\n".join(
        [*lines, *(f"    {name}: {_line(f['description'])}" for name, f in fields.items() if f.get("description"))]
    )


def _type(field: Mapping[str, Any]) -> str:
    inner = field.get("items", {}).get("type", "") if field["type"] == "array" else ""
    return f"{field['type']} of {inner}" if inner else str(field["type"])


def _line(text: str) -> str:
    return " ".join(str(text).split())


def _row(row: Mapping[str, Any], right: Mapping[str, Any], category: str) -> ScenarioRow:
    return ScenarioRow(
        id=str(row["id"]),
        category=category,
        turns=tuple("\n".join(said["content"] for said in turn) for turn in row["question"]),
        accepted=tuple(tuple(calls) for calls in right["ground_truth"]),
        classes=tuple(row["involved_classes"]),
        config=row["initial_config"],
        missing={int(at): tuple(names) for at, names in row.get("missed_function", {}).items()},
    )


@cache
def _documents(name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(_lines(f"multi_turn_func_doc/{DOCUMENTS[name]}.json"))


def _lines(name: str) -> list[dict[str, Any]]:
    found = importlib.util.find_spec("bfcl_eval")
    assert found is not None, "the environment is opened where its package is installed"
    assert found.submodule_search_locations is not None
    text = (Path(found.submodule_search_locations[0]) / "data" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]
