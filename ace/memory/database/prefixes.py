"""Ids by their beginnings, as far as a beginning names one.

Only what a person types is completed, at the door. Everything inside names whole ids.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection

from ace.errors import BadSetting
from ace.memory.database import refs
from ace.memory.database.sql import Sql
from ace.playbooks.typed import require_text

_SHOWN = 8
_END = "\U0010ffff"
_RANGE = "id >= :low AND id < :high ORDER BY id LIMIT 100"
_RUNS = Sql(f"SELECT id FROM runs WHERE {_RANGE}", str)
_EPISODES = Sql(f"SELECT id FROM episodes WHERE {_RANGE}", str)
_BULLETS = Sql(f"SELECT DISTINCT id FROM bullets WHERE {_RANGE}", str)
_OF_PLAYBOOK = Sql(f"SELECT id FROM bullets WHERE playbook = :playbook AND {_RANGE}", str)


class IdKind(StrEnum):
    RUN = "run"
    EPISODE = "episode"
    BULLET = "bullet"


def whole(c: Connection, kind: IdKind, text: str, playbook: str = "") -> str:
    """The id that `text` is or begins, of a bullet of `playbook` alone if given; `text` itself where none is. Raises
    `BadSetting` with the ids it could be."""
    text = require_text(f"the id of a {kind}", text).strip("[] ")
    # Half of a character cannot be asked for, and is in no id.
    if not text or not text.isascii():
        return text
    wanted = {"low": text, "high": text + _END}
    if playbook:
        ids = _OF_PLAYBOOK.all(c, playbook=refs.head(c, playbook).playbook, **wanted)
    else:
        ids = {IdKind.RUN: _RUNS, IdKind.EPISODE: _EPISODES, IdKind.BULLET: _BULLETS}[kind].all(c, **wanted)
    if not ids or text in ids:
        return text
    if len(ids) > 1:
        more = f" and {len(ids) - _SHOWN}{' or more' if len(ids) == 100 else ''} others" if len(ids) > _SHOWN else ""
        raise BadSetting(f"{kind} {text!r} is not one: {', '.join(ids[:_SHOWN])}{more} begin so; give more of the id")
    return ids[0]
