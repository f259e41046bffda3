"""How the agent of a run answers, found out before the run begins: as JSON, or by the likelihood of listed options.

Likelihoods need an environment that lists what can be done, and a server that tells log-probabilities, which one short
question shows. Where `auto` is asked, they are used if the model also fails at JSON; which of the two answers better is not
asked, because only measured cases tell. What that cost is kept with the
run, whose decision holds when it is resumed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any, TypeVar

from ace.answered import Answered, AnswerWay, answered, per_token
from ace.budget import Ledger
from ace.errors import BadSetting, ModelError, as_given
from ace.memory.values import PRESENT, Call, Run
from ace.models.clients.language import SCORES, LanguageModel
from ace.models.contract import Model, Reply, Request
from ace.models.probe import OPTIONS, PATIENCE, QUESTION, SHAPE, SHAPED
from ace.models.replies.structured import Rung
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.retry import Retrying
from ace.settings import RunSettings
from ace.types import JSON, Usage

_KEPT = "answering"
_INSTEAD = "leave it out, or give auto, which takes JSON there"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DecidedAnswering:
    """How the agent answers (`how`, never `auto`), and `why` where that was found out; `calls` are what it took."""

    how: Answered = Answered()
    why: str = ""
    calls: tuple[Call, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        """What is kept with a run; nothing where it answers as JSON because that was asked for."""
        return {_KEPT: {"used": self.how.answering, "why": self.why}} if self.how.scores or self.why else {}

    @property
    def usage(self) -> Usage:
        return sum((c.usage for c in self.calls), Usage())


def decided_in(run: Run) -> Answered:
    """How the agent of a stored run answers."""
    asked = answered(run.config.get(_KEPT) or {})
    return _used(asked, str((run.result.get(_KEPT) or {}).get("used", AnswerWay.JSON)))


def decide(settings: RunSettings, lists: Callable[[], bool], model: Model, bare: Model, *, sending: bool) -> DecidedAnswering:
    """How the agent is to answer, whose model is `model`: `bare`, perhaps recorded. Asks the model where it has to be found
    out and something will be sent. Raises `BadSetting` where likelihoods are asked for and cannot be had, and what ends a
    request."""
    asked = answered(settings.answering)
    if asked.answering == AnswerWay.JSON:
        return DecidedAnswering(asked)
    forced = asked.answering == AnswerWay.LIKELIHOOD
    why = "" if lists() else f"environment {settings.environment} lists neither actions nor answers"
    why = why or ("" if _may_score(bare) else f"{bare.name} gives no log-probabilities ({SCORES})")
    if why and forced:
        raise BadSetting(f"{as_given('answering')} likelihood is not possible, because {why}; {_INSTEAD}")
    if why or not sending:
        return DecidedAnswering(_used(asked, AnswerWay.JSON if why else AnswerWay.LIKELIHOOD), why)
    return _apart(_Finding(settings, asked, model, bare).found(forced))


def _used(asked: Answered, way: str) -> Answered:
    return replace(asked, answering=way) if way == AnswerWay.LIKELIHOOD else Answered()


def _may_score(model: Model) -> bool:
    """Whether a model may give log-probabilities, as far as is known without asking it."""
    own = getattr(model, "scores", None)
    return bool(own) if own is not None else not isinstance(model, LanguageModel)


class _Finding:
    """What is asked of one model to find out."""

    def __init__(self, settings: RunSettings, asked: Answered, model: Model, bare: Model) -> None:
        self._asked, self._bare, self._seconds = asked, bare, settings.timeout
        self._model = Retrying(Budgeted(model, Ledger(settings.budget)), PATIENCE)
        self._calls: list[Call] = []

    async def found(self, forced: bool) -> DecidedAnswering:
        try:
            return await self._found(forced)
        finally:
            # The connections of this loop; the model is asked again from another one.
            if isinstance(self._bare, LanguageModel):
                await self._bare.rest()

    async def _found(self, forced: bool) -> DecidedAnswering:
        if not forced and not await self._fails_json():
            return self._decided(AnswerWay.JSON, f"{self._bare.name} keeps to JSON{self._by_schema()}")
        lacking = await self._lacking()
        if lacking and forced:
            raise BadSetting(f"{as_given('answering')} likelihood is not possible, because {lacking}; {_INSTEAD}")
        if lacking:
            return self._decided(AnswerWay.JSON, lacking)
        return self._decided(AnswerWay.LIKELIHOOD, "" if forced else f"{self._bare.name} does not keep to JSON")

    def _decided(self, way: AnswerWay, why: str) -> DecidedAnswering:
        return DecidedAnswering(_used(self._asked, way), why, tuple(self._calls))

    def _by_schema(self) -> str:
        """What is said where the server takes a schema: it may make any model keep to it."""
        taken = isinstance(self._bare, LanguageModel) and self._bare.endpoint.rung is Rung.SCHEMA
        return (
            ", asked for by a schema, which servers enforce; whether likelihoods answer better was not tried" if taken else ""
        )

    async def _fails_json(self) -> bool:
        try:
            reply = await self._complete(Request("generator", SHAPED, SHAPE, timeout=self._seconds))
        except ModelError as error:
            if error.status is None:
                raise
            return True
        return reply.parsed is None

    async def _lacking(self) -> str:
        """Why likelihoods cannot be had of the model; empty where they can."""
        try:
            reply = await self._complete(Request("generator", QUESTION, timeout=self._seconds, options=OPTIONS))
        except ModelError as error:
            # A server that is not there, or does not take the key, is that and no more.
            if error.status not in (400, 422, 500, 501):
                raise
            return f"{self._bare.name} was asked for log-probabilities: {error}"
        if not reply.scores:
            return f"{self._bare.name} gives no log-probabilities ({SCORES})"
        if not reply.whole and self._asked.per_token:
            return f"{self._bare.name} tells no log-probabilities of a whole option, which {per_token()} needs"
        if not reply.whole and all(s.logprob is None for s in reply.scores):
            return f"{self._bare.name} begins a reply with none of the listed options (does it think first?)"
        return ""

    async def _complete(self, request: Request) -> Reply:
        call = Call(f"{PRESENT}answering/{self._bare.name}", "generator", len(self._calls), request.hash)
        try:
            reply = await self._model.complete(request)
        except ModelError as error:
            self._calls.append(replace(call, error=str(error), usage=error.usage or Usage()))
            raise
        self._calls.append(replace(call, reply=reply.text, usage=reply.usage, form=reply.form.value))
        return reply


def _apart(work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives, done in an event loop of its own, because one may be running here."""
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(asyncio.run(work))
        # Raised again where it is waited for.
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = Thread(target=run, name="ace-answering", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def asked_in(run: Run) -> str:
    """How a stored run answers, in a few words; empty where as JSON because nothing was said."""
    said = run.config.get(_KEPT)
    if not said:
        return ""
    asked, kept = answered(said), run.result.get(_KEPT) or {}
    found = f"{kept['used']} ({kept['why']})" if kept.get("why") else ""
    parts = [asked.answering, "by token" if asked.per_token else "", "calibrated" if asked.calibrated else ""]
    return ", ".join(filter(None, parts)) + (f": {found}" if found else "")
