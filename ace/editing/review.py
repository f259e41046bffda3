"""Deciding on deltas that wait for review, by the same rules from the command line and from a program."""

from __future__ import annotations

from collections.abc import Collection

from ace.editing.hand import Done, Hand, still_hidden
from ace.errors import BadSetting
from ace.memory.log.review import Accepting
from ace.memory.store import Store

ACCEPTED, REFUSED = "accepted in review", "refused in review"
"""The reasons of decisions for which none was given."""


def accept(store: Store, name: str, number: int, hand: Hand, *, shown: str = "", only: Collection[int] | None = None) -> Done:
    """Accept delta `number` of playbook `name`: as it was `shown` (the code), else as it was proposed; of its operations those
    with the numbers `only`; all where that is `None`. Raises `NotFound`, `Conflict`, `BadSetting` and `BadInput`."""
    require_number(number)
    reason = hand.why(ACCEPTED)
    done = store.reviews.accept(name, number, Accepting(shown.strip(), _numbers(only), hand.author, reason))
    store.upkeep.keep_hourly()
    return Done(done, reason, tuple(still_hidden(store, name, done)))


def refuse(store: Store, name: str, number: int, hand: Hand) -> str:
    """Refuse delta `number` of playbook `name`; gives the reason that is logged. Raises `NotFound`, `Conflict` and
    `BadInput`."""
    require_number(number)
    reason = hand.why(REFUSED)
    store.reviews.refuse(name, number, by=hand.author, reason=reason)
    store.upkeep.keep_hourly()
    return reason


def _numbers(only: object) -> tuple[int, ...]:
    """The numbers of operations. Raises `BadSetting`, also for a selection that came out empty: it does not mean all."""
    if only is None:
        return ()
    if isinstance(only, str | bytes) or not isinstance(only, Collection):
        raise BadSetting(f"only is {only!r}; it must be the numbers of operations, as in only=[1, 3]")
    if not only:
        raise BadSetting("only names no operation; leave it out to accept all of them, or refuse the delta")
    for n in only:
        require_number(n, "an operation's number")
    return tuple(only)


def require_number(number: object, what: str = "the number of a delta") -> None:
    """Raise `BadSetting` unless `number` is a whole number, 1 or more."""
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise BadSetting(f"{what} is {number!r}; it must be a whole number, 1 or more")
