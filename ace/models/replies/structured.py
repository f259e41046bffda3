"""Asking for a reply of a given shape: strict JSON schemas, and what an endpoint takes of them.

A ladder. A JSON schema that the server enforces is best; where it is refused, a JSON object is asked for, and where that is
refused too, instructions alone. What an endpoint takes is found out by the first request that needs it and remembered for the
process. A server that takes a schema and ignores it does no harm, since every reply is validated.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from pydantic import BaseModel

from ace.types import JSON

SETTLING_SECONDS = 0.5
"""How long others wait for the first request to find out what an endpoint takes: a refusal comes at once."""
_DROPPED = ("title", "default")
_ABOUT_FORMAT = re.compile(
    r"response.?format|output.?format|output.?config|text\.format|schema|json.?object|json.?mode|json.?output|structured.?(?:output|generation|decoding)"
    r"|additional.?properties|generation.?config|grammar|guided|constrained.?decoding|outlines|lm.?format.?enforcer"
    r"|no endpoints found that (?:can handle|support)",
    re.IGNORECASE,
)
ONE_REPLY = re.compile(r"json_validate_failed", re.IGNORECASE)
"""What a server says that checks replies itself and turned this one down: it takes the schema."""
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class Rung(StrEnum):
    """How the shape of a reply is asked for, from the strictest down."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    TEXT = "instructions"


_BELOW = {Rung.SCHEMA: Rung.OBJECT, Rung.OBJECT: Rung.TEXT}


@dataclass(slots=True)
class Endpoint:
    """What is known of one model at one address. `reached`: something came back, if only an error. `answers`: a reply did.
    `settled`: it takes what `rung` says. `asking`: a request that will tell is on its way."""

    rung: Rung = Rung.SCHEMA
    reached: bool = False
    answers: bool = False
    settled: bool = False
    asking: bool = False

    async def turn(self) -> Rung:
        """How to ask now. Until that is settled one request goes ahead; the others wait for it, for a moment."""
        until = time.monotonic() + SETTLING_SECONDS
        # Looked at, not signalled: what is known is shared by event loops, and no signal can be.
        while self.asking and not self.settled and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self.asking = True
        return self.rung

    def took(self, rung: Rung) -> None:
        """A request on `rung` was accepted."""
        self.reached = self.answers = True
        self.settled = self.settled or rung is self.rung

    def refused(self, rung: Rung, status: int | None, text: str) -> bool:
        """A request on `rung` was refused: whether that was because of the rung, and a lower one is to be tried."""
        if rung not in _BELOW or not _is_about_format(status, text):
            return False
        # Requests that were on their way when the first one was refused find the lower rung taken already.
        if rung is self.rung:
            self.rung, self.settled = _BELOW[rung], False
        return True

    def ended(self) -> None:
        """A request that may have been the first has ended, with or without a reply."""
        self.asking = False


@cache
def endpoint(address: str, model: str) -> Endpoint:
    """What this process knows of `model` at `address`."""
    return Endpoint()


def _is_about_format(status: int | None, text: str) -> bool:
    if status not in (400, 403, 404, 405, 415, 422, 500, 501) or ONE_REPLY.search(text):
        return False
    return bool(_ABOUT_FORMAT.search(text))


def response_format(rung: Rung, role: str, shape: type[BaseModel]) -> dict[str, Any] | None:
    """The `response_format` of a chat completion; `None` where instructions have to do. Shared: not to be changed."""
    return _formats(role, shape).get(rung)


@lru_cache(maxsize=256)
def _formats(role: str, shape: type[BaseModel]) -> dict[Rung, dict[str, Any]]:
    # The name tells a server which role is asking.
    name = _NOT_A_NAME.sub("_", f"{role}_{shape.__name__}")[:64]
    schema = {"name": name, "strict": True, "schema": strict_schema(shape)}
    return {
        Rung.SCHEMA: {"type": "json_schema", "json_schema": schema},
        Rung.OBJECT: {"type": "json_object"},
    }


@lru_cache(maxsize=256)
def instructions(shape: type[BaseModel]) -> str:
    """What a model is told where its server does not enforce the schema."""
    schema = json.dumps(strict_schema(shape), ensure_ascii=False, separators=(",", ":"))
    return f"Reply with one JSON object and nothing else: no prose, no code fence. It must satisfy this JSON schema:\n{schema}"


@lru_cache(maxsize=256)
def strict_schema(shape: type[BaseModel]) -> dict[str, JSON]:
    """The JSON schema of `shape` in the strict form that servers enforce: every property required, no others, no defaults."""
    schema = shape.model_json_schema()
    definitions: dict[str, JSON] = schema.get("$defs", {})
    strict: dict[str, JSON] = _strict(schema, definitions)
    return strict


def _strict(node: JSON, definitions: Mapping[str, JSON]) -> JSON:
    if isinstance(node, list):
        return [_strict(n, definitions) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and len(node) > 1:
        # Strict schemas allow nothing beside a reference.
        target = definitions.get(str(node["$ref"]).removeprefix("#/$defs/"), {})
        return _strict({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    made: dict[str, JSON] = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            made[key] = {name: _strict(v, definitions) for name, v in value.items()}
        elif key in ("enum", "const"):
            made[key] = value
        elif key not in _DROPPED and key != "discriminator":
            made["anyOf" if key == "oneOf" else key] = _strict(value, definitions)
    # A map of any keys cannot be said strictly: it stays, and a server that minds refuses it.
    if made.get("type") == "object" and not isinstance(node.get("additionalProperties"), dict):
        made["required"] = list(made.get("properties", {}))
        made["additionalProperties"] = False
    return made
