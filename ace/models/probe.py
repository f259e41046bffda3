"""Whether a model answers, what structured output it supports, and what it costs: `ace model check`.

It is asked as in a run, through the same clients, ladder and retries, so that what is found here is what a run will meet. Two
short requests, no more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from ace.errors import ModelError
from ace.models.clients.language import LanguageModel
from ace.models.clients.manual import Manual
from ace.models.clients.openai_client import OpenAIClient
from ace.models.clients.prices import Price, price
from ace.models.contract import Form, Message, Model, Reply, Request
from ace.models.replies.structured import Rung
from ace.models.wrappers.replay import Replay
from ace.models.wrappers.retry import Patience, Retrying
from ace.types import Usage

PATIENCE = Patience(tries=3, seconds=60.0)
_LIST_SECONDS = 10.0
_MOST_OFFERED = 12
_QUESTION = "What colour is a ripe lemon, and how many letters does that word have?"
_LOCAL = {
    "novice": "needs no key and no network; answers the three roles of a run",
    "manual": "answers are written by you, beside the requests in its folder",
}


class Colour(BaseModel):
    """What the second request wants."""

    model_config = ConfigDict(extra="forbid")

    colour: str = Field(description="The colour of a ripe lemon, in one word.")
    letters: int = Field(description="How many letters that word has.")


SHAPED, SHAPE = (Message("user", _QUESTION),), Colour
"""What shows whether a model keeps to a shape, and the shape."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What was found. `structured` is `json_schema`, `json_object`, `instructions`, `ignored` (a schema is taken and not kept
    to), or empty where replies of a shape cannot be had; `problem` is what failed, with the exit `status` it deserves."""

    model: str
    address: str = ""
    answers: bool = False
    seconds: float = 0.0
    note: str = ""
    structured: str = ""
    price: Price | None = None
    offered: tuple[str, ...] = ()
    problem: str = ""
    status: int = 0
    usage: Usage = Usage()


async def probe(model: Model, seconds: float = 60.0) -> ProbeReport:
    """Ask `model` twice, each time for at most `seconds`, and close it. Faults are in the report; none is raised."""
    try:
        return await _probed(model, seconds)
    finally:
        await model.close()


async def _probed(model: Model, seconds: float) -> ProbeReport:
    if isinstance(model, Replay):
        return ProbeReport(model.name, answers=True, note=f"plays back {model.size} recorded replies", price=price(model.name))
    if model.name == "novice" or isinstance(model, Manual):
        note = _LOCAL["manual" if isinstance(model, Manual) else "novice"]
        return ProbeReport(model.name, answers=True, note=note, price=price(model.name))
    address = model.client.place.address if isinstance(model, LanguageModel) else ""
    report = ProbeReport(model.name, address, price=price(model.name))
    asked = Retrying(model, PATIENCE)
    try:
        said = await asked.complete(Request("generator", (Message("user", "Say: ready."),), timeout=seconds))
        report = _after_text(report, said)
        shaped = await asked.complete(Request("generator", SHAPED, SHAPE, timeout=seconds))
    except ModelError as error:
        offered = await _offered(model) if error.status == 404 else ()
        used = report.usage + (error.usage or Usage())
        return replace(report, offered=offered, problem=str(error), status=error.exit_status, usage=used)
    return _after_shape(report, model, shaped)


def _after_text(report: ProbeReport, said: Reply) -> ProbeReport:
    empty = said.form is Form.EMPTY
    problem = "it answers with an empty text" if empty else ""
    return replace(report, answers=not empty, seconds=said.usage.seconds, usage=said.usage, problem=problem, status=int(empty))


def _after_shape(report: ProbeReport, model: Model, shaped: Reply) -> ProbeReport:
    used, kind = report.usage + shaped.usage, _structured(model, shaped)
    if shaped.parsed or report.problem:
        return replace(report, structured=kind, usage=used)
    problem = f"its reply was not of the shape asked for: {shaped.problem}"
    return replace(report, structured=kind, usage=used, problem=problem, status=1)


def _structured(model: Model, shaped: Reply) -> str:
    """By which rung of the ladder a reply of a given shape was had."""
    if not isinstance(model, LanguageModel):
        return Rung.TEXT.value if shaped.parsed else ""
    rung = model.endpoint.rung
    if rung is Rung.SCHEMA and shaped.form not in (Form.CLEAN, Form.THINKING):
        return "ignored"
    return rung.value if shaped.parsed else ""


async def _offered(model: Model) -> tuple[str, ...]:
    """The models that a server has, where it says so."""
    if not isinstance(model, LanguageModel) or not isinstance(model.client, OpenAIClient):
        return ()
    try:
        async with asyncio.timeout(_LIST_SECONDS):
            return tuple(await model.client.models())[:_MOST_OFFERED]
    except TimeoutError:
        return ()
