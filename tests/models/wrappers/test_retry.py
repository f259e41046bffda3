"""Trying again: who is asked again, when, for how long, and what it costs; on a real server, with waits that are only noted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ace.errors import Interrupted, ModelError, ModelRefused
from ace.models.wrappers.limits import Limited
from ace.models.wrappers.retry import Patience, Retrying
from tests.models.asking import arrived, provided, request, served
from tests.models.clients.test_clients import BOTH, Opens, said
from tests.models.server import ModelServer, hang, says, status


class Waits:
    """A sleep that takes no time and adds up."""

    def __init__(self) -> None:
        self.total = 0.0
        self.each: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.total += seconds
        self.each.append(seconds)


@BOTH
async def test_faults_that_pass_are_waited_out_as_long_as_the_server_asks_and_all_tries_are_counted(
    server: ModelServer, opens: Opens
) -> None:
    server.then(status(429, "slow", {"retry-after": "7"}), status(500, "boom", {"retry-after": "2"}), says("there"))
    waits = Waits()
    model = Retrying(opens(server), sleep=waits.sleep)
    reply = await model.complete(request())
    await model.close()
    assert reply.text == "there"
    assert len(server.seen) == reply.usage.calls == 3
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (100, 10)
    assert 9.0 <= waits.total <= 9.0 * 1.25


async def test_without_a_word_from_the_server_waits_double_by_chance_up_to_a_bound(server: ModelServer) -> None:
    server.always = status(500, "boom")
    totals = []
    for tries in range(2, 9):
        waits = Waits()
        with pytest.raises(ModelError):
            await said(Retrying(served(server), Patience(tries=tries, longest=4.0), waits.sleep), request())
        totals.append(waits.total)
    longest = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]
    assert all(half / 2 <= total <= half for half, total in zip(longest, totals, strict=True))
    assert totals != sorted(longest)


async def test_giving_up_is_bounded_in_tries_and_carries_what_they_cost(server: ModelServer) -> None:
    server.always = status(503, "busy")
    model = Retrying(served(server), Patience(tries=4), Waits().sleep)
    with pytest.raises(ModelError, match=r"answered 503: busy \(given up after 4 tries\)") as caught:
        await model.complete(request())
    await model.close()
    assert caught.value.usage is not None
    assert len(server.seen) == caught.value.usage.calls == 4
    assert caught.value.exit_status == 1


@pytest.mark.parametrize("code", [408, 429, 500])
async def test_litellm_retries_nothing_by_itself_where_it_would(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """By default it sends three requests to these providers."""
    monkeypatch.setenv("OPENAI_API_KEY", "some-key-or-other")
    server.always = status(code, "busy", {"retry-after": "0"})
    with pytest.raises(ModelError) as caught:
        await said(Retrying(provided(server, f"openai/unmet-{code}"), Patience(tries=2), Waits().sleep), request())
    assert caught.value.usage is not None
    assert len(server.seen) == caught.value.usage.calls == 2


@pytest.mark.parametrize("asked", ["0", "0.0", "0.001", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_server_that_asks_for_no_wait_is_still_given_time(server: ModelServer, asked: str) -> None:
    server.always = status(429, "busy", {"retry-after": asked})
    waits = Waits()
    with pytest.raises(ModelError):
        await said(Retrying(served(server), Patience(tries=5, first=1.0), waits.sleep), request())
    assert waits.total >= 0.5 * (1 + 2 + 4 + 8)


async def test_no_try_is_begun_that_would_come_too_late(server: ModelServer) -> None:
    server.always = status(503, "busy", {"retry-after": "50"})
    waits = Waits()
    with pytest.raises(ModelError):
        await said(Retrying(served(server), Patience(seconds=40), waits.sleep), request())
    assert (len(server.seen), waits.total) == (1, 0.0)


async def test_a_server_that_asks_for_hours_is_given_up_on(server: ModelServer) -> None:
    server.always = status(429, "tomorrow", {"retry-after": "86400"})
    waits = Waits()
    with pytest.raises(ModelError, match="tomorrow"):
        await said(Retrying(served(server), sleep=waits.sleep), request())
    assert (len(server.seen), waits.total) == (1, 0.0)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422])
async def test_what_no_retry_changes_is_asked_once(server: ModelServer, code: int) -> None:
    server.always = status(code, "no")
    with pytest.raises(ModelRefused):
        await said(Retrying(served(server), sleep=Waits().sleep), request())
    assert len(server.seen) == 1


async def test_a_request_that_gets_no_answer_is_sent_again(server: ModelServer) -> None:
    server.then(hang, says("there"))
    reply = await said(Retrying(served(server), sleep=Waits().sleep), request(seconds=0.2))
    assert (reply.text, reply.usage.calls) == ("there", 2)


async def test_whoever_waits_to_try_again_holds_up_nobody(server: ModelServer) -> None:
    server.then(status(429, "slow", {"retry-after": "0.1"}))
    slots, served_others = asyncio.Semaphore(1), asyncio.Event()

    async def until_others_are_served(_: float) -> None:
        await served_others.wait()

    model = Limited(served(server), slots)
    first = asyncio.create_task(Retrying(model, sleep=until_others_are_served).complete(request()))
    await arrived(server)
    await Retrying(model).complete(request())
    served_others.set()
    assert (await first).usage.calls == 2
    await model.close()


async def test_no_more_requests_are_in_flight_than_there_are_slots() -> None:
    with ModelServer(seconds=0.05) as server:
        model = Limited(served(server), asyncio.Semaphore(5))
        await asyncio.gather(*(model.complete(request(user=str(i))) for i in range(20)))
        await model.close()
    assert server.most_at_once == 5


async def test_who_wants_to_stop_does_not_wait_for_another_try(server: ModelServer) -> None:
    server.always = status(503, "busy", {"retry-after": "60"})
    waits = Waits()
    with pytest.raises(Interrupted) as caught:
        await said(Retrying(served(server), sleep=waits.sleep), replace(request(), stopping=lambda: bool(server.seen)))
    assert (len(server.seen), waits.total) == (1, 0.0)
    fault = caught.value.__cause__
    assert isinstance(fault, ModelError)
    assert fault.usage is not None
    assert fault.usage.calls == 1


async def test_cancelling_while_it_waits_cancels_it(server: ModelServer) -> None:
    server.always = status(503, "busy")
    call = asyncio.create_task(said(Retrying(served(server), Patience(first=60, longest=60)), request()))
    await arrived(server)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
