"""What a model server writes behind which the novice sits: a run on it learns, and the same request gets the same reply.

The novice draws by a seed that is not sent; here it derives from the messages. A reply that could not be used is answered again
as if it had not been given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ace.models.contract import Message, Request, RoleName, Sampling
from ace.models.novice.acting import act
from ace.models.novice.curating import curate
from ace.models.novice.diagnosing import diagnose
from ace.roles.replies import WholeList
from ace.types import derive_seed
from tests.models.server import Body

ANSWER: Mapping[RoleName, Callable[[Request], Any]] = {"generator": act, "reflector": diagnose, "curator": curate}


def role_of(body: Body) -> RoleName | None:
    """Who is asking; `None` where any text will do."""
    name = (body.get("response_format") or {}).get("json_schema", {}).get("name", "")
    return next((role for role in ANSWER if role == name.partition("_")[0]), None)


def taught(body: Body) -> str:
    """The novice's reply to `body`."""
    role, sent = role_of(body), body["messages"]
    if role is None:
        return "ready"
    if str(sent[-1]["content"]).startswith("That reply cannot be used"):
        sent = sent[:-2]
    messages = tuple(Message(m["role"], m["content"]) for m in sent)
    seed = derive_seed(*(m.content for m in messages))
    shape = WholeList if body["response_format"]["json_schema"]["name"].endswith(WholeList.__name__) else None
    return json.dumps(ANSWER[role](Request(role, messages, shape, Sampling(explore=0.1), seed)))
