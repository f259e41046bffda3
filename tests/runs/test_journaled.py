"""Every call is in the journal with how its reply came, and a reply that is there is never asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from ace.errors import Interrupted, LimitReached, ModelError
from ace.memory.store import Store
from ace.models.contract import Form, Model, Reply, never
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.retry import Patience, Retrying
from ace.runs.journaled import Journal, Journaled
from tests.models.asking import Word, arrived, request, served
from tests.models.server import ModelServer, hang, says, status
from tests.starting import started

REPLIES = (
    says('{"word": "a", "count": 1}'),
    says('```\n{"word": "a", "count": 1}\n```'),
    says('{"word": "a", "count": 1', "length"),
    # Cut off at the limit, and no sign of it in the text.
    says("Let me", "length"),
    says('{"word": "a", "count": 1}', "content_filter"),
    says(""),
    says("no"),
    says('{"word": "a"}'),
)
FORMS = [
    Form.CLEAN, Form.FENCED, Form.TRUNCATED, Form.TRUNCATED, Form.REFUSED, Form.EMPTY, Form.MALFORMED, Form.INVALID,
]  # fmt: skip


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


async def asked(model: Model, store: Store, run: str, count: int) -> list[Reply]:
    journal = Journal(store, run, never)
    return list(
        await asyncio.gather(*(Journaled(model, journal, f"e-{i}").complete(request(Word, str(i))) for i in range(count)))
    )


async def test_replies_are_counted_by_form_and_read_again_as_they_were(server: ModelServer, store: Store) -> None:
    run = started(store, {"model": "m"}).id
    model = served(server)
    first = []
    for i, behaviour in enumerate(REPLIES):
        server.then(behaviour)
        first.append(await Journaled(model, Journal(store, run, never), f"e-{i}").complete(request(Word, str(i))))
    assert [r.form for r in first] == FORMS
    assert store.reply_forms(run) == {
        "clean": 1, "empty": 1, "fenced": 1, "invalid": 1, "malformed": 1, "refused": 1, "truncated": 2,
    }  # fmt: skip
    again = await asked(model, store, run, len(REPLIES))
    await model.close()
    assert len(server.seen) == len(REPLIES)
    for old, new in zip(first, again, strict=True):
        assert (new.text, new.parsed, new.problem, new.form, new.usage) == (
            old.text, old.parsed, old.problem, old.form, old.usage,
        )  # fmt: skip


async def test_another_request_in_the_same_place_is_asked_for(server: ModelServer, store: Store) -> None:
    run = started(store, {"model": "m"}).id
    model = served(server)
    await asked(model, store, run, 1)
    await Journaled(model, Journal(store, run, never), "e-0").complete(request(Word, "something else"))
    await model.close()
    assert len(server.seen) == 2


async def test_a_call_that_failed_is_written_down_with_its_cost_and_asked_for_again(server: ModelServer, store: Store) -> None:
    run = started(store, {"model": "m"}).id
    server.then(status(503, "busy"), status(503, "busy"))
    model = Retrying(served(server), Patience(tries=2, first=0.001))
    with pytest.raises(ModelError):
        await asked(model, store, run, 1)
    assert (store.usage(run).calls, store.in_flight(run), store.reply_forms(run)) == (2, [], {})
    await asked(model, store, run, 1)
    await model.close()
    assert store.usage(run).calls == len(server.seen) == 3


async def test_tries_before_a_limit_stopped_them_are_written_down(server: ModelServer, store: Store) -> None:
    from ace.budget import Budget, Ledger

    run = started(store, {"model": "m"}).id
    server.always = status(503, "busy")
    model = Retrying(Budgeted(served(server), Ledger(Budget(calls=2))), Patience(first=0.001))
    with pytest.raises(LimitReached):
        await asked(model, store, run, 1)
    await model.close()
    assert (store.usage(run).calls, store.in_flight(run)) == (2, [])


async def test_a_call_that_is_cut_off_stays_open_for_a_resumed_run_to_find(server: ModelServer, store: Store) -> None:
    run = started(store, {"model": "m"}).id
    server.then(hang)
    model = served(server)
    call = asyncio.create_task(asked(model, store, run, 1))
    await arrived(server)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert [c.unit for c in store.in_flight(run)] == ["e-0"]
    await asked(model, store, run, 1)
    await model.close()
    assert store.in_flight(run) == []


async def test_once_stopping_nothing_is_begun(server: ModelServer, store: Store) -> None:
    run = started(store, {"model": "m"}).id
    model = served(server)
    with pytest.raises(Interrupted):
        await Journaled(model, Journal(store, run, lambda: True), "e-0").complete(request(Word))
    await model.close()
    assert not server.seen
    assert store.in_flight(run) == []
