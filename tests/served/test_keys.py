"""A key is in the environment, in the requests that are sent, and nowhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from aiohttp import web

import ace as library
from ace.errors import ModelRefused
from ace.events import BatchCommitted, EpisodeEnded, Event
from tests.commands.said import Ace
from tests.memory.acts import holding
from tests.models.server import Behaviour, Body, ModelServer
from tests.models.taught import role_of
from tests.served.running import asking, case_of
from tests.worlds import Gate

KEY = "sk-planted-q7Zp0Rb49xLmV2sWc81"
PARTS = (KEY, KEY[:14], KEY[12:], KEY[10:20])


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ace: Ace) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.WARNING)


def echoing(server: ModelServer, code: int) -> Behaviour:
    """An error that repeats the key as it came, whole and in part."""

    async def behave(body: Body) -> web.StreamResponse:
        sent = server.seen[-1].headers["authorization"]
        assert sent == f"Bearer {KEY}"
        said = f"your header was 'Authorization: {sent}', your key is {KEY[:14]}... or ...{KEY[12:]}"
        return web.json_response({"error": {"message": said}}, status=code, headers={"retry-after": "0"})

    return behave


def talkative(server: ModelServer) -> Behaviour:
    """Cases that are turned down, given up, or answered after a fault, each time with the key in what is said."""
    turned_down, busy, met = echoing(server, 422), echoing(server, 503), set[str]()

    async def behave(body: Body) -> web.StreamResponse:
        case = case_of(body)
        first = case not in met
        met.add(case)
        if case in ("train2", "test2"):
            return await turned_down(body)
        if case == "train4" or (first and case == "train6"):
            return await busy(body)
        return await server.answers(body)

    return behave


def nowhere(*places: str) -> None:
    for part in PARTS:
        assert not any(part in place for place in places)
        assert list(holding(Path(), part)) == []


def test_a_run_whose_server_repeats_the_key_leaves_it_in_no_file_and_in_no_output(
    ace: Ace, server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.always = talkative(server)
    done = ace(*asking(server, "--record", "calls.jsonl"))
    assert done.status == 0
    assert {p.name for p in Path().iterdir()} >= {"ace.db", "calls.jsonl"}
    run = ace("run", "list", "--json").json[0]["run"]
    shown = [ace("run", "show", run).out, ace("run", "show", run, "--json").out, ace("episode", "list", "--json").out]
    invalid = ace("episode", "list", "--verdict", "invalid", "--json").json
    assert len(invalid) == 4
    shown += [ace("episode", "show", e["episode"]).out for e in invalid]
    # What the server said is kept, all but the key.
    assert any("your header was 'Authorization: (key)" in text for text in shown)
    assert "your header was" in Path("calls.jsonl").read_text()
    nowhere(done.out, done.err, caplog.text, *shown)


@pytest.mark.parametrize("code", [401, 404, 429, 500])
def test_a_run_that_the_server_stops_while_it_repeats_the_key_does_not(
    ace: Ace, server: ModelServer, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    bad = echoing(server, code)
    server.always = lambda body: bad(body) if role_of(body) in ("reflector", None) else server.answers(body)
    stopped = ace(*asking(server, "--record", "calls.jsonl"))
    assert stopped.status in (1, 2)
    assert "your header was" in stopped.err
    checked = ace("model", "check", "openai/m", "--api-base", server.url)
    assert checked.status in (1, 2)
    nowhere(stopped.out, stopped.err, checked.out, checked.err, caplog.text)


def test_events_and_what_is_written_while_a_run_works_do_not_hold_it(
    server: ModelServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = talkative(server)
    heard: list[Event] = []
    files = set[str]()

    def listen(event: Event) -> None:
        heard.append(event)
        if isinstance(event, BatchCommitted):
            # As long as the store is open, what was written last may stand in its log alone.
            files.update(p.name for p in Path().iterdir())
            nowhere()

    learner = library.Learner(Gate(), model="openai/events", api_base=server.url, store=Path("ace.db"), on_event=listen)
    result = learner.run(20, 10)
    server.always = echoing(server, 401)
    with pytest.raises(ModelRefused) as refused:
        learner.run(5, 5)
    learner.close()
    assert "ace.db-wal" in files
    invalid = [e for e in heard if isinstance(e, EpisodeEnded) and not e.episode.outcome.valid]
    assert any("your header was" in repr(e) for e in invalid)
    nowhere(repr(heard), repr(result), repr(learner.settings), str(refused.value), *capsys.readouterr(), caplog.text)
