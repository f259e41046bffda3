"""What it costs to begin: `import ace`, and `ace --help`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from common import show

HEAVY = ("litellm", "openai", "sqlmodel", "sqlalchemy", "sqlite3", "pydantic", "rich", "typer", "httpx", "aiohttp")


def seconds(*command: str, runs: int = 7) -> float:
    """The median wall time of a command, after one run to warm up."""
    taken = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def main() -> int:
    bare = seconds("-c", "pass")
    script = f"import ace, sys; print([m for m in {HEAVY} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    print(f"loaded by import ace: {loaded}")
    show("bare interpreter", 1000 * bare, unit=" ms", digits=0)
    met = [
        show("import ace, above the bare interpreter", 1000 * (seconds("-c", "import ace") - bare), 60, unit=" ms", digits=0),
        show("ace --help", 1000 * seconds("-m", "ace", "--help"), 200, unit=" ms", digits=0),
        loaded == "[]",
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
