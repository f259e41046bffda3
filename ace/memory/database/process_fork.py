"""Stores in processes that fork.

Neither SQLite's connections nor a lock that another thread holds may cross a fork. A child that closed a connection could take
the parent's log away from it; a lock whose thread did not come along is held for ever. So a fork waits until no thread is at
work with a store and closes the connections; each side opens its own when it next needs one, and the child has new locks.
Where the forking thread is itself in the middle of a transaction, or another does not end its own in time, what came along
cannot be used: the child leaves it alone and says so whenever it asks for a store.

Source: sqlite.org/howtocorrupt.html, section 2.6.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol
from weakref import WeakSet

from ace.errors import StoreUnusable

PATIENCE = 60.0
"""Seconds that a fork waits for the transactions of other threads."""


class Forking(Protocol):
    """Something whose connections and locks may not cross a fork."""

    def let_go(self) -> None:
        """Close all connections: the process is about to fork, and none is in use."""

    def begin_anew(self) -> None:
        """Have new locks and no connection: this process is a fork."""


class ForkGate:
    """Threads go through it to work with a store; it is shut while the process forks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: dict[int, int] = {}
        self._shut_by: int | None = None
        self._unclean = False
        self._lost = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """No fork happens while this lasts, unless this thread does it. Raises `StoreUnusable` in a process that was forked in
        the middle of a transaction."""
        me = threading.get_ident()
        self._enter(me)
        try:
            yield
        finally:
            with self._changed:
                self._inside[me] = self._inside.get(me, 1) - 1
                if self._inside[me] <= 0:
                    del self._inside[me]
                self._changed.notify_all()

    def _enter(self, me: int) -> None:
        if self._lost:
            raise StoreUnusable(
                "this process was forked in the middle of a store's transaction, so it cannot use a store; fork before or after"
                " it, or start a new program"
            )
        with self._changed:
            self._changed.wait_for(lambda: self._shut_by in (None, me) or me in self._inside)
            self._inside[me] = self._inside.get(me, 0) + 1

    def shut(self) -> bool:
        """Wait until no other thread is inside, and let none in; false where that cannot be, because this thread is inside."""
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._shut_by is None)
            self._shut_by = me
            alone = me not in self._inside and self._changed.wait_for(lambda: not self._inside, PATIENCE)
            self._unclean = not alone
            return alone

    def open(self) -> None:
        """Let everyone in again."""
        with self._changed:
            self._shut_by, self._unclean = None, False
            self._changed.notify_all()

    def begin_anew(self) -> None:
        """Forget the threads of the process that this one was forked from."""
        me = threading.get_ident()
        mine = self._inside.get(me)
        self._changed = threading.Condition()
        self._inside = {} if mine is None else {me: mine}
        self._lost = self._lost or self._unclean
        self._shut_by, self._unclean = None, False


class OneProcess(sqlite3.Connection):
    """A connection that does nothing in a process other than the one that opened it: there, a commit or a close would reach
    into the file behind the back of its owner."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._process = os.getpid()
        _open.add(self)

    def _mine(self) -> bool:
        return os.getpid() == self._process

    def cursor(self, *arguments: Any, **named: Any) -> Any:
        # Every statement passes here: a call less is time less.
        if os.getpid() != self._process:
            self._require()
        return super().cursor(*arguments, **named)

    def commit(self) -> None:
        self._require()
        super().commit()

    def rollback(self) -> None:
        if self._mine():
            super().rollback()

    def close(self) -> None:
        if self._mine():
            super().close()

    def _require(self) -> None:
        if not self._mine():
            raise StoreUnusable("this transaction began before the process was forked; it goes on in the parent alone")


gate = ForkGate()
_open: WeakSet[OneProcess] = WeakSet()
_minded: WeakSet[Forking] = WeakSet()
_left_alone: list[OneProcess] = []
"""Connections of the parent in a child that was forked in a transaction: kept, so that nothing ever closes them."""


def mind(one: Forking) -> None:
    """Tell `one` whenever this process forks, for as long as it lives."""
    _minded.add(one)
    _watch()


@cache
def _watch() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before, after_in_parent=gate.open, after_in_child=_in_child)


def _before() -> None:
    if gate.shut():
        for one in list(_minded):
            one.let_go()


def _in_child() -> None:
    _left_alone.extend(_open)
    gate.begin_anew()
    for one in list(_minded):
        one.begin_anew()
