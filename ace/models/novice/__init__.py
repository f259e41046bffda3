"""`novice`: a learner that needs no weights, no key and no network.

It has no knowledge. It chooses among the options that an observation lists, by what its prompt says; it says what it saw,
chose and got; it turns wins and losses into rules. It keeps nothing between calls, so all that it learns passes through
reflections, deltas and the playbook's text: it shows that the way from an outcome to a better attempt works, and it is a
baseline that a language model has to beat.
"""

from __future__ import annotations

import json

from pydantic import ValidationError

from ace.errors import ModelRefused
from ace.models.contract import Reply, Request
from ace.models.reached import ModelSettings
from ace.models.replies.parsing import reply
from ace.playbooks.render import estimate_tokens
from ace.types import Usage

OFFERS = {"novice": "opened"}


class Novice:
    """The model named `novice`. Deterministic: the same request gives the same reply, in any process."""

    name = "novice"
    scores = False

    async def complete(self, request: Request) -> Reply:
        from ace.models.novice.acting import act
        from ace.models.novice.curating import curate
        from ace.models.novice.diagnosing import diagnose
        from ace.models.novice.dispatching import dispatch

        if request.role == "gate":
            raise ModelRefused("the novice answers no gate's questions; name another model for the curator")
        answers = {"generator": act, "strong": act, "reflector": diagnose, "curator": curate, "dispatcher": dispatch}
        answer = answers[request.role]
        if request.response is None:
            raise ModelRefused("novice answers the three roles only; ask a language model for free text")
        text = json.dumps(answer(request), ensure_ascii=False)
        prompt = sum(estimate_tokens(m.content) for m in request.messages)
        usage = Usage(1, prompt, 0, estimate_tokens(text), 0.0, 0.0)
        try:
            return Reply(text, request.response.model_validate_json(text), "", usage)
        except ValidationError:
            # It has no reply of another shape than those of its roles; what is wrong is said as of any model's reply.
            return reply(request, text, "stop", usage)

    async def close(self) -> None:
        """Nothing is held."""


def opened(rest: str, settings: ModelSettings) -> Novice:
    """The novice. It sends nothing, so no setting matters."""
    return Novice()
