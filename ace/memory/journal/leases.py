"""Who is at work on what, where only one may be: a claim that lapses unless it is renewed.

A claim is a row of the store, taken in one transaction, so that two processes cannot both have it. It lapses because its owner
may die; an owner on this machine whose process is gone is not waited for.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from ace.binding import Sign
from ace.memory.database.codec import pack, unpack, unpack_as
from ace.memory.database.protocol import Database
from ace.memory.database.sql import Sql
from ace.memory.journal import journal
from ace.memory.values import Run, RunStatus
from ace.types import JSON

UNIT = "learn"
"""The unit of a run whose row holds the claim."""


class _Open(NamedTuple):
    id: str
    status: str
    config: str
    result: str
    owner: str | None
    leased_until: str | None


class _Owned(NamedTuple):
    run: str
    owner: str
    leased_until: str | None


_OPEN = Sql(
    "SELECT r.id, r.status, r.config, r.result, u.owner, u.leased_until FROM runs r "
    "LEFT JOIN units u ON u.run = r.id AND u.unit = :unit WHERE r.status <> 'done' ORDER BY r.key DESC",
    _Open,
)
_OWNERS = Sql("SELECT run, owner, leased_until FROM units WHERE unit = :unit AND owner IS NOT NULL", _Owned)
_TAKE = Sql(
    "INSERT INTO units (run, unit, owner, leased_until) VALUES (:run, :unit, :owner, :until) "
    "ON CONFLICT (run, unit) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until"
)
_RENEW = Sql("UPDATE units SET leased_until = :until WHERE run = :run AND unit = :unit AND owner = :owner")
_LEAVE = Sql("UPDATE units SET owner = NULL, leased_until = NULL WHERE run = :run AND unit = :unit AND owner = :owner")


_FREE = Sql("UPDATE units SET owner = NULL, leased_until = NULL WHERE run = :run AND unit = :unit")
ENDED = "its process ended"
"""Why a run is stopped whose process is gone."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is at work: a process, and a `token` that tells its workers apart. `born` tells the process from a later one with the
    same number, where the system says; `since` is when it took the run, UTC."""

    token: str
    host: str
    pid: int
    born: str = ""
    since: str = ""

    @classmethod
    def here(cls, token: str) -> Owner:
        return cls(token, socket.gethostname(), os.getpid(), _born(os.getpid()), f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")

    def __str__(self) -> str:
        return f"{self.token}@{self.born}@{self.since}:{self.pid}:{self.host}"

    @classmethod
    def read(cls, text: str) -> Owner:
        """The owner in a row; one that cannot be read is gone."""
        named, _, rest = text.partition(":")
        pid, _, host = rest.partition(":")
        token, born, since = (*named.split("@"), "", "")[:3]
        return cls(token, host, int(pid), born, since) if pid.isdecimal() else cls(token, socket.gethostname(), 0)

    @property
    def where(self) -> str:
        """The process in words."""
        at = (
            self.since
            and f" since {self.since[:4]}-{self.since[4:6]}-{self.since[6:8]} {self.since[9:11]}:{self.since[11:13]} UTC"
        )
        return f"process {self.pid} on {self.host}{at}"

    @property
    def away(self) -> bool:
        """Whether it is on another machine, where only time tells whether it lives."""
        return os.name != "posix" or self.host != socket.gethostname()

    @property
    def gone(self) -> bool:
        """Whether its process is known to have ended."""
        if self.away:
            return False
        if self.pid <= 0:
            return True
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except PermissionError:
            pass
        now = _born(self.pid)
        return now == _ZOMBIE or bool(self.born and now and now != self.born)


_ZOMBIE = "ended"


def _born(pid: int) -> str:
    """When process `pid` began, in a form that no later process with the same number has; empty where that is not known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
    except OSError:
        return ""
    if len(fields) < 20:
        return ""
    return _ZOMBIE if fields[0] in "ZX" else f"{boot}-{fields[19]}"


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run that another owner is at work on."""

    run: str
    playbook: str
    owner: Owner


class Leases:
    """Who is at work on which run of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, config: Mapping[str, JSON], owner: Owner, seconds: float) -> Run | Owner:
        """The unfinished run of this configuration, or a new one, claimed by `owner` for `seconds`; or who else is at work for
        the same playbook."""
        wanted, found = unpack(pack(dict(config))), ""
        with self._database.write() as c:
            other = _others(c, _playbook(wanted, {}), "")
            if other is not None:
                return other.owner
            for row in _OPEN.all(c, unit=UNIT):
                if not found and unpack(row.config) == wanted:
                    found = row.id
            run = journal.run(c, found) if found else journal.start_run(c, wanted)
            _TAKE(c, run=run.id, unit=UNIT, owner=str(owner), until=until(seconds))
            return run

    def begin(self, config: Mapping[str, JSON], sign: Sign, owner: Owner, seconds: float) -> Run | AtWork:
        """A new run of this configuration, claimed by `owner` for `seconds`; or what else is at work for the same playbook."""
        with self._database.write() as c:
            other = _others(c, _playbook(config, {}), "")
            if other is not None:
                return other
            run = journal.start_run(c, config, sign)
            _TAKE(c, run=run.id, unit=UNIT, owner=str(owner), until=until(seconds))
            return run

    def take(self, run: Run, owner: Owner, seconds: float, *, again: bool = False) -> Owner | AtWork:
        """The claim of `owner` on a stored run, for `seconds`; or what is at work on it or for the same playbook. `again`: a
        claim of this process on the run counts as its own, and its owner is the one given back."""
        with self._database.write() as c:
            mine = _owner(c, run.id) if again else None
            if mine is not None and (mine.pid, mine.host, mine.born) == (owner.pid, owner.host, owner.born):
                owner = mine
            other = _others(c, _playbook(run.config, run.result), run.id, owner)
            if other is not None:
                return other
            _TAKE(c, run=run.id, unit=UNIT, owner=str(owner), until=until(seconds))
            return owner

    def other(self, run: Run, owner: Owner) -> AtWork | None:
        """What other than `owner` is at work on a stored run, or for the same playbook. Nothing is written."""
        with self._database.read() as c:
            return _others(c, _playbook(run.config, run.result), run.id, owner, mark=False)

    def renew(self, run: str, owner: Owner, seconds: float) -> bool:
        """Hold on for `seconds` from now; false where another owner has it, or its playbook, meanwhile."""
        with self._database.write() as c:
            return bool(_RENEW(c, run=run, unit=UNIT, owner=str(owner), until=until(seconds)).rowcount == 1)

    def leave(self, run: str, owner: Owner) -> None:
        """Give the claim back."""
        with self._database.write() as c:
            _LEAVE(c, run=run, unit=UNIT, owner=str(owner))

    def at_work(self) -> dict[str, Owner]:
        """The owners that are at work now, by run."""
        with self._database.read() as c:
            rows = _OWNERS.all(c, unit=UNIT)
        owners = {row.run: (Owner.read(row.owner), row.leased_until) for row in rows}
        return {run: owner for run, (owner, until) in owners.items() if not owner.gone and (not owner.away or _lasts(until))}

    def as_they_are(self, runs: Iterable[Run]) -> list[Run]:
        """`runs` with the status that they have now: one whose process is gone is stopped, and one that is at work is running.
        Nothing is written."""
        busy, seen = self.at_work(), []
        for run in runs:
            if run.status is RunStatus.RUNNING and run.id not in busy:
                run = replace(run, status=RunStatus.STOPPED, result={**run.result, "stopped": ENDED})
            elif run.status is not RunStatus.DONE and run.id in busy:
                run = replace(run, status=RunStatus.RUNNING, ended="")
            seen.append(run)
        return seen


