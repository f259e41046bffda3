"""Whether a model answers, what structured output it supports, and what it costs: `ace model check`.

It is asked as in a run, through the same clients, ladder and retries, so that what is found here is what a run will meet. Three
short requests, and a fourth where the server tells its own speed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from ace.errors import ModelError
from ace.models.clients.language import LanguageModel
from ace.models.clients.local import LocalClient
from ace.models.clients.manual import Manual
from ace.models.clients.openai_client import OpenAIClient
from ace.models.clients.prices import Price, price
from ace.models.contract import Form, Message, Model, Reply, Request
from ace.models.replies.structured import Rung
from ace.models.wrappers.replay import Replay
from ace.models.wrappers.retry import Patience, Retrying
from ace.types import Usage

QUESTION = (
    Message("system", "Reply with the exact text of one listed option, and nothing else."),
    Message("user", "# Answers\n- yellow\n- blue\n\nWhat colour is a ripe lemon?"),
)
OPTIONS = ("yellow", "blue")
"""What shows whether a server tells log-probabilities of listed options."""
_LONG = "Tell a story about these things, in this order. " + "A lemon, a boat, a river, a lamp, a letter, a coat. " * 20
_WRITTEN = 64
"""A prompt of some 400 tokens, and tokens that are written, to tell speed by."""
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
    to), or empty where replies of a shape cannot be had; `logprobs` is `each` (of any option), `first` (by its first token) or
    `none`, and empty where that is not known; `load` is in seconds, `read` and `written` in tokens a second, where the server
    tells them; `context` is tokens; `problem` is what failed, with the exit `status` it deserves."""

    model: str
    address: str = ""
    answers: bool = False
    seconds: float = 0.0
    note: str = ""
    structured: str = ""
    logprobs: str = ""
    load: float | None = None
    read: float | None = None
    written: float | None = None
    context: int | None = None
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
    return await _more(_after_shape(report, model, shaped), model, asked, seconds)


async def _more(report: ProbeReport, model: Model, asked: Model, seconds: float) -> ProbeReport:
    """What else a run may want to know; a server that does not tell it has no fault."""
    if report.problem:
        return report
    try:
        said = await asked.complete(Request("generator", QUESTION, timeout=seconds, options=OPTIONS))
        told = "each" if said.whole else "first" if any(s.logprob is not None for s in said.scores) else "none"
        report = replace(report, logprobs=told, usage=report.usage + said.usage)
    except ModelError as error:
        report = replace(report, logprobs="none", usage=report.usage + (error.usage or Usage()))
    local = model.client if isinstance(model, LanguageModel) and isinstance(model.client, LocalClient) else None
    if local is not None:
        report = replace(report, load=local.load_seconds, context=local.file.context)
    client = await local.server() if local else model.client if isinstance(model, LanguageModel) else None
    # Only a server that tells log-probabilities of any option may be llama.cpp's, which tells its speed.
    if report.logprobs == "each" and isinstance(client, OpenAIClient):
        timed = await client.timings(_LONG, _WRITTEN)
        report = replace(report, read=_rate(timed.get("prompt_per_second")), written=_rate(timed.get("predicted_per_second")))
    return report


def _rate(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


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
