"""Hundreds of requests on a server that fails in every way: what is written down is what the server has seen, to the token."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ace.budget import Budget, Ledger
from ace.memory.store import Store
from ace.models.clients.language import LanguageModel
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Model, never
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.limits import Limited
from ace.models.wrappers.retry import Patience, Retrying
from ace.roles.ask import Answer, ask
from ace.runs.journaled import Journal, Journaled
from ace.types import Usage
from tests.conftest import ROOT
from tests.models.asking import Word, request
from tests.models.clients.test_clients import BOTH, Opens
from tests.models.server import ModelServer
from tests.starting import started

SHARED = ROOT.parent / "shared" / "bench" / "model_server.py"
FAULTS = {"429": 0.1, "500": 0.05, "hang": 0.02, "truncated": 0.05, "malformed": 0.1, "empty": 0.05}
ASKED = 120


async def asked(bare: Model, store: Store) -> tuple[list[Answer[Word]], Usage, Usage, dict[str, int]]:
    """Ask so often, sixteen at a time, in the stack that a run has: the answers, what the ledger and the journal say was
    spent, and the forms of the replies."""
    ledger = Ledger(Budget(calls=10**6))
    model = Retrying(Limited(Budgeted(bare, ledger), asyncio.Semaphore(16)), Patience(first=0.01, longest=0.1))
    run = started(store, {"model": bare.name})
    journal = Journal(store, run.id, never)
    # Long enough that only a request which hangs ends by it: one given up before a busy machine has brought it to the server
    # would be in our books and not in the server's.
    patient = [request(user=f"Word {i}?", seconds=4.0) for i in range(ASKED)]
    calls = [ask(Journaled(model, journal, f"e-{i}"), wanted, Word) for i, wanted in enumerate(patient)]
    answers = await asyncio.gather(*calls)
    await model.close()
    return list(answers), ledger.spent, store.usage(run.id), store.reply_forms(run.id)


def counts(usage: Usage) -> tuple[int, int, int, int]:
    return usage.calls, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens


@BOTH
async def test_every_request_is_counted_once_and_every_token_is_the_servers(store: Store, opens: Opens) -> None:
    with ModelServer(faults=FAULTS) as server:
        answers, spent, journaled, forms = await asked(opens(server), store)
    seen = server.counts
    assert set(server.met) == set(FAULTS)
    # A layer that retried by itself would send more than is counted.
    assert counts(spent) == (len(server.seen), seen.prompt, seen.cached, seen.completion)
    assert counts(journaled) == counts(spent)
    assert counts(sum((a.usage for a in answers), Usage())) == counts(spent)
    assert sum(forms.values()) == seen.calls
    met = server.met
    bad = ("empty", "truncated", "malformed")
    assert forms == {**{name: met[name] for name in bad}, "clean": seen.calls - sum(met[name] for name in bad)}
    # Two bad replies in a row are given up; everything else ends well.
    assert sum(a.value is not None for a in answers) > 0.9 * ASKED


@contextmanager
def shared_server() -> Iterator[str]:
    if not SHARED.is_file():
        pytest.skip(f"no model server at {SHARED}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # It draws anew each time: so many hang that none hangs in no run of this test.
    faults = ",".join(f"{name}:{share}" for name, share in {**FAULTS, "hang": 0.05}.items())
    command = [sys.executable, str(SHARED), str(port), "--faults", faults, "--base-ms", "5", "--out-us", "1"]
    with subprocess.Popen(command) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            # Asked to end, it would wait a minute for the requests that hang.
            process.kill()


def stats(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/stats", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


async def listening(address: str) -> None:
    for _ in range(200):
        try:
            await asyncio.to_thread(stats, address)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            return
    raise TimeoutError(address)


async def test_a_server_that_keeps_its_own_books_has_the_same_figures(store: Store) -> None:
    with shared_server() as address:
        await listening(address)
        client = OpenAIClient("openai/shared", "shared", f"{address}/v1")
        _, spent, journaled, forms = await asked(LanguageModel("openai/shared", client), store)
        seen = await asyncio.to_thread(stats, address)
    total = seen["total"]
    assert set(seen["faults"]) == set(FAULTS)
    assert counts(spent) == (seen["requests"], total["prompt"], total["cached"], total["completion"])
    assert counts(journaled) == counts(spent)
    assert sum(forms.values()) == total["calls"]
    assert seen["max_in_flight"] <= 16
