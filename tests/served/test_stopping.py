"""A run on a server that never answers, stopped from outside: it ends, and what was in flight is booked."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.command import ace, start
from tests.models.server import ModelServer, hang
from tests.served.running import after, asking


@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)], ids=["terminated", "interrupted twice"]
)
def test_requests_in_flight_end_with_the_run_and_their_cost_is_unknown(
    tmp_path: Path, server: ModelServer, signals: tuple[signal.Signals, ...]
) -> None:
    server.always = after(12, hang, server.answers)
    process = start(*asking(server, "--concurrency", "4", "--max-usd", "5", model="gpt-5-mini"), cwd=tmp_path)
    while len(server.seen) < 13:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    for each in signals:
        process.send_signal(each)
        time.sleep(0.3)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "ace run resume" in err, "Traceback" in err) == (130, True, False)
    [run] = json.loads(ace("run", "list", "--json", cwd=tmp_path).stdout)
    shown = json.loads(ace("run", "show", run["run"], "--json", cwd=tmp_path).stdout)
    assert (run["status"], shown["usage"]["cost_usd"]) == ("stopped", None)
    assert shown["usage"]["calls"] >= 13
    server.always = None
    # What a limit on dollars has left is unknown; stated anew it counts from here.
    again = ace("run", "resume", cwd=tmp_path)
    assert (again.returncode, "--max-usd" in again.stderr) == (3, True)
    assert ace("run", "resume", "--max-usd", "5", cwd=tmp_path).returncode == 0
