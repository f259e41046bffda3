"""The models of a run by role: opened from names, or lent as objects, and closed when it is over.

Roles that have the same model share one object, so it has one client and is closed once.
"""

from __future__ import annotations

from collections.abc import Mapping

from ace import loops
from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import LiteLLMClient
from ace.models.clients.own import Own
from ace.models.clients.proxied import open_proxy
from ace.models.contract import Model
from ace.models.reached import ModelSettings
from ace.models.registry import open_model


def open_models(sources: Mapping[str, object], how: ModelSettings, proxy: str = "") -> dict[str, Model]:
    """The bare models by role, from names and objects: one object for all roles that have the same model. With a `proxy`, the
    name of a small model, that of the generator is the base whose logits the playbook changes through it; roles that share it
    are shown no playbook as the generator is, and are answered by the base alone."""
    opened: dict[object, Model] = {}
    if proxy:
        base = sources["generator"]
        opened[base if isinstance(base, str) else id(base)] = open_proxy(
            base if isinstance(base, str) else model_name(base), proxy
        )
    for source in sources.values():
        key = source if isinstance(source, str) else id(source)
        if key not in opened:
            opened[key] = open_model(source, how) if isinstance(source, str) else _Lent(model_name(source), source)
    return {role: opened[s if isinstance(s, str) else id(s)] for role, s in sources.items()}


def model_name(found: object) -> str:
    """What a run calls a model that was given as an object: its `name`, else that of its class or function."""
    named = getattr(found, "name", "") or getattr(found, "__name__", "")
    return str(named or type(found).__name__)


class _Lent(Own):
    """A model of the caller's, which the caller closes."""

    async def close(self) -> None:
        return None


async def close_all(models: Mapping[str, Model], *, lasting: bool) -> None:
    """Close each of `models` once, however many roles it has. litellm has one set of clients for all users of an event loop:
    where that is `lasting`, others may use them too, and they are closed when the loop ends."""
    for model in {id(m): m for m in models.values()}.values():
        if lasting and isinstance(model, LanguageModel) and isinstance(model.client, LiteLLMClient):
            loops.at_end(_close_litellm)
        else:
            await model.close()


async def _close_litellm() -> None:
    await LiteLLMClient("", "").close()
