"""What it costs to bring a hundred thousand bullets in from a file, and to write them out again; and a long past attempt.

python benchmarks/bench_import.py                100,000 bullets of natural word frequencies, in every figure of the table
python benchmarks/bench_import.py --bullets 1000 fewer
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, show, timed
from prose import Prose

from ace.memory.store import Store
from ace.playbooks.bullet import Bullet
from ace.playbooks.formats.line import Copy
from ace.playbooks.formats.markdown import render_markdown
from ace.playbooks.formats.plain import render_plain
from ace.traces.reading import checked, source

SECTIONS = 40
OTHERS = (
    ("the same file again: nothing is new", "import", "book.md", "book", "--store", "book.md.db"),
    ("export as Markdown", "export", "book", "-o", "out.md", "--store", "book.md.db"),
    ("export as JSON", "export", "book", "-o", "out.json", "--store", "book.md.db"),
    ("export of the history", "export", "book", "--history", "-o", "past.json", "--store", "book.md.db"),
    ("import of the history, every hash checked", "import", "past.json", "past", "--store", "list.txt.db"),
)
_SCRIPT = """
import resource, sys, time
from ace.cli import main
try:
    main()
finally:
    print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bullets", type=int, default=100_000, help="bullets in the file")
    count = parser.parse_args().bullets
    bullets = lessons(count)
    met = []
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "list.txt").write_text(render_plain(Copy("book", 0, "", "", bullets)), encoding="utf-8")
        (at / "book.md").write_text(render_markdown("book", 0, bullets), encoding="utf-8")
        for file in ("list.txt", "book.md"):
            cost = command(at, "import", file, "book", "--store", f"{file}.db")
            met.append(show(f"import of {count:,} bullets, {file}, whole command", cost.seconds, 20, unit=" s", digits=1))
            show("  of the processor", cost.processor, unit=" s", digits=1)
            show("  peak memory", cost.peak, unit=" MB", digits=0)
            show("  bytes in the store for each bullet", (at / f"{file}.db").stat().st_size / count, digits=0)
        met.append(found(at / "book.md.db", bullets))
        for what, *arguments in OTHERS:
            cost = command(at, *arguments)
            show(what, cost.seconds, unit=" s", digits=1)
            show("  peak memory", cost.peak, unit=" MB", digits=0)
        met.append(long_rows(at))
    return 0 if all(met) else 1


def long_rows(at: Path) -> bool:
    """A past attempt in a row of 6 MB costs as much for each byte as one in a row of 1 MB."""
    spent = []
    for size in (1_000_000, 6_000_000):
        said = [{"role": "user", "content": "What is it?"}, {"role": "assistant", "content": "word " * (size // 5)}]
        path = at / f"{size}.jsonl"
        path.write_text(json.dumps({"messages": said, "success": True}), encoding="utf-8")
        began = time.process_time()
        checked(source(path))
        spent.append(time.process_time() - began)
    show("an attempt in a row of 6 MB read, processor time", spent[1], unit=" s", digits=2)
    return show("  to that of one in a row of 1 MB, of 6 times the bytes", spent[1] / spent[0], 12, digits=1)


def lessons(count: int) -> list[Bullet]:
    """Different lessons, each in one of several sections, which take turns."""
    prose, texts = Prose(0), dict[str, None]()
    while len(texts) < count:
        texts[prose.lesson()] = None
    return [Bullet(f"sec-{i:010x}", f"Section {i % SECTIONS}", text, rank=f"{i:08d}") for i, text in enumerate(texts)]


@dataclass(frozen=True)
class Cost:
    """What a command cost: seconds by the clock and of the processor, and its peak memory in MB."""

    seconds: float
    processor: float
    peak: float


def command(folder: Path, *arguments: str) -> Cost:
    """Run `ace playbook` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with timed() as seconds:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, "playbook", *arguments], cwd=folder, env=environment, capture_output=True, text=True
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    processor, peak = done.stderr.split()[-2:]
    return Cost(seconds(), float(processor), int(peak) / 1024)


def found(store: Path, bullets: Sequence[Bullet]) -> bool:
    """Print how many of some bullets search finds by their own words, and whether the playbook verifies."""
    asked = bullets[:: max(1, len(bullets) // 200)]
    with Store.open(store) as db, timed() as seconds:
        view = db.view("book")
        hits = sum(b.id in {hit.bullet.id for hit in view.relevant(b.text, 5)} for b in asked)
        right = show("bullets that search finds by their own words", hits / len(asked), 0.95, least=True)
        show("  milliseconds for each", 1000 * seconds() / len(asked), digits=1)
    return right


if __name__ == "__main__":
    sys.exit(main())
