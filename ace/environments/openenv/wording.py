"""From a JSON Schema to what an agent is told, and from what it says to an action; from an observation to a text.

An action of one field is the value alone: one of a list where the schema has an `enum`, else a text or a number. An action of
several is a JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ace.environments.openenv.session import NotAnAction

NOT_TOLD = ("done", "reward", "metadata")
"""Fields of an observation that are not for the agent."""
NOT_ASKED = ("metadata",)
"""Fields of an action that the protocol adds."""
MANY = 200
"""Values of a list that are shown as choices."""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """How an action is written. `field` is its only field, empty for several; `choices` are the values of a list."""

    field: str
    type: str
    choices: tuple[str, ...]
    values: Mapping[str, Any]
    fields: Mapping[str, str]

    @property
    def summary(self) -> str:
        return ", ".join(f"{name} ({what})" for name, what in self.fields.items()) or "no fields"

    @property
    def instructions(self) -> str:
        """What the agent is told before every task."""
        if self.choices:
            return ""
        if self.field:
            return f"Each action is {self.fields[self.field]}: write the value of {self.field} and nothing else."
        listed = "\n".join(f"- {name}: {what}" for name, what in self.fields.items())
        return f"Each action is a JSON object with these fields, and nothing else:\n{listed}"

    def read(self, action: str) -> dict[str, Any]:
        """The action that a text stands for. Raises `NotAnAction` where it is not one."""
        text = action.strip()
        if text.startswith("{"):
            return self._object(text)
        if not self.field:
            raise NotAnAction(f"an action is a JSON object with {', '.join(self.fields)}" if self.fields else "write {}")
        if self.choices:
            if text not in self.values:
                raise NotAnAction(f"{self.field} is one of {', '.join(self.choices[:20])}")
            return {self.field: self.values[text]}
        return {self.field: _value(text, self.type, self.field)}

    def _object(self, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NotAnAction(f"that is not JSON: {error}") from None
        if unknown := found.keys() - self.fields.keys():
            raise NotAnAction(f"an action has no {', '.join(sorted(unknown))}; it has {', '.join(self.fields)}")
        return dict(found)


def form_of(schema: Mapping[str, Any]) -> ActionForm:
    """How an action of `schema` is written."""
    properties = {n: _resolved(p, schema) for n, p in schema.get("properties", {}).items() if n not in NOT_ASKED}
    fields = {name: _described(p) for name, p in properties.items()}
    required = [n for n in schema.get("required", []) if n in properties] if isinstance(schema.get("required"), list) else []
    alone = required[0] if len(required) == 1 else next(iter(properties)) if len(properties) == 1 else ""
    if not alone:
        return ActionForm("", "", (), {}, fields)
    listed = properties[alone].get("enum")
    values = {str(v): v for v in listed[:MANY]} if isinstance(listed, list) else {}
    return ActionForm(alone, str(properties[alone].get("type", "string")), tuple(values), values, fields)


def told(observation: Mapping[str, Any]) -> str:
    """An observation as a text: its one text alone, else a line for each field."""
    shown = {n: v for n, v in observation.items() if n not in NOT_TOLD and v is not None}
    if len(shown) == 1 and isinstance(only := next(iter(shown.values())), str):
        return only
    return "\n".join(f"{name}: {v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}" for name, v in shown.items())


def _resolved(field: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A field's schema, where it refers to a definition or is one of several (`null` left out)."""
    if not isinstance(field, Mapping):
        return {}
    options = field.get("anyOf", field.get("oneOf"))
    if isinstance(options, list):
        kept = [o for o in options if isinstance(o, Mapping) and o.get("type") != "null"]
        return {**_resolved(kept[0], schema), **{k: v for k, v in field.items() if k == "description"}} if kept else field
    name = str(field.get("$ref", "")).rpartition("/")[2]
    defined = schema.get("$defs", {})
    found = defined.get(name) if isinstance(defined, Mapping) else None
    return found if isinstance(found, Mapping) else field


def _described(field: Mapping[str, Any]) -> str:
    kinds = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
    listed = field.get("enum")
    what = f"one of {', '.join(map(str, listed[:20]))}" if isinstance(listed, list) else ""
    what = what or kinds.get(str(field.get("type")), f"JSON ({field.get('type', 'any')})")
    about = " ".join(str(field.get("description", "")).split())[:300]
    return f"{what}; {about}" if about else what


def _value(text: str, kind: str, name: str) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        return text if kind == "string" else json.loads(text)
    except (ValueError, KeyError, RecursionError):
        raise NotAnAction(f"{name} must be {_described({'type': kind})}, and {text[:60]!r} is none") from None
