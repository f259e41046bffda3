"""A property that is worked out when it is first asked for, and then kept.

`functools.cached_property` of Python 3.11 holds a lock meanwhile, one for all instances; a process that is forked at that
moment finds it held for ever. Two threads that ask at once may both work the value out here, and get equal ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class lazily(Generic[T]):
    """Decorates a method without arguments, whose value depends on nothing that changes."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __get__(self, instance: Any, owner: object = None) -> T:
        value = self._work(instance)
        # Found before this descriptor from now on.
        instance.__dict__[self._work.__name__] = value
        return value
