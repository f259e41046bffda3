"""Ten thousand mutated replies of reflectors and curators, through the strategy and the store: what breaks.

Each was a right reply before something happened to its characters, its structure or its values. After every batch the
database is asked what became of each edit; at the end every playbook is replayed from its log, and the file is checked.

python benchmarks/bench_mutations.py [REPLIES]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from common import ROOT, show, timed

from ace.memory.store import Store

REPLIES = 10_000
BATCHES = 12
"""Of one playbook, before the next one is begun."""


async def run(store: Store, replies: int) -> bool:
    from tests.mutants import Mutants

    done: list[Mutants] = []
    crashes: list[str] = []
    with timed() as took:
        while sum(m.replies for m in done) < replies:
            mutants = Mutants(store, f"book-{len(done)}", len(done))
            done.append(mutants)
            for _ in range(BATCHES):
                try:
                    await mutants.batch()
                # Whatever is raised here is what this counts.
                except Exception as error:  # noqa: BLE001
                    crashes.append(f"seed {mutants.seed}: {type(error).__name__}: {error}")
        faults = [fault for m in done for fault in m.check()] + store.upkeep.check()
        seconds = took()
    for line in crashes + faults:
        print(line)
    sent = sum(m.replies for m in done)
    show("mutated replies", sent, replies, least=True, digits=0)
    show("of them read as replies all the same", sum(m.read for m in done), digits=0)
    show("edits applied", sum(m.applied for m in done), digits=0)
    show("edits refused, each with its reason in the database", sum(m.refused for m in done), digits=0)
    show("seconds for a thousand", 1000 * seconds / sent, unit=" s")
    met = [show("crashes", len(crashes), 0, digits=0), show("half-done commits and other faults", len(faults), 0, digits=0)]
    return all(met)


def main() -> int:
    # The mutations are those of the tests, which are no installed package.
    sys.path.insert(0, str(ROOT))
    replies = int(sys.argv[1]) if len(sys.argv) > 1 else REPLIES
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "mutations.db") as store:
        return 0 if asyncio.run(run(store, replies)) else 1


if __name__ == "__main__":
    sys.exit(main())
