"""Stores in processes that fork.

The decision behind it: SQLite's connections may not cross a fork; a child that closed one could take the parent's log away
from it. So connections are closed just before, and each side opens its own when it next needs one.
"""

from __future__ import annotations

import os
from functools import cache
from weakref import WeakSet

from ace.memory.store import Store

_open: WeakSet[Store] = WeakSet()


def mind(store: Store) -> None:
    """Let go of the connections of `store` whenever this process forks. One in memory is its connection, and is left alone:
    it stays the parent's."""
    if store._database.where.path is not None:
        _open.add(store)
        _watch()


@cache
def _watch() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_let_go)


def _let_go() -> None:
    for store in list(_open):
        store.close()
