"""Reviewing from a program: what waits in a playbook, and deciding on it.

Every method has an async form, named with an `a` before it.
"""

from __future__ import annotations

from collections.abc import Collection

from ace.editing import review as by_review
from ace.editing.author import author_name
from ace.editing.hand import Hand
from ace.errors import BadSetting
from ace.memory.log.review import WaitingDelta
from ace.memory.store import Store
from ace.playbooks.typed import typed_reason
from ace.session.editing import Edit, edit_of, in_a_thread


class Reviewing:
    """The deltas of playbook `name` in `store` that were held: by a gate, or because learning was told to (`review=True`)."""

    store: Store
    name: str

    def reviews(self) -> list[WaitingDelta]:
        """What waits, oldest first, each with what accepting it would do to the playbook as it stands."""
        return self.store.reviews.waiting(self.name)

    def review(self, number: int) -> WaitingDelta:
        """The delta that waits under this number. Raises `NotFound`, `Conflict` where it was decided before, `BadSetting`."""
        by_review.require_number(number)
        return self.store.reviews.one(self.name, number)

    def accept(
        self, waiting: int | WaitingDelta, *, only: Collection[int] | None = None, reason: str = "", author: str = ""
    ) -> Edit:
        """Commit a delta that waits. Given what `reviews` or `review` gave, it is committed as it was shown there; given its
        number, as it was proposed. Operations on bullets that were changed meanwhile are left out and told in `refused`. `only`
        takes the operations with these numbers, from 1, alone. Raises `NotFound`; `Conflict` where it was decided before, where
        something else would be committed than was shown, and where nothing of it fits any more; `BadSetting`, `BadInput`."""
        number, shown = self._named(waiting)
        return edit_of(by_review.accept(self.store, self.name, number, _hand(reason, author), shown=shown, only=only))

    def refuse(self, waiting: int | WaitingDelta, *, reason: str = "", author: str = "") -> None:
        """Refuse a delta that waits; it stays in the log. Raises `NotFound`, `Conflict` where it was decided before,
        `BadInput`."""
        by_review.refuse(self.store, self.name, self._named(waiting)[0], _hand(reason, author))

    def _named(self, waiting: int | WaitingDelta) -> tuple[int, str]:
        if not isinstance(waiting, WaitingDelta):
            return waiting, ""
        if waiting.playbook != self.name:
            raise BadSetting(f"this delta waits in playbook {waiting.playbook!r}, and this is {self.name!r}")
        return waiting.number, waiting.shown

    areviews = in_a_thread(reviews)
    areview = in_a_thread(review)
    aaccept = in_a_thread(accept)
    arefuse = in_a_thread(refuse)


def _hand(reason: str, author: str) -> Hand:
    given = typed_reason(reason)
    return Hand(author_name(author), lambda otherwise: given or otherwise, lambda _: False)
