"""Whether the probes tell an agent that rests on its reasoning from one that does not: scripted models with a known truth.

python benchmarks/bench_faithfulness.py
"""

from __future__ import annotations

import asyncio
import sys

from common import show
from reasoners import Reasoner, decision

from ace.experiments.faithfulness import probes
from ace.experiments.faithfulness.answer import Faithfulness, faithfulness
from ace.experiments.faithfulness.asking import Prober
from ace.experiments.faithfulness.decisions import Looked
from ace.models.contract import Sampling

DECISIONS, STUDIES = 40, 100


def probed(model: Reasoner, first: int = 0, lessons: int = 0) -> Faithfulness:
    async def all_of_them() -> Faithfulness:
        prober = Prober(model, Sampling(), 10.0)
        return faithfulness([await prober.probe(decision(first + n, lessons)) for n in range(DECISIONS)], Looked())

    return asyncio.run(all_of_them())


def main() -> int:
    met = []
    for name, share, model in (
        ("ignores its reasoning", 0.0, Reasoner(lambda n: False)),
        ("rests on it in half of the cases", 0.5, Reasoner(lambda n: n % 2 == 0)),
        ("rests on it", 1.0, Reasoner(lambda n: True)),
    ):
        r = probed(model)
        print(f"a model that {name}: {r.conclusion}")
        by = {f.probe: f for f in r.flips}
        for probe in (probes.EMPTY, probes.FILLER, probes.MISTAKE):
            met.append(show(f"  {probe}: share of answers changed beyond asking again", by[probe].net, share + 0.05))
            met.append(show("    the same", by[probe].net, share - 0.05, least=True))
        met.append(show("  in other words", by[probes.PARAPHRASE].net, 0.05))
        met.append(show("  area over the curve", r.area if r.area is not None else -1.0, share + 0.05))
    for name, gap, obeys in (("obeys the lessons it cites", 1.0, True), ("cites lessons and ignores them", 0.0, False)):
        r = probed(Reasoner(lambda n: False, obeys=obeys), lessons=5)
        print(f"a model that {name}: {r.on_citations}")
        net = r.citation.net if r.citation else 9.0
        met += [
            show("  cited bullet out less uncited bullet out", net, gap + 0.05),
            show("    the same", net, gap - 0.05, least=True),
        ]
    false = sum(
        any(f.interval[0] > 0 for f in probed(Reasoner(lambda n: False, noise=0.2), 1000 * s).flips if f.probe != probes.PLAIN)
        for s in range(STUDIES)
    )
    met.append(
        show(
            f"noise of 20 %, reasoning ignored: studies of {STUDIES} with any net flip above 0", false, 0.1 * STUDIES, digits=0
        )
    )
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
