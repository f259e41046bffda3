"""Every other provider, through litellm.

Litellm is imported here and nowhere else, when a model of its is first opened: it costs two seconds and 160 MB. Before that it
is told to fetch nothing, to read no `.env` and to print nothing; its retries, cache and callbacks are not used. Names and keys
are checked when a model is opened, because it would find out only while being paid.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ace.errors import BadSetting, UnknownName
from ace.installing import pip_install
from ace.keys import resolved
from ace.models.clients.bodies import hidden, read
from ace.models.clients.bounded import ACCEPTED, TooLarge, bound
from ace.models.clients.chat import Completion, completion, messages, parameters
from ace.models.clients.clock import sent
from ace.models.clients.litellm_cache import close_ours, note_others
from ace.models.clients.streams import whole
from ace.models.clients.surroundings import require_direct
from ace.models.contract import Request
from ace.models.errors import faults
from ace.models.errors.faults import Fault, Place
from ace.models.replies.structured import Rung

_PACKAGES = {"google": "google-auth"}
"""What to install for a module of another name."""
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_SHOWN = (
    "anthropic",
    "azure",
    "bedrock",
    "deepseek",
    "gemini",
    "groq",
    "mistral",
    "ollama_chat",
    "openai",
    "openrouter",
    "xai",
)
_ours: ContextVar[list[_Came] | None] = ContextVar("ace_litellm_asked", default=None)
"""Where what servers answer is kept while a request of ours is under way; `None` outside: what else the program does with
litellm is left alone."""
_OLLAMA = ("ollama", "ollama_chat")
_NO_KEY = (*_OLLAMA, "azure", "bedrock", "vertex_ai", "sagemaker")
"""Providers that need no key, or can be reached with something else than one."""


@dataclass(frozen=True, slots=True)
class _Came:
    """A server's answer as it came: litellm hides what a body says beside an answer, and words faults in its own way."""

    status: int
    headers: Mapping[str, str]
    text: str


@cache
def load_litellm() -> Any:
    """The litellm module, silent and offline. Raises `BadSetting` where it is not installed."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    try:
        import litellm
    except ImportError as error:
        raise BadSetting(
            f"this model needs litellm, which cannot be imported ({error}); install it: {pip_install('litellm')}"
        ) from None
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # Its types are built by their first use, with a warning that only its own filter, which others may reset, silences.
        warnings.simplefilter("ignore")
        litellm.ModelResponse()
    _bind()
    return litellm


def _bind() -> None:
    """Have the bodies of answers to our requests bounded, on whichever of litellm's connections they come."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    make = getattr(AsyncHTTPHandler, "create_async_transport", None)
    if make is None:
        return

    def bounded(*given: Any, **named: Any) -> Any:
        transport = make(*given, **named)
        return transport if transport is None else _bounded(transport)

    AsyncHTTPHandler.create_async_transport = staticmethod(bounded)  # type: ignore[method-assign,unused-ignore]


def _bounded(transport: Any) -> Any:
    handle = transport.handle_async_request

    async def handle_ours(request: Any) -> Any:
        answers = _ours.get()
        if answers is None:
            return await handle(request)
        require_direct(request.url.scheme, request.url.host)
        request.headers["accept-encoding"] = ACCEPTED
        sent()
        response = await handle(request)
        await bound(response)
        await response.aread()
        headers = {name.lower(): value for name, value in response.headers.items()}
        answers.append(_Came(response.status_code, headers, response.text))
        return response

    transport.handle_async_request = handle_ours
    return transport


def open_client(name: str, address: str = "", *, keyless: bool = False) -> LiteLLMClient:
    """A way to `name`, written provider/model; `address` if not the provider's own. Nothing is sent. `keyless`: nor will be,
    and no key is asked for.

    Raises `UnknownName` for a provider that litellm does not know and `BadSetting` for a key that is not in the environment."""
    litellm = load_litellm()
    provider = name.partition("/")[0]
    known = sorted(str(getattr(p, "value", p)) for p in litellm.provider_list)
    if provider not in known:
        # All of them, some 160, would be no help.
        near = difflib.get_close_matches(provider, known, n=3, cutoff=0.6)
        hint = f"in model {name!r}; write provider/model as litellm names them"
        raise UnknownName("provider", provider, near or _SHOWN, hint, listed="near" if near else "among others")
    variables = _key_variables(litellm, name, provider)
    if variables and not keyless and not any(os.environ.get(v) for v in variables):
        raise BadSetting(f"model {name} needs a key: set {' or '.join(variables)} in the environment")
    if not keyless:
        # Of Ollama it asks what a model can do, on a connection of its own, before a request goes through `_bounded`.
        there = urlsplit(address or (_ollama() if provider in _OLLAMA else ""))
        require_direct(there.scheme, there.hostname or "")
    return LiteLLMClient(name, provider, address, " or ".join(variables))


def _ollama() -> str:
    """The address at which litellm looks for Ollama where none is given."""
    return os.environ.get("OLLAMA_API_BASE") or "http://localhost:11434"


def _key_variables(litellm: Any, name: str, provider: str) -> list[str]:
    """The variables of which one must hold a key for `name`."""
    if provider in _NO_KEY:
        return []
    missing = litellm.validate_environment(name)
    return [] if missing["keys_in_environment"] else [v for v in missing["missing_keys"] if v.endswith("API_KEY")]


