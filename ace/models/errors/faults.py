"""From what a client or a server says to an error of ours: whether another try may help, what it cost, what to do.

Faults are told apart by status code, because clients name and wrap them differently. A refusal that no retry can change says
in one line what would be accepted. What the provider says is data: shortened, on one line, keys masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ace.errors import ModelError, ModelRefused
from ace.models.errors.provider_words import summary
from ace.models.errors.too_long import refuses_length
from ace.models.errors.waits import retry_after, soon
from ace.models.errors.whose import is_account, is_barred, is_moderated, meant
from ace.models.replies.structured import ONE_REPLY
from ace.types import Usage

_RETRYABLE = frozenset({408, 409, 421, 423, 424, 425, 429, 499, 529})
THIS_REQUEST = frozenset({400, 403, 413, 422})
"""What a model that answers others turns down only this once: too long, or against a provider's policy."""
_MODERATED = frozenset({400, 403, 422, 446, 451, 498})
_UNCONNECTED = ("ConnectError", "ConnectTimeout", "ClientConnectorError", "ClientConnectorDNSError", "ConnectionRefusedError")


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked: the model as the person names it and as it is sent, the address as far as it is known, the variables
    that may hold the key, and whether one does."""

    name: str
    sent: str
    address: str = ""
    variables: str = ""
    has_key: bool = True

    @property
    def where(self) -> str:
        return f" at {self.address}" if self.address else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What came instead of a reply. `status` is `None` where none came; `sent`: the request left this machine; `usage` is
    what it cost."""

    text: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bool = True
    usage: Usage = Usage(calls=1)
    counts: tuple[int, int, int] | None = None
    """Prompt, cached and completion tokens that the server counts for it all the same."""
    final: bool = False
    """The same request would end like this again."""


def error(place: Place, fault: Fault, reached: bool, answers: bool) -> ModelError:
    """The exception for a fault; `ModelRefused` where no request of this kind will ever be answered. `reached`: this address
    has answered before, if only with an error; `answers`: it has given a reply before."""
    said = summary(fault.text)
    status, usage = fault.status, fault.usage
    if fault.final:
        return ModelError(f"{place.name}{place.where} sent {said}", retryable=False, status=status, usage=usage)
    if status is None or status < 400:
        return _unanswered(place, fault, said, reached)
    if ONE_REPLY.search(fault.text):
        return ModelError(f"{place.name} turned its own reply down ({status}): {said}", status=status, usage=usage)
    if no_money(fault):
        advice = _advice(place, 402)
        return ModelRefused(
            f"the account behind {place.name} cannot be used ({status}: {said}){advice}", status=status, usage=usage
        )
    if turned_down(fault):
        message = f"{place.name}{place.where} turned this request down ({status}: {said})"
        return ModelError(message, retryable=False, status=status, usage=usage)
    if refuses_length(status, fault.text):
        message = f"the prompt is too long for {place.name}{place.where} ({status}: {said})"
        return ModelError(message, retryable=False, status=status, usage=usage)
    if is_retryable(status):
        message = f"{place.name}{place.where} answered {status}: {said}"
        return ModelError(message, status=status, retry_after=asked_wait(fault), usage=usage)
    told = meant(status, fault.text)
    message = f"{_refusal(place, told)} ({status}: {said}){_advice(place, told)}"
    if answers and not lasts(fault):
        return ModelError(message, retryable=False, status=status, usage=usage)
    return ModelRefused(message, status=status, usage=usage)


def no_money(fault: Fault) -> bool:
    """Whether the account behind the key has run out of money, met a limit that only its owner can lift, or was closed."""
    return fault.status == 402 or is_account(fault.text)


def turned_down(fault: Fault) -> bool:
    """Whether a filter turned this one input down, in words that tell it from a key without permission."""
    return fault.status in _MODERATED and is_moderated(fault.text) and not no_money(fault)


def lasts(fault: Fault) -> bool:
    """Whether a refusal is of every request: of the key, the model's name, the account, or what else no request changes. Under
    some statuses only its words tell that it is; without them it may be of the one request."""
    status = fault.status or 0
    return status not in THIS_REQUEST or meant(status, fault.text) in (401, 404) or is_barred(fault.text) or no_money(fault)


def is_retryable(status: int) -> bool:
    """Whether another try may help: all of the server's own faults, and those from 400 on that pass, such as 423 and 424 (the
    model behind a gateway is not ready or failed) and 499 (a connection was closed)."""
    return status in _RETRYABLE or 500 <= status < 600


def _unanswered(place: Place, fault: Fault, said: str, reached: bool) -> ModelError:
    """Nothing came, or nothing that is an answer. Where this address has never answered, it is the wrong one."""
    if fault.status is not None:
        message = f"what answers{place.where or f' for {place.name}'} is not a model server ({said})"
        advice = "; correct the address, which often ends in /v1"
    else:
        message = f"nothing answers{place.where or f' for {place.name}'} ({said})"
        advice = "; start the server, or correct the address" if place.address else "; check the network"
    if not reached and (fault.status is not None or not fault.sent):
        return ModelRefused(message + advice, status=fault.status, usage=fault.usage)
    return ModelError(message, status=fault.status, usage=fault.usage)


def _refusal(place: Place, status: int) -> str:
    if status == 401:
        return f"{place.name}{place.where} does not take the key" if place.has_key else f"{place.name}{place.where} wants a key"
    if status == 403:
        return f"this key may not use {place.name}{place.where}"
    if status == 404:
        return f"there is no model {place.sent!r}{place.where}"
    return f"{place.name}{place.where} does not accept the request"


def _advice(place: Place, status: int) -> str:
    variables = place.variables or "the provider's key variable"
    if status in (401, 403):
        return f"; set {variables} to a key that is valid there"
    if status == 404:
        return "; name a model that is offered there, and check the address" if place.address else "; name one it offers"
    if status in (402, 429):
        return "; add credit with the provider or raise the limit there, or name another model"
    if status == 413:
        return "; the request is too long for it"
    return ""


def chain(error: BaseException | None) -> list[BaseException]:
    """An exception and those behind it, the root last."""
    found: list[BaseException] = []
    while error is not None and len(found) < 12:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def unconnected(error: BaseException) -> str:
    """Why no connection was made, so that nothing was sent; empty where one was."""
    behind = chain(error)
    if not any(type(e).__name__ in _UNCONNECTED for e in behind):
        return ""
    return f"{type(behind[-1]).__name__}: {behind[-1]}".rstrip(": ")


def asked_wait(fault: Fault) -> float | None:
    """How long the server asks to wait, in seconds, by its headers or else in words."""
    return retry_after(fault.headers) or soon(fault.text)
