"""What a model call costs: processor time beside the bare client's, and 500 requests in flight.

A call is the whole of it: asked by a role, journaled in SQLite, budgeted, limited, retried if need be, validated. The bare
client makes the same requests and reads the text of the answer. Rounds alternate, so that both meet the same machine.

python benchmarks/bench_models.py           both clients, 2,000 calls each way
python benchmarks/bench_models.py --quick   the openai client, 500 calls each way
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from common import show
from loopback import served

import ace
from ace.binding import unsigned
from ace.budget import Budget, Ledger
from ace.memory.store import Store
from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import LiteLLMClient, load_litellm
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Message, Model, Request, never
from ace.models.replies.structured import Rung, response_format
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.limits import Limited
from ace.models.wrappers.retry import Retrying
from ace.roles.ask import ask
from ace.roles.replies import Move
from ace.runs import claims
from ace.runs.journaled import Journal, Journaled
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import Given, prepare
from ace.settings import RunSettings

CONCURRENCY = 16
ROUNDS = 8
DELAY = 0.02
FLIGHT = 500
PLAYBOOK = "\n".join(f"- [desk-{i:08d}] When tier is gold and amount is at least {i}: choose refund." for i in range(380))
Call = Callable[[int], Awaitable[None]]


def messages(number: int) -> tuple[Message, ...]:
    """A request of 27 kB that ends differently each time."""
    return Message("system", PLAYBOOK, stable=True), Message("user", f"# Task\n| case {number} of the desk")


async def measured(call: Call, first: int, count: int) -> tuple[float, float]:
    """Processor and wall time of `count` calls, in seconds, 16 at a time."""
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(number: int) -> None:
        async with slots:
            await call(number)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one(first + i) for i in range(count)))
    return time.process_time() - cpu, time.perf_counter() - wall


def ours(model: Model, store: Store, slots: int = CONCURRENCY) -> Call:
    """One call of ours, in the stack that a run has."""
    run = claims.begin(store, {"benchmark": model.name}, unsigned)
    journal = Journal(store, run.id, never)
    stack = Retrying(Limited(Budgeted(model, Ledger(Budget(calls=10**9))), asyncio.Semaphore(slots)))

    async def call(number: int) -> None:
        answer = await ask(Journaled(stack, journal, f"e-{number}"), Request("generator", messages(number)), Move)
        assert answer.value is not None

    return call


def chat(number: int) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in messages(number)]


def bare_openai(address: str) -> tuple[Call, Callable[[], Awaitable[None]]]:
    from openai import AsyncOpenAI

    client: Any = AsyncOpenAI(api_key="none", base_url=address, max_retries=0, timeout=120)
    form = response_format(Rung.SCHEMA, "generator", Move)

    async def call(number: int) -> None:
        answer = await client.chat.completions.create(model="bench", messages=chat(number), response_format=form)
        assert answer.choices[0].message.content

    return call, client.close


def bare_litellm(address: str) -> Call:
    litellm = load_litellm()
    form = response_format(Rung.SCHEMA, "generator", Move)

    async def call(number: int) -> None:
        answer = await litellm.acompletion(
            model="hosted_vllm/bench", messages=chat(number), response_format=form, api_base=address, timeout=120, num_retries=0
        )
        assert answer.choices[0].message.content

    return call


async def compare(name: str, pair: tuple[Call, Call], calls: int) -> bool:
    """Processor time per call, ours and the bare client's, in alternating rounds; the first round warms up."""
    bare, own = pair
    taken: dict[str, list[float]] = {"bare": [], "ours": []}
    each = calls // ROUNDS
    for number in range(ROUNDS + 1):
        for kind, call in (("bare", bare), ("ours", own)):
            cpu, _ = await measured(call, number * each, each)
            if number:
                taken[kind].append(1000 * cpu / each)
    baseline, figure = statistics.mean(taken["bare"]), statistics.mean(taken["ours"])
    show(f"{name}: processor time of a bare call", baseline, unit=" ms")
    show(f"{name}: processor time of a call of ours", figure, unit=" ms")
    return show(f"{name}: ours to bare", figure / baseline, 1.25)


async def in_flight(store: Store, count: int, seconds: float) -> bool:
    """Wall time of `count` requests at once on a server that takes `seconds`, beside the bare client's."""
    with served(seconds) as address:
        bare, close = bare_openai(address)
        began = time.perf_counter()
        await asyncio.gather(*(bare(i) for i in range(count)))
        baseline = time.perf_counter() - began
        await close()
        model = LanguageModel("openai/flight", OpenAIClient("openai/flight", "bench", address))
        own = ours(model, store, count)
        began = time.perf_counter()
        await asyncio.gather(*(own(i) for i in range(count)))
        figure = time.perf_counter() - began
        await model.close()
    show(f"{count} in flight on a server of {seconds:g} s: bare", baseline, unit=" s")
    show(f"{count} in flight on a server of {seconds:g} s: ours", figure, unit=" s")
    return show("ours to bare", figure / baseline, 1.15)


@ace.environment(
    train=[("Case", "refund")], test=[(f"Case {i} of the desk: {PLAYBOOK[:400]}", "refund") for i in range(FLIGHT)]
)
def flight(task: ace.Task, reply: str) -> bool:
    """Cases that the canned answer settles."""
    return reply == str(task.data["answer"])


async def episodes_in_flight(store: Store, seconds: float) -> bool:
    """By how much memory grows with each episode in flight: a whole run whose cases are all played at once."""
    os.environ["OPENAI_API_KEY"] = "loopback"
    store.ensure_playbook("flight")
    with served(seconds) as address:
        bare, close = bare_openai(address)
        # The client itself is no part of an episode.
        await bare(0)
        await close()
        settings = RunSettings(
            "flight",
            model="openai/flight",
            api_base=address,
            strategy="frozen",
            playbook="flight",
            split="test",
            concurrency=FLIGHT,
        )
        ready = prepare(settings, Given(environment=flight))
        begun = begin(ready, store)
        before, most = resident_kb(), [0.0]
        watching = asyncio.create_task(watch(most))
        await work(ready, store, begun)
        watching.cancel()
    won = store.count_episodes(run=begun.id, verdict="success")
    return show(f"memory for each of {won} episodes in flight", (most[0] - before) / FLIGHT, 100, unit=" KB")


async def watch(most: list[float]) -> None:
    """Keep the largest memory this process has while it lasts."""
    while True:
        most[0] = max(most[0], resident_kb())
        await asyncio.sleep(0.05)


def resident_kb() -> float:
    """The memory this process has now, in KB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


async def run(quick: bool) -> bool:
    calls = 500 if quick else 2000
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "bench.db") as store:
        # First of all: memory that was used and given back would hide what is needed.
        met = [await episodes_in_flight(store, 5.0)]
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "bench.db") as store, served(DELAY) as address:
        model = LanguageModel("openai/bench", OpenAIClient("openai/bench", "bench", address))
        bare, close = bare_openai(address)
        met.append(await compare("openai", (bare, ours(model, store)), calls))
        await close()
        await model.close()
        met.append(await in_flight(store, FLIGHT, 5.0))
        if not quick:
            other = LanguageModel("hosted_vllm/bench", LiteLLMClient("hosted_vllm/bench", "hosted_vllm", address))
            met.append(await compare("litellm", (bare_litellm(address), ours(other, store)), calls))
            await other.close()
    return all(met)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer calls, one client")
    os.environ.pop("OPENAI_API_KEY", None)
    return 0 if asyncio.run(run(parser.parse_args().quick)) else 1


if __name__ == "__main__":
    sys.exit(main())
