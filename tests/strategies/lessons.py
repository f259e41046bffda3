"""Attempts to learn from, and roles that one model plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ace.models.contract import Model, Request, Sampling
from ace.strategies.contract import Roles
from ace.types import Episode, Exposure, Observation, Reflection, Render, Step, Task, failure, invalid, success
from tests.answering import Answering, curation, diagnosis

Reply = str | Exception | Callable[[Request], str]

SAMPLING = Sampling(temperature=0.2)


def roles(model: Model) -> Roles:
    return Roles(lambda unit: model, lambda unit: model, SAMPLING, 7.5)


def lived(n: int, won: bool | None, *cited: str, revision: str = "", about: str = "a visitor") -> Episode:
    """Attempt `n`, at a task of its own, that was shown and cited the bullets `cited`; `won` is `None` for an invalid one."""
    task = Task(f"t-{n}", f"Case {n} is about {about}.")
    came = invalid("a timeout") if won is None else success() if won else failure()
    exposures = tuple(Exposure(b, 1, i) for i, b in enumerate(cited))
    render = Render("", (revision,) if revision else (), exposures)
    return Episode(f"e-{n}", task, 1, "learn", 0, n, Observation(task.text), (Step("open", None, "", cited),), came, render)


def told(n: int, lesson: str = "") -> Reflection:
    return Reflection(f"e-{n}", f"situation {n}", f"choice {n}", f"diagnosis {n}", lesson or f"lesson {n}")


def pupil(reflector: Reply | None = None, curator: Reply | None = None) -> Answering:
    """Reflects and curates as it is told to; without being told, it says something that changes nothing."""
    replies: Mapping[str, Reply] = {"reflector": reflector or diagnosis(), "curator": curator or curation("nothing new")}

    def answer(request: Request, number: int) -> str:
        given = replies[request.role]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, str) else given(request)

    return Answering(answer)


def asked_of(model: Answering, role: str) -> list[str]:
    """What `role` was asked, request by request, without its instructions."""
    return ["\n".join(m.content for m in r.messages[1:]) for r in model.asked if r.role == role]
