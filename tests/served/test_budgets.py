"""What a run may spend on a model server: said first, kept to, and gone on from."""

from __future__ import annotations

import asyncio
import re

import pytest
from aiohttp.web import StreamResponse, json_response

from tests.commands.said import Ace
from tests.models.server import Body, ModelServer, answer, hang, status
from tests.served.running import GATE, asking, books, digest, ledger

CONCURRENCY = 16
"""Cases played at the same time unless another number is asked for: as many requests can be in flight."""
LIMITS = {
    "calls": ("--max-calls", "30", "the limit of 30 calls is reached: 30 calls"),
    "tokens": ("--max-tokens-total", "9000", "the limit of 9,000 tokens is reached: "),
    "dollars": ("--max-usd", "0.004", "the limit of $0.004 is reached: "),
    "seconds": ("--max-seconds", "0.2", "the limit of 0.2 seconds is reached: "),
}


@pytest.mark.parametrize(("option", "value", "said"), LIMITS.values(), ids=LIMITS)
def test_a_limit_stops_the_run_with_status_3_and_with_a_larger_one_it_goes_on(
    ace: Ace, server: ModelServer, option: str, value: str, said: str
) -> None:
    server.seconds = 0.02
    # A curator that is told how many batches the limit leaves would be asked something else without a limit.
    untold = ("--strategy-set", "last_edits=false")
    stopped = ace(*asking(server, *untold, option, value, model="gpt-5-mini"))
    assert stopped.status == 3
    *_, limit = stopped.err.splitlines()
    assert said in limit
    run = ace("run", "list", "--json").json[0]
    assert run["status"] == "stopped"
    shown = ace("run", "show", run["run"], "--json").json
    # A request that the time ended under way counts as sent; it may not have arrived, and its cost is unknown.
    cut = option == "--max-seconds"
    if cut:
        assert 0 <= ledger(shown)[0] - books(server)[0] <= CONCURRENCY
    else:
        assert ledger(shown) == books(server)
    assert f"{shown['usage']['calls']:,} calls and {sum(ledger(shown)[1::2]):,} tokens were spent" in limit
    result = ace("run", "resume", option, "1000000", "--json").json
    assert (result["status"], result["after"]["n"], result["invalid"]) == ("done", 10, 0)
    if cut:
        assert 0 <= ledger(result)[0] - books(server)[0] <= CONCURRENCY
    else:
        assert ledger(result) == books(server)
    assert digest(result["playbook"]) == digest(ace(*asking(server, *untold, "--json")).json["playbook"])


def test_a_limit_holds_when_the_run_is_resumed_and_is_shown(ace: Ace, server: ModelServer) -> None:
    stopped = ace(*asking(server, "--max-calls", "20"))
    assert stopped.status == 3
    assert "larger limit (N above 20): ace run resume" in stopped.err
    assert "--max-calls N" in stopped.err
    assert "limits: calls 20" in ace("run", "show", ace("run", "list", "--json").json[0]["run"]).out
    again = ace("run", "resume")
    assert (again.status, len(server.seen)) == (3, 20)
    for passed in (("--max-calls", "19"), ("--max-tokens-total", "1")):
        refused = ace("run", "resume", *passed)
        assert refused.status == 2
        assert f"{passed[0]} is {passed[1]}, and run r-" in refused.err
    assert "limits: calls 20\n" in ace("run", "show", ace("run", "list", "--json").json[0]["run"]).out
    # Another limit is stated beside it; the first still holds.
    assert ace("run", "resume", "--max-tokens-total", "100000000").status == 3
    assert len(server.seen) == 20
    assert ace("run", "resume", "--max-calls", "100000").status == 0


def test_an_evaluation_has_the_same_limits(ace: Ace, server: ModelServer) -> None:
    assert ace(*asking(server)).status == 0
    playbook = ace("playbook", "list", "--json").json[0]["name"]
    before = len(server.seen)
    command = ("eval", GATE, "--playbook", playbook, "--eval", "10", "--model", "openai/other", "--api-base", server.url)
    assert ace(*command, "--max-calls", "3").status == 3
    assert len(server.seen) == before + 3


