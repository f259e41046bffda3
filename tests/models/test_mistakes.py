"""What the person at the command line got wrong: one line, exit status 2, nothing spent, nothing left behind."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ace.cli import main
from ace.models.novice import Novice
from ace.models.replay import Recording
from ace.roles.replies import Move
from tests.command import WORLDS
from tests.models.asking import request
from tests.models.server import ModelServer, says

GATE = f"{WORLDS}:Gate"


@pytest.fixture(autouse=True)
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ace(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*arguments])
    return int(ended.value.code or 0)


def run(*arguments: str) -> int:
    return ace("run", GATE, "--episodes", "10", "--eval", "4", *arguments)


def mistake(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that was said."""
    out, err = capsys.readouterr()
    *_, last = err.splitlines()
    assert "Traceback" not in err
    assert out == ""
    return last


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "novise"), "did you mean 'novice'?"),
        (("--model", "antropic/claude"), "did you mean 'anthropic'?"),
        (("--model", "anthropic/claude-sonnet-4-5"), "set ANTHROPIC_API_KEY"),
        (("--model", "openai/gpt-5-mini"), "set OPENAI_API_KEY"),
        (("--model", "novice", "--curator-model", "groq/llama"), "set GROQ_API_KEY"),
        (("--model", "openai/x", "--api-base", "localhost"), "write http://HOST:PORT/v1"),
        (("--model", "replay:absent"), "absent cannot be read"),
        (("--model", "manual:notes.txt/inbox"), "cannot be written"),
        (("--max-usd", "-1"), "the limit on dollars is -1"),
        (("--max-calls", "0"), "the limit on calls is 0"),
        (("--max-usd", "1", "--model", "x", "--api-base", "http://127.0.0.1:9"), "the price of x is unknown"),
    ],
)
def test_a_mistake_that_can_be_seen_at_once_leaves_nothing_behind(
    cwd: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    (cwd / "notes.txt").touch()
    assert run(*arguments) == 2
    line = mistake(capsys)
    assert line.startswith("ace: ")
    assert says in line
    assert [p.name for p in cwd.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("key", "model", "says"),
    [("wrong", "x", "does not take the key"), ("right-enough", "missing", "there is no model 'missing'")],
)
def test_a_mistake_that_the_server_finds_ends_the_run_at_its_first_request(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, model: str, says: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert run("--model", f"openai/{model}", "--api-base", server.url, "--concurrency", "1") == 2
    assert says in mistake(capsys)
    assert len(server.seen) == 1
    assert not server.counts.calls


def test_an_address_where_nothing_listens_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--model", "openai/x", "--api-base", "http://127.0.0.1:9/v1") == 2
    assert "nothing answers at http://127.0.0.1:9/v1" in mistake(capsys)


def test_a_recording_of_another_run_is_refused_by_the_first_request_that_differs(
    cwd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def record() -> None:
        model = Recording(Novice(), cwd / "r")
        await model.complete(request(Move))
        await model.close()

    asyncio.run(record())
    assert run("--model", "replay:r") == 2
    assert "replay:r has no reply to a request of the generator" in mistake(capsys)


def test_a_budget_stops_a_run_exactly_and_a_larger_one_goes_on(cwd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--max-calls", "9", "--json") == 3
    assert "the limit of 9 calls is reached: 9 calls" in mistake(capsys)
    assert ace("run", "resume", "--max-calls", "9") == 3
    assert "9 calls" in mistake(capsys)
    assert ace("run", "resume", "--json") == 0
    assert json.loads(capsys.readouterr().out)["after"]["n"] == 4


def test_a_budget_in_dollars_stops_a_run_of_a_model_with_a_price(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = says('{"reasoning": "r", "action": "open", "lesson_ids": []}')
    assert run("--model", "openai/gpt-5-mini", "--api-base", server.url, "--max-usd", "0.00005", "--concurrency", "1") == 3
    # 60 tokens at 0.25, 40 at 0.025 and 10 at 2 dollars a million: the second goes over.
    assert "the limit of $5e-05 is reached: 2 calls" in mistake(capsys)
    assert len(server.seen) == 2
