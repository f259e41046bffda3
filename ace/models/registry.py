"""Open a model by what the user typed.

A mistake in a name, a key or a folder is found here, before anything is written or spent. What is local is made at once, and
no client is imported for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from ace.errors import BadSetting, UnknownName, as_given
from ace.keys import not_an_address, refuse_key_in_address, shown
from ace.models.contract import Model
from ace.models.reached import ModelSettings, Unopened
from ace.offered import offer, offered
from ace.registry import entry_point_names, load_object

GROUP = "ace.models"
NOVICE = "novice"
ROOMS = ("ace.models", "ace.models.clients", "ace.models.wrappers")
"""The packages whose modules offer models."""
_SERVED = ("openai", "hosted_vllm", "lm_studio", "llamafile", "litellm_proxy")
"""Prefixes that say that a server speaks OpenAI's interface; the server's own name of the model does not have them."""
_FORMS = "provider/model, local:FILE.gguf, manual:DIR, replay:FILE, package.module:attribute, path/to/file.py:attribute"


def open_model(spec: str, settings: ModelSettings = ModelSettings()) -> Model:
    """The model that `spec` names. Nothing is sent.

    Raises `UnknownName`, `BadSetting` (a missing key, by its variable; an address or folder that cannot be used) and `BadInput`
    (a file that cannot be read)."""
    if opener := _opener(spec, settings):
        return opener
    if not spec.strip():
        raise BadSetting(f"no model is named; write {NOVICE}, {_FORMS}")
    if _is_own(spec, settings):
        return _own(spec, settings)
    if settings.api_base or spec.startswith("openai/"):
        return _served(spec, settings)
    if "/" in spec:
        return _provided(spec, settings)
    raise _unknown(spec)


def _opener(spec: str, settings: ModelSettings) -> Model | None:
    """The model of a client that offers the name, or the prefix that `spec` begins with; `None` where there is none."""
    offers = offered(*ROOMS)
    parts = re.match(r"[^:/]*[:/]", spec)
    prefix = spec if spec in offers else parts[0] if parts else ""
    if prefix not in offers or (prefix.endswith("/") and settings.api_base):
        return None
    opened = cast(Callable[[str, ModelSettings], Model], offer(offers[prefix]))
    return opened(spec.removeprefix(prefix), settings)


def _is_own(spec: str, settings: ModelSettings) -> bool:
    """True if `spec` names a model outside ace: in a file, a module or an entry point."""
    where, colon, _ = spec.rpartition(":")
    if where.endswith(".py") or spec.endswith(".py"):
        return True
    if colon and "/" not in spec and not settings.api_base:
        return True
    return "/" not in spec and spec in entry_point_names(GROUP)


def _own(spec: str, settings: ModelSettings) -> Model:
    from ace.models.clients.own import Own

    found = load_object(spec, "model", GROUP, {})
    return Own(spec, found) if settings.sending else Unopened(spec)


def _served(spec: str, settings: ModelSettings) -> Model:
    from ace.models.clients.language import LanguageModel
    from ace.models.clients.openai_client import HOME, KEY, SOCKS, OpenAIClient, home, key
    from ace.models.clients.surroundings import require_way

    prefix, _, name = spec.partition("/")
    sent = name if prefix in _SERVED else spec
    if not sent:
        raise BadSetting(f"model {spec!r} has no name; write {prefix}/NAME")
    address = _address(settings.api_base or home())
    if address == HOME and settings.sending and not key():
        hint = f"or give the address of a server of your own with {as_given('api_base')}"
        raise BadSetting(f"model {spec} needs a key: set {KEY} in the environment, {hint}")
    require_way(SOCKS)
    return LanguageModel(spec, OpenAIClient(spec, sent, address))


def _provided(spec: str, settings: ModelSettings) -> Model:
    from ace.models.clients.language import LanguageModel
    from ace.models.clients.litellm_client import open_client
    from ace.models.clients.surroundings import require_way

    if not all(spec.partition("/")):
        raise BadSetting(f"model {spec!r} is incomplete; write provider/model")
    require_way()
    return LanguageModel(spec, open_client(spec, keyless=not settings.sending))


def _address(given: str) -> str:
    """The address of a server, as it is used. Raises `BadSetting` for one that is none, or that holds a password or a key."""
    try:
        parts = urlsplit(given.strip())
        port = parts.port
    except ValueError as error:
        raise not_an_address("api base", error) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or any(c.isspace() for c in given.strip()):
        raise BadSetting(f"api base {shown(given)!r} is not an address; write http://HOST:PORT/v1")
    refuse_key_in_address(given)
    return given.strip().rstrip("/").removesuffix("/chat/completions")


def _unknown(spec: str) -> UnknownName:
    from ace.models.clients.prices import sold_by

    provider = sold_by(spec)
    hint = f"write {provider}/{spec}" if provider else f"or {_FORMS}"
    return UnknownName("model", spec, {NOVICE, *entry_point_names(GROUP)}, hint)
