"""What learning costs on a real model's latency: 100 formula questions, one pass, right or wrong alone, in batches of ten.

It needs a loopback model server of known latency (`model_server.py`: by ACE_MODEL_SERVER, else beside the data in ../bench)
and the formula questions, and is skipped, saying so, where either is absent. The reference implementation of ACE
(ace-agent/ace at ba78d34), measured on the same server: 51.3 s, 499 calls, 1.43 million prompt tokens, 462,000 of them
uncached; cached share 93 % (generator), 79 % (reflector), 9 % (curator).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import data, free_port, show

START_UP = "import ace.runs.lifecycle, openai, sqlmodel"


@contextmanager
def model_server(script: Path, *options: str) -> Iterator[str]:
    """The address of a model server that runs while this lasts."""
    port = free_port()
    server = subprocess.Popen([sys.executable, str(script), str(port), *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/stats", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        # Asked to end, it would wait for requests that it leaves hanging.
        server.kill()
        server.wait()


def ace(folder: str, *arguments: str) -> Any:
    """What `ace ... --json` says."""
    environment = {**os.environ, "OPENAI_API_KEY": "loopback"}
    command = [sys.executable, "-m", "ace", *arguments, "--store", "formula.db", "--json"]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def seconds(*command: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True)
    return time.perf_counter() - began


def main() -> int:
    folder = data()
    script = Path(os.environ.get("ACE_MODEL_SERVER") or (folder or Path()).parent / "bench" / "model_server.py")
    if folder is None or not script.is_file():
        print(f"skipped: no model server at {script}; set ACE_MODEL_SERVER", file=sys.stderr)
        return 0
    rows = folder / "formula"
    run = ["run", "dataset", "--set", f"train={rows / 'train.jsonl'}", "--set", f"eval={rows / 'val.jsonl'}"]
    run += ["--set", "scorer=numeric", "--episodes", "100", "--batch", "10", "--learn-only", "--model", "openai/bench"]
    start_up = min(seconds("-c", START_UP) for _ in range(3))
    with tempfile.TemporaryDirectory() as scratch, model_server(script) as address:
        began = time.perf_counter()
        result = ace(scratch, *run, "--api-base", f"{address}/v1")
        took = time.perf_counter() - began
        with urllib.request.urlopen(f"{address}/stats") as answer:
            stats = json.load(answer)
    for schema, row in stats["by_schema"].items():
        show(f"cached share of {schema}, {row['calls']} calls", 100 * row["cached"] / row["prompt"], unit=" %", digits=0)
    total = stats["total"]
    show("start-up: the imports alone", start_up, unit=" s")
    met = [
        show("revisions", result["revision"], 10, least=True, digits=0),
        show("wall time, start-up taken off", took - start_up, 6.4, unit=" s"),
        show("uncached prompt tokens", total["prompt"] - total["cached"], 115_000, digits=0),
        show("prompt tokens in all", total["prompt"], 1_430_000, digits=0),
        show("calls in the ledger less requests at the server", result["usage"]["calls"] - stats["requests"], 0, digits=0),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
