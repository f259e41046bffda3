"""What each role of a run cost: as the servers counted it, however the run went, and together what the run's ledger holds."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.web import StreamResponse

import ace as library
from ace.budget import Ledger
from ace.memory.store import Store
from ace.runs import lifecycle
from tests import command
from tests.commands.said import Ace
from tests.killing import RUN, begin
from tests.models.server import Body, ModelServer, answer, hang, status
from tests.models.taught import role_of, taught
from tests.served.running import GATE, after, asking, at_cases
from tests.warm import ACE

AT_ONCE = 16
OWN = ("--reflector-model", "openai/small", "--curator-model", "openai/gpt-5-mini")


@dataclass
class Counting(ModelServer):
    """A server that keeps its books by role."""

    tokens: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def requests(self) -> Counter[str]:
        return Counter(role_of(body) or "presence" for body in self.bodies)

    async def says(self, body: Body, text: str, reason: str = "stop") -> StreamResponse:
        role = role_of(body) or "presence"
        answered = await ModelServer.says(self, body, text, reason)
        used = json.loads(str(answered.text))["usage"]  # type: ignore[attr-defined]
        self.tokens[role, "prompt_tokens"] += used["prompt_tokens"]
        self.tokens[role, "completion_tokens"] += used["completion_tokens"]
        self.tokens[role, "cached_tokens"] += used["prompt_tokens_details"]["cached_tokens"]
        return answered


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting(writes=taught) as running:
        yield running


@pytest.fixture
def ledgers(monkeypatch: pytest.MonkeyPatch) -> list[Ledger]:
    """The ledgers of the runs that this process does."""
    made: list[Ledger] = []

    def keeping(*arguments: Any, **more: Any) -> Ledger:
        made.append(Ledger(*arguments, **more))
        return made[-1]

    monkeypatch.setattr(lifecycle, "Ledger", keeping)
    return made


def shown(ace: Ace, run: str = "") -> Any:
    return ace("run", "show", run or ace("run", "list", "--json").json[0]["run"], "--json").json


def require_sums(result: Any) -> None:
    """The roles add up to what the whole run cost."""
    roles = result["roles"].values()
    for name in ("calls", "prompt_tokens", "cached_tokens", "completion_tokens"):
        assert sum(r[name] for r in roles) == result["usage"][name], name
    costs = [r["cost_usd"] for r in roles]
    assert result["usage"]["cost_usd"] == (None if None in costs else pytest.approx(sum(costs)))


def require_books(result: Any, server: Counting) -> None:
    """Each role cost what the server counted."""
    require_sums(result)
    assert {role: r["calls"] for role, r in result["roles"].items()} == server.requests
    for role, r in result["roles"].items():
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens"):
            assert r[name] == server.tokens[role, name], (role, name)


def require_ledger(result: Any, ledger: Ledger) -> None:
    """The journal says what the ledger, which the limits are kept by, says."""
    spent = ledger.spent.as_json()
    cost, booked = spent.pop("cost_usd"), dict(result["usage"])
    assert booked.pop("cost_usd") == (None if cost is None else pytest.approx(cost))
    assert booked == spent


def test_each_role_has_its_tokens_cost_time_and_model(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    server.seconds = 0.01
    result = ace(*asking(server, *OWN, "--json", model="gpt-5-mini")).json
    roles = result["roles"]
    assert list(roles) == ["generator", "reflector", "curator"]
    require_books(result, server)
    require_ledger(result, ledgers[-1])
    assert [r["model"] for r in roles.values()] == ["openai/gpt-5-mini", "openai/small", "openai/gpt-5-mini"]
    # The price of one is unknown, and so is the whole; the others' are known all the same.
    assert (roles["reflector"]["cost_usd"], result["usage"]["cost_usd"]) == (None, None)
    assert roles["generator"]["cost_usd"] > roles["curator"]["cost_usd"] > 0
    assert all(r["seconds"] >= 0.01 * r["calls"] and not r["unended"] for r in roles.values())
    assert shown(ace)["roles"] == roles


def test_the_page_has_a_small_table_of_them(ace: Ace, server: Counting) -> None:
    said = ace(*asking(server, *OWN, model="gpt-5-mini")).out.splitlines()
    at = said.index("By role")
    assert said[at + 1].split() == ["role", "calls", "prompt", "cached", "completion", "cost", "waited", "model"]
    assert [line.split()[0] for line in said[at + 2 : at + 5]] == ["generator", "reflector", "curator"]
    assert [line.split()[-1] for line in said[at + 2 : at + 5]] == ["openai/gpt-5-mini", "openai/small", "openai/gpt-5-mini"]
    assert " unknown " in said[at + 3]
    assert "$0.0" in said[at + 2]
    assert all(len(line) <= 100 for line in said[at : at + 6])
    one = ace(*asking(server, model="gpt-5-mini")).out.splitlines()
    at = one.index("By role, all openai/gpt-5-mini")
    assert all(len(line) <= 80 for line in one[at : at + 6])


def test_tokens_that_a_server_does_not_count_are_marked_as_estimates(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    async def uncounted(body: Body) -> StreamResponse:
        if role_of(body) != "reflector":
            return await server.answers(body)
        return web.json_response(answer(taught(body)))

    server.always = uncounted
    said = ace(*asking(server, *OWN, model="gpt-5-mini")).out
    assert "~: partly or wholly estimated" in said
    table = {line.split()[0]: line for line in said.splitlines() if line.startswith(("generator", "reflector", "curator"))}
    assert {role: "~" in line for role, line in table.items()} == {"generator": False, "reflector": True, "curator": False}
    result = shown(ace)
    require_sums(result)
    require_ledger(result, ledgers[-1])
    r = result["roles"]["reflector"]
    assert r["estimated_tokens"] == r["prompt_tokens"] + r["completion_tokens"] > 0
    assert result["usage"]["estimated_tokens"] == r["estimated_tokens"]


def test_an_evaluation_says_it_too(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    playbook = ace(*asking(server, "--json")).json["playbook"]
    server.seen.clear()
    server.tokens.clear()
    command = ("eval", GATE, "--playbook", playbook, "--eval", "10", "--model", "openai/gpt-5-mini", "--api-base", server.url)
    result = ace(*command, "--json").json
    assert list(result["roles"]) == ["generator"]
    require_books(result, server)
    require_ledger(result, ledgers[-1])
    assert "By role, all openai/gpt-5-mini" in ace("run", "show", result["run"]).out


def test_the_novice_has_it_in_json_and_no_table(ace: Ace) -> None:
    command = ("run", GATE, "--episodes", "20", "--eval", "10")
    assert "By role" not in ace(*command).out
    result = ace(*command, "--json").json
    require_sums(result)
    assert {(r["model"], r["cost_usd"]) for r in result["roles"].values()} == {("novice", 0.0)}


def test_requests_that_were_tried_again_count_for_their_role(ace: Ace, ledgers: list[Ledger]) -> None:
    with Counting(faults={"429": 0.1, "500": 0.05, "malformed": 0.1, "empty": 0.05}, writes=taught) as server:
        result = ace(*asking(server, *OWN, "--json", model="gpt-5-mini")).json
        assert len(server.met) == 4
        require_books(result, server)
        require_ledger(result, ledgers[-1])


def test_the_question_whether_a_model_is_there_stands_by_itself(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    server.always = at_cases(server, train3=status(500, "boom", {"retry-after": "0"}))
    result = ace(*asking(server, *OWN, "--json", model="gpt-5-mini")).json
    assert server.requests["presence"] >= 1
    require_books(result, server)
    require_ledger(result, ledgers[-1])
    assert result["roles"]["presence"]["model"] == "openai/gpt-5-mini"


def test_a_run_that_was_stopped_and_resumed_has_all_of_it(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    assert ace(*asking(server, *OWN, "--max-calls", "50", model="gpt-5-mini")).status == 3
    stopped = shown(ace)
    require_books(stopped, server)
    require_ledger(stopped, ledgers[-1])
    result = ace("run", "resume", "--max-calls", "100000", "--json").json
    require_books(result, server)
    require_ledger(result, ledgers[-1])


def test_what_a_deadline_ended_is_of_unknown_cost_and_takes_time(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    server.always = after(45, hang, server.answers)
    assert ace(*asking(server, "--max-seconds", "4", model="gpt-5-mini")).status == 3
    stopped = shown(ace)
    require_sums(stopped)
    require_ledger(stopped, ledgers[-1])
    assert 0 <= stopped["usage"]["calls"] - len(server.seen) <= AT_ONCE
    unknown = [role for role, r in stopped["roles"].items() if r["cost_usd"] is None]
    assert unknown
    assert sum(stopped["roles"][role]["seconds"] for role in unknown) > 0
    server.always = None
    result = ace("run", "resume", "--max-seconds", "600", "--json").json
    require_sums(result)
    require_ledger(result, ledgers[-1])
    assert all(r["cost_usd"] is None for role, r in result["roles"].items() if role in unknown)


@pytest.mark.parametrize("behaviour", ["hangs", "is busy", "is busy, then hangs"])
def test_what_a_signal_ended_is_booked_as_the_ledger_has_it(
    ace: Ace, server: Counting, ledgers: list[Ledger], monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    """Some were sent and not answered, some wait for their turn and were never sent, some had been tried before."""
    left = 25
    # Eight tries then take more than a second, so that the signal finds the run at work, and does not end what runs the tests.
    busy = status(503, "busy", {"retry-after": "0.15"})

    async def behave(body: Body) -> StreamResponse:
        nonlocal left
        left -= 1
        # Where requests hang no sixth one may come, before the first is given up after 120 s.
        if left == {"hangs": -1, "is busy": -6, "is busy, then hangs": -4}[behaviour]:
            asyncio.get_running_loop().call_later(0.2, os.kill, os.getpid(), signal.SIGTERM)
        if left >= 0:
            return await server.answers(body)
        return await (busy if behaviour == "is busy" or (behaviour != "hangs" and left >= -3) else hang)(body)

    server.always = behave
    assert ace(*asking(server, "--concurrency", "6", model="gpt-5-mini")).status == 130
    stopped = shown(ace)
    require_sums(stopped)
    require_ledger(stopped, ledgers[-1])


def test_a_recording_that_is_played_back_says_the_same(ace: Ace, server: Counting, ledgers: list[Ledger]) -> None:
    first = ace(*asking(server, *OWN, "--record", "calls.jsonl", "--json", model="gpt-5-mini")).json
    again = ace("run", GATE, "--episodes", "20", "--eval", "10", "--model", "replay:calls.jsonl", "--json").json
    require_ledger(again, ledgers[-1])
    assert {r["model"] for r in again["roles"].values()} == {"replay:calls.jsonl"}
    for role, r in again["roles"].items():
        was = first["roles"][role]
        # Tries are added up in another order.
        exact = {
            name: r[name] - was[name] for name in ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "unended")
        }
        assert set(exact.values()) == {0}
        assert r["seconds"] == pytest.approx(was["seconds"], abs=0.002)
        assert r["cost_usd"] == (None if was["cost_usd"] is None else pytest.approx(was["cost_usd"]))


def test_a_killed_run_says_what_was_in_flight(tmp_path: Path) -> None:
    process = begin(ACE, *RUN, cwd=tmp_path)
    sent = tmp_path / "sent"
    while not sent.exists() or sent.read_text().count("\n") < 30:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=60)
    [run] = json.loads(command.ace("run", "list", "--json", cwd=tmp_path).stdout)
    result = json.loads(command.ace("run", "show", run["run"], "--json", cwd=tmp_path).stdout)
    require_sums(result)
    with Store.open(tmp_path / "ace.db") as store:
        in_flight = len(store.in_flight(run["run"]))
    assert sum(r["unended"] for r in result["roles"].values()) == in_flight
    assert ("without a recorded end" in command.ace("run", "show", run["run"], cwd=tmp_path).stdout) == bool(in_flight)


def test_the_library_has_it(server: Counting, tmp_path: Path) -> None:
    learner = library.Learner(GATE, model="openai/gpt-5-mini", api_base=server.url, store=tmp_path / "a.db")
    result = learner.run(episodes=20, eval=10)
    learner.close()
    assert {role: r.usage.calls for role, r in result.roles.items()} == server.requests
    assert sum((r.usage for r in result.roles.values()), start=type(result.usage)()).calls == result.usage.calls
    assert {r.model for r in result.roles.values()} == {"openai/gpt-5-mini"}


def test_learning_from_attempts_made_elsewhere_has_it(server: Counting) -> None:
    playbook = library.open("support", store=":memory:")
    for number in range(4):
        with playbook.episode(task=f"Case {number}: the lamp") as episode:
            episode.finish(success=number % 2 == 0, transcript="answered")
    learned = playbook.learn(model="openai/gpt-5-mini", api_base=server.url)
    assert {role: r.usage.calls for role, r in learned.roles.items()} == server.requests
    assert sum(r.usage.calls for r in learned.roles.values()) == learned.usage.calls
