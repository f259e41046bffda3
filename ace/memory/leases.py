"""Who is at work on what, where only one may be: a claim that lapses unless it is renewed.

The decision behind it: a claim is a row of the store, taken in one transaction, so that two processes cannot both have it. It
lapses because its owner may die; an owner on this machine whose process is gone is not waited for.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ace.memory import journal
from ace.memory.codec import pack, unpack
from ace.memory.sql import Sql
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.types import JSON

UNIT = "learn"
"""The unit of a run whose row holds the claim."""

_OPEN = Sql(
    "SELECT r.id, r.status, r.config, r.result, u.owner, u.leased_until FROM runs r "
    "LEFT JOIN units u ON u.run = r.id AND u.unit = :unit WHERE r.status <> 'done' ORDER BY r.key DESC"
)
_TAKE = Sql(
    "INSERT INTO units (run, unit, owner, leased_until) VALUES (:run, :unit, :owner, :until) "
    "ON CONFLICT (run, unit) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until"
)
_RENEW = Sql("UPDATE units SET leased_until = :until WHERE run = :run AND unit = :unit AND owner = :owner")
_LEAVE = Sql("UPDATE units SET owner = NULL, leased_until = NULL WHERE run = :run AND unit = :unit AND owner = :owner")


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody at work: this process, and a `token` that tells its workers apart."""

    token: str
    host: str
    pid: int

    @classmethod
    def here(cls, token: str) -> Owner:
        return cls(token, socket.gethostname(), os.getpid())

    def __str__(self) -> str:
        return f"{self.token}:{self.pid}:{self.host}"

    @classmethod
    def read(cls, text: str) -> Owner:
        token, pid, host = text.split(":", 2)
        return cls(token, host, int(pid))

    @property
    def gone(self) -> bool:
        """Whether its process is known to have ended."""
        if os.name != "posix" or self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def claim(store: Store, config: Mapping[str, JSON], owner: Owner, seconds: float) -> Run | Owner:
    """The unfinished run of this configuration, or a new one, claimed by `owner` for `seconds`; or who else is at work for
    the same playbook and in the same way (`given`)."""
    wanted, found = unpack(pack(dict(config))), ""
    with store._database.write() as c:
        for row in _OPEN.all(c, unit=UNIT):
            its = unpack(row.config)
            if any(its.get(name) != wanted[name] for name in ("playbook", "given")):
                continue
            if _holds(row.owner, row.leased_until):
                return Owner.read(row.owner)
            if its == wanted:
                found = found or row.id
            elif row.status == RunStatus.RUNNING:
                result = {**unpack(row.result), "stopped": "its process ended"}
                journal.set_run(c, row.id, RunStatus.STOPPED, result)
        run = journal.run(c, found) if found else journal.start_run(c, wanted)
        _TAKE(c, run=run.id, unit=UNIT, owner=str(owner), until=_until(seconds))
        return run


def renew(store: Store, run: str, owner: Owner, seconds: float) -> bool:
    """Hold on for `seconds` from now; false where somebody else has it meanwhile."""
    with store._database.write() as c:
        return bool(_RENEW(c, run=run, unit=UNIT, owner=str(owner), until=_until(seconds)).rowcount == 1)


def leave(store: Store, run: str, owner: Owner) -> None:
    """Give the claim back."""
    with store._database.write() as c:
        _LEAVE(c, run=run, unit=UNIT, owner=str(owner))


def _holds(owner: str | None, until: str | None) -> bool:
    return owner is not None and until is not None and until > _until(0) and not Owner.read(owner).gone


def _until(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
