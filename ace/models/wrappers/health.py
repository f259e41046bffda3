"""Whether a model that gave up on a request is there at all.

That one request is given up may be its own fault (it is too long, it makes the server crash): then its case is lost, and the
run goes on. Or the server has died: then every later request would be lost too. One short question tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable

from ace.errors import ModelError, ModelRefused
from ace.models.contract import Message, Model, Request
from ace.models.wrappers.retry import Retrying

_QUESTION = (Message("user", "Say: ready."),)


async def require_present(model: Retrying, over: Callable[[Model], Model], seconds: float) -> None:
    """Where the last request that `model` was asked was given up, ask one short question, for at most `seconds`; `over` is what
    the call goes through. Raises the fault it gave up with where that is not answered either."""
    fault = model.gone
    if fault is None:
        return
    # Where nothing at all came back, one try tells; a server that says it is busy is asked with all patience.
    asked = model.model if fault.status is None else model
    try:
        await over(asked).complete(Request("generator", _QUESTION, timeout=seconds))
    except ModelRefused:
        raise
    except ModelError:
        raise ModelError(f"the model does not answer any more: {fault}", status=fault.status) from fault
    model.gone = None