def _others(c: Connection, playbook: str, run: str, owner: Owner | None = None, *, mark: bool = True) -> AtWork | None:
    """What other than `owner` is at work on `run`, or on another run that changes `playbook`. Runs of it whose owners are gone
    are marked as stopped where they are to be (`mark`), and their owners lose them."""
    for row in _OPEN.all(c, unit=UNIT):
        its = _playbook(unpack_as(dict, row.config), unpack_as(dict, row.result))
        if row.id != run and not (playbook and its == playbook):
            continue
        if row.owner is not None and holds(row.owner, row.leased_until):
            found = Owner.read(row.owner)
            if found != owner:
                return AtWork(row.id, its, found)
        elif mark and row.id != run and row.status == RunStatus.RUNNING:
            journal.set_run(c, row.id, RunStatus.STOPPED, {**unpack(row.result), "stopped": ENDED})
            _FREE(c, run=row.id, unit=UNIT)
    return None


def _owner(c: Connection, run: str) -> Owner | None:
    found = [row.owner for row in _OWNERS.all(c, unit=UNIT) if row.run == run]
    return Owner.read(found[0]) if found else None


def _playbook(config: Mapping[str, JSON], result: Mapping[str, JSON]) -> str:
    """The playbook that a run changes; empty for an evaluation, which changes none."""
    return "" if config.get("split") else str(result.get("playbook") or config.get("playbook") or "")


def holds(owner: str, leased_until: str | None) -> bool:
    """Whether the claim in a row holds: its time is not over, and its owner is not known to be gone."""
    return _lasts(leased_until) and not Owner.read(owner).gone


def _lasts(leased_until: str | None) -> bool:
    return leased_until is not None and leased_until > until(0)


def until(seconds: float) -> str:
    """The time in so many seconds, as a row says until when it is claimed."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