@pytest.mark.parametrize("behaviour", ["hang", "slow"])
def test_a_request_in_flight_ends_when_the_time_is_up(ace: Ace, server: ModelServer, behaviour: str) -> None:
    import time

    server.seconds = 60.0
    server.always = hang if behaviour == "hang" else None
    began = time.monotonic()
    stopped = ace(*asking(server, "--max-seconds", "1"))
    assert stopped.status == 3
    assert time.monotonic() - began < 30
    assert "the limit of 1 seconds is reached" in stopped.err.splitlines()[-1]
    shown = ace("run", "show", ace("run", "list", "--json").json[0]["run"], "--json").json
    assert 0 <= shown["usage"]["calls"] - len(server.seen) <= CONCURRENCY
    assert (shown["usage"]["calls"] > 0, shown["usage"]["cost_usd"]) == (True, None)


def test_the_same_limit_again_is_met_again_and_nothing_is_sent(ace: Ace, server: ModelServer) -> None:
    assert ace(*asking(server, "--max-calls", "20")).status == 3
    again = ace("run", "resume", "--max-calls", "20")
    assert (again.status, len(server.seen)) == (3, 20)
    assert "20 calls" in again.err.splitlines()[-1]


def test_tries_that_fail_are_paid_from_the_same_limit(ace: Ace, server: ModelServer) -> None:
    server.always = status(503, "busy", {"retry-after": "0"})
    stopped = ace(*asking(server, "--max-calls", "7"))
    assert (stopped.status, len(server.seen)) == (3, 7)
    assert ledger(ace("run", "show", ace("run", "list", "--json").json[0]["run"], "--json").json)[0] == 7


def test_nobody_waits_for_another_try_beyond_the_time_there_is(ace: Ace, server: ModelServer) -> None:
    """The server asks for two minutes; the run has half a second."""
    server.always = status(429, "slow down", {"retry-after": "100"})
    stopped = ace(*asking(server, "--max-seconds", "0.5"))
    assert stopped.status == 3
    assert "the limit of 0.5 seconds is reached" in stopped.err.splitlines()[-1]


def test_what_a_run_may_cost_is_said_before_anything_is_sent(ace: Ace, server: ModelServer) -> None:
    server.always = status(401, "no")
    _, first, *_, last = ace(*asking(server, model="gpt-5-mini")).err.splitlines()
    assert re.fullmatch(
        r"expected: up to about .* calls, .* prompt and .* completion tokens; \$0\.\d\d if nothing is cached", first
    )
    assert "does not take the key" in last or "wants a key" in last


@pytest.mark.parametrize(("episodes", "eval_"), [("20", "10"), ("5", "40")])
def test_what_is_expected_is_enough(ace: Ace, server: ModelServer, episodes: str, eval_: str) -> None:
    said = ace(*asking(server, "--episodes", episodes, "--eval", eval_, model="gpt-5-mini"))
    found = re.search(r"up to about ([\d.]+)( k)? calls, .*\$([\d.]+) if", said.err)
    assert found
    assert float(found[1]) * (1000 if found[2] else 1) >= len(server.seen)
    spent = re.search(r"completion tokens, \$([\d.]+), ", said.out)
    assert spent
    assert float(found[3]) >= float(spent[1])


def test_an_unknown_price_is_said_to_be_unknown_and_never_nothing(ace: Ace, server: ModelServer) -> None:
    command = asking(server)
    said = ace(*command)
    assert f"the price of {command[7]} is unknown" in said.err.splitlines()[1]
    assert "price unknown" in said.out
    result = ace("run", "show", ace("run", "list", "--json").json[0]["run"], "--json").json
    assert result["usage"]["cost_usd"] is None
    refused = ace(*asking(server, "--max-usd", "1"))
    assert refused.status == 2
    assert "a limit in dollars cannot be kept; limit tokens or calls instead" in refused.err


def test_a_limit_on_tokens_is_met_where_the_server_counts_none(ace: Ace, server: ModelServer) -> None:
    async def uncounted(body: Body) -> StreamResponse:
        return json_response(answer(await asyncio.to_thread(server.writes, body)))

    server.always = uncounted
    stopped = ace(*asking(server, "--max-tokens-total", "9000"))
    assert stopped.status == 3
    *_, limit = stopped.err.splitlines()
    assert "the limit of 9,000 tokens is reached" in limit
    assert "estimated" in limit
    assert "at a cost that is not known" in limit
    run = ace("run", "list", "--json").json[0]["run"]
    used = ace("run", "show", run, "--json").json["usage"]
    assert used["estimated_tokens"] == used["prompt_tokens"] + used["completion_tokens"] >= 9000
    assert used["cost_usd"] is None
    shown = ace("run", "resume", "--max-tokens-total", "10000000").out
    assert "estimated: the server does not count them" in " ".join(shown.split())
    assert "price unknown" in shown
    assert "$0" not in shown
