"""Proxy decoding on a real model: what it costs beside plain decoding, whether alpha 0 and 1 are what they say, and what alpha
does to answers that a playbook decides.

    python benchmarks/bench_proxy.py --gguf FILE [--base FILE] [--cases N]

All figures of a run are of one model and one process, so that the ratio does not depend on the machine's other work more than
its two parts do. Without a file nothing is measured: there is no model in the repository.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

from common import show

from ace.models.contract import Message, Sampling
from ace.models.proxy.arithmetic import likeliest
from ace.models.proxy.decoding import Alone, LogitSource, Proxied, picking, written
from ace.models.proxy.engine import Weights
from ace.models.proxy.options import likely

TOKENS, ROUNDS = 200, 3
ALPHAS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
STORY = (Message("system", "You are a story teller."), Message("user", "Tell a long story about a dog."))
TOLD = (Message("system", "You are a story teller. Every story is set at sea, and mentions cheese."), STORY[1])
DESKS = ("billing", "shipping", "returns", "security", "legal", "press")
FACTS = ("a blue stamp", "a torn corner", "a red ribbon", "two signatures", "a foreign postmark", "a missing date")
PEOPLE = ("Ana", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--base", type=Path, help="another model with the same vocabulary, as the base of the answers")
    parser.add_argument("--cases", type=int, default=60)
    asked = parser.parse_args()
    if asked.gguf is None:
        print("skipped: no model; give a file with --gguf FILE")
        return
    model = Weights(asked.gguf)
    print(f"{asked.gguf.name}: {model.size:,} tokens in its vocabulary")
    decoding(model)
    answers(model, Weights(asked.base) if asked.base else model, asked.cases)


def decoding(model: Weights) -> None:
    """Identity and overhead, round by round, so that what slows the machine slows both."""
    plain, ends, took = Alone(model), dict[float, list[int]](), dict[str, list[tuple[float, float]]]()
    for _ in range(ROUNDS):
        alone = {0.0: timed(plain, plain.begin(STORY), took, "plain"), 1.0: timed(plain, plain.begin(TOLD), took, "plain")}
        for alpha in alone:
            two = Proxied(model, model, alpha)
            ends[alpha] = timed(two, two.begin(TOLD, STORY), took, "proxy")
            two.close()
    for alpha, what in ((0.0, "the base"), (1.0, "the playbook prompt")):
        same = sum(a == b for a, b in zip(ends[alpha], alone[alpha], strict=True))
        show(f"tokens equal to {what} at alpha {alpha:g}, of {TOKENS}", same, TOKENS, least=True, digits=0)
    for place, unit in enumerate((" ms", " ms of processor time")):
        each = {name: min(spent[place] for spent in seconds) / TOKENS * 1000 for name, seconds in took.items()}
        show("plain decoding, by token", each["plain"], unit=unit)
        show("proxy decoding with one model, by token", each["proxy"], unit=unit)
        show("proxy decoding against plain decoding", each["proxy"] / each["plain"], 2.2, unit=" x")
    plain.close()


def timed(source: LogitSource, row: list[float], took: dict[str, list[tuple[float, float]]], name: str) -> list[int]:
    """The tokens of a reply; seconds by the clock and of all cores are added to `took`. The second is the same on a busy
    machine."""
    began = time.perf_counter(), time.process_time()
    tokens = [token for token, _ in written(row, source, lambda token: False, picking(Sampling(), 0), TOKENS)]
    took.setdefault(name, []).append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return tokens


def answers(small: Weights, base: Weights, count: int) -> None:
    """Success by alpha where one rule of the playbook decides: the right playbook, and one whose desks are shuffled, which is
    to be followed too."""
    rules = dict(zip(FACTS, DESKS, strict=True))
    shuffled = dict(zip(FACTS, (*DESKS[1:], DESKS[0]), strict=True))
    drawn = random.Random(7)
    pairs = [(person, fact) for person in PEOPLE for fact in FACTS]
    cases = drawn.sample(pairs, min(count, len(pairs)))
    source = Proxied(base, small, 1.0)
    options = [small.tokens(desk) for desk in DESKS]
    for name, book in (("right", rules), ("shuffled", shuffled)):
        won = dict.fromkeys(ALPHAS, 0)
        for person, fact in cases:
            found = likely(source.first(*asked(book, person, fact)), source, options)
            for alpha in ALPHAS:
                values = [one.combined(alpha) / len(tokens) for one, tokens in zip(found, options, strict=True)]
                won[alpha] += DESKS[likeliest(values)] == book[fact]
        for alpha, number in won.items():
            show(f"{name} playbook followed at alpha {alpha:g}, of {len(cases)}", number, digits=0)
    source.close()


def asked(book: dict[str, str], person: str, fact: str) -> tuple[Sequence[Message], Sequence[Message]]:
    """The question with the playbook and without it."""
    told = "You sort letters. Reply with the name of one desk and nothing else."
    lines = "\n".join(f"- A letter with {fact} goes to {desk}." for fact, desk in book.items())
    case = Message("user", f"The desks are {', '.join(DESKS)}. A letter from {person} has {fact}. Which desk does it go to?")
    return (Message("system", f"{told}\n\n# Playbook\n{lines}"), case), (Message("system", told), case)


if __name__ == "__main__":
    main()