@dataclass(frozen=True, slots=True)
class LiteLLMClient:
    """`name`, sent by litellm; `variables` say where its key comes from."""

    name: str
    provider: str
    address: str = ""
    variables: str = ""

    @property
    def place(self) -> Place:
        return Place(self.name, self.name.partition("/")[2], self.address, self.variables)

    def body(self, request: Request, rung: Rung) -> dict[str, Any]:
        return {
            **parameters(request, rung, "max_tokens"),
            "model": self.name,
            "messages": messages(request, rung, marks=takes_marks(self.name)),
        }

    async def send(self, request: Request, rung: Rung) -> Completion | Fault:
        litellm = load_litellm()
        body = self.body(request, rung)
        own = {name: resolved(value) for name, value in request.sampling.extra.items() if name not in ("model", "messages")}
        asked = {**body, **own, "timeout": request.timeout, "num_retries": 0, "max_retries": 0}
        if self.address:
            asked["api_base"] = self.address
        note_others(litellm)
        answers: list[_Came] = []
        mark = _ours.set(answers)
        try:
            answer = await litellm.acompletion(**asked)
            made = _counted(_read(answer), answers)
            told = _hidden(answers) or (None if answer.choices else Fault("an answer without choices", 500))
            return replace(told, counts=told.counts or made.counts) if told else made
        # Exceptions of litellm and of providers' packages end here: their words may hold the key.
        except Exception as error:  # noqa: BLE001
            return _hidden(answers) or _answered(answers) or _fault(self.name, error, answers)
        finally:
            _ours.reset(mark)

    async def rest(self) -> None:
        await self.close()

    async def close(self) -> None:
        litellm = sys.modules.get("litellm")
        if litellm is None:
            return
        from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

        await GLOBAL_LOGGING_WORKER.flush()
        await GLOBAL_LOGGING_WORKER.stop()
        await close_ours(litellm)


def takes_marks(name: str) -> bool:
    """Whether cache markers do something for `name`; elsewhere they would be sent as they are, and refused by some."""
    provider, _, model = name.partition("/")
    if provider == "bedrock":
        return "claude" in model
    return provider == "anthropic" or name.startswith("openrouter/anthropic/")


def _counted(made: Completion, answers: list[_Came]) -> Completion:
    """`made` with the tokens that the server counts: those that it does not count litellm estimates without saying so."""
    body = whole(answers[-1].text) if answers else None
    if not isinstance(body, Mapping):
        return made
    said = completion(body)
    return replace(made, counts=said.counts, partial=said.partial, cost_usd=made.cost_usd if said.counts else None)


def _hidden(answers: list[_Came]) -> Fault | None:
    """The fault in the answer that came last, of status 200."""
    return hidden(answers[-1].text) if answers and answers[-1].status == 200 else None


def _answered(answers: list[_Came]) -> Completion | None:
    """The answer that came last, which litellm takes for a fault where a gateway always sends an empty `error`."""
    found = read(answers[-1].text) if answers and answers[-1].status == 200 else None
    return found if isinstance(found, Completion) else None


def _read(answer: Any) -> Completion:
    """The answer, taken from its attributes: writing litellm's own types as a dictionary warns of their contents."""
    choice = answer.choices[0] if answer.choices else None
    message, usage = getattr(choice, "message", None), getattr(answer, "usage", None)
    details = getattr(usage, "prompt_tokens_details", None)
    body = {
        "choices": [
            {
                "finish_reason": getattr(choice, "finish_reason", None),
                "message": {
                    "content": getattr(message, "content", None),
                    "provider_specific_fields": getattr(message, "provider_specific_fields", None),
                },
            }
        ],
        "usage": {
            "prompt_tokens": getattr(usage, "prompt_tokens", None),
            "completion_tokens": getattr(usage, "completion_tokens", None),
            "total_tokens": getattr(usage, "total_tokens", None),
            "prompt_tokens_details": {"cached_tokens": getattr(details, "cached_tokens", None)},
        },
    }
    made = completion(body)
    cost = (getattr(answer, "_hidden_params", None) or {}).get("response_cost")
    return replace(made, cost_usd=float(cost)) if made.counts and isinstance(cost, int | float) else made


def _fault(name: str, error: Exception, answers: list[_Came]) -> Fault:
    """What litellm says went wrong. Raises `BadSetting` where the provider's own package is missing, or a proxy is set for a
    server on this machine."""
    behind = faults.chain(error)
    ours = next((e for e in behind if isinstance(e, BadSetting)), None)
    if ours is not None:
        raise ours from None
    missing = next((e.name for e in behind if isinstance(e, ModuleNotFoundError) and e.name), None)
    if missing:
        package = _PACKAGES.get(missing.partition(".")[0], missing.partition(".")[0])
        raise BadSetting(f"{name} needs the package {package}, which is not installed: {pip_install(package)}") from None
    kind, text = type(error).__name__, str(error)
    large = next((e for e in behind if isinstance(e, TooLarge)), None)
    if large is not None:
        return Fault(str(large), final=True)
    if answers and answers[-1].status >= 400 and answers[-1].text.strip():
        return Fault(answers[-1].text, answers[-1].status, answers[-1].headers)
    why = faults.unconnected(error)
    if why:
        return Fault(why, sent=False)
    headers = {k.lower(): str(v) for k, v in dict(getattr(error, "litellm_response_headers", None) or {}).items()}
    if kind in ("Timeout", "APIConnectionError") and not headers:
        return Fault(text)
    if type(behind[-1]).__name__ == "OpenAIError":
        # The client could not be made, because there is no key; litellm calls that a fault of the server's.
        return Fault(text, 401, sent=False)
    given = getattr(error, "status_code", None)
    # It may be a word, where a body has one for its code.
    status = given if isinstance(given, int) and given else 500
    # What litellm turns down by itself comes without a server's headers.
    return Fault(text, status, headers, sent=bool(headers) or status not in (400, 401, 404))
