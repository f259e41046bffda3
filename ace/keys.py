"""Keys among settings: refused by the place where they stand, because settings are stored.

A key has no one name. So a header is a key unless it is known to be harmless, and so is a parameter of an address; elsewhere a
name or the form of a value tells. What is refused can be given as `env:VARIABLE`: the name is stored, and its value is read
when it is needed. The variable has to be called a key, so that its value is masked wherever it is repeated.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ace.errors import BadSetting
from ace.redaction import MASK, VARIABLE, looks_like_key, redact_all

_BY_NAME = re.compile(
    r"(?:^|[^a-z])(?:(?:api|access|secret|private|subscription|account|master|service|client|signing|encryption|function|functions"
    r"|host|shared|license|auth|admin|user|server|x)key|(?:access|auth|bearer|refresh|session|id|ad|security|api|csrf|user|bot"
    r"|service|personal|secret|x)?token|secret|password|passwd|passphrase|pwd|pw|sas|signature|credentials?"
    r"|authorization|auth|cookie|bearer|jwt)(?:_?\d+|_value|_header|_string)?$|^key$"
)
_JOINED = re.compile(r"(?<=[a-z])[-_ .]+(?=(?:key|token)(?:$|[^a-z]))")
_NO_KEYS = ("prompt_cache_key", "stop_token", "eos_token", "bos_token", "pad_token", "unk_token", "mask_token", "sep_token")
_HEADER_PLACE = re.compile(r"(?:headers?|cookies)$")
_ADDRESS_PLACE = re.compile(r"(?:^|_)(?:api_base|base_url|endpoint|endpoint_url)$")
_WRITTEN_OUT = re.compile(r"(?:^|_)(?:headers|cookies|extra_query|default_query)$")
_PAIR = re.compile(r"\s*([^:=&\s]+)\s*[:=]\s*([^&]*)")
"""What is written as `name: value` or `name=value` where a mapping of names to values could stand."""
_QUERY_PLACE = re.compile(r"(?:^|_)(?:query|params|query_params|query_string)$")
_HARMLESS_HEADERS = """accept accept-encoding accept-language anthropic-beta anthropic-version cache-control content-encoding
content-type http-referer openai-beta openai-organization openai-project origin priority referer traceparent user-agent x-title
x-openrouter-title""".split()  # noqa: SIM905
_HARMLESS_QUERY = "api-version api_version version deployment model region location stream alt beta timeout format".split()  # noqa: SIM905
_FILE = re.compile(r"\.(?:py|jsonl?|csv|txt|md|gz|db|toml|ya?ml)(?::\w+)?$")
_REFERENCE = re.compile(r"(?P<scheme>[A-Za-z][\w-]* )?env:(?P<name>[A-Za-z_]\w*)")
_HOW = "keys come from the environment and are never stored; write env:VARIABLE there, where VARIABLE holds it"


def refuse_keys(values: Mapping[str, Any], what: str) -> None:
    """Raise `BadSetting` where `values`, nested to any depth, would carry a key. `what` names them. No value is repeated."""
    _refuse(values, (), what)


def refuse_key_in(text: str, what: str) -> None:
    """Raise `BadSetting` where `text`, the name of a model or an environment, is a key or holds one."""
    if looks_like_key(text) and not _is_path(text):
        raise BadSetting(f"the {what} holds what looks like a key; keys come from the environment and are never stored")


def refuse_key_in_address(address: str, what: str = "api base", *, strict: bool = True) -> None:
    """Raise `BadSetting` where the address holds a name, a password, or a key among its parameters. `strict`: a parameter is a
    key unless it is known to be harmless, and the address has to be one."""
    try:
        parts = urlsplit(address.strip())
        named, _ = "@" in (address if strict else parts.netloc), parts.port
        query = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(parts.fragment, keep_blank_values=True)
    except ValueError as error:
        if not strict:
            return
        # What is wrong with it is not repeated: it may be the password.
        raise not_an_address(what, error) from None
    kept = "and addresses are stored; keys come from the environment"
    if named:
        raise BadSetting(f"the {what} holds a name or password, {kept}")
    for name, value in query:
        unknown = strict and name.lower() not in _HARMLESS_QUERY
        if unknown or _is_called_a_key(name) or looks_like_key(value):
            hint = 'or, for a parameter, from --model-set \'extra_query={"NAME": "env:VARIABLE"}\''
            raise BadSetting(f"the {what} holds a parameter that may be a key, {kept}, {hint}")
    if strict and parts.query and not query:
        raise BadSetting(f"the {what} holds a parameter that may be a key, {kept}")
    if any(looks_like_key(part) for part in parts.path.split("/")) or looks_like_key(parts.hostname or ""):
        raise BadSetting(f"the {what} holds what looks like a key, {kept}")


def not_an_address(what: str, error: ValueError) -> BadSetting:
    """The refusal of an address that cannot be taken apart. It is not repeated: what cannot be read may be the password."""
    if str(error).startswith("Port out of range"):
        return BadSetting(f"the port of the {what} is out of range; a port is a number from 1 to 65535")
    return BadSetting(f"the {what} is not an address; write http://HOST:PORT/v1")


def shown(address: str) -> str:
    """An address for a message: without its parameters, and without a name or password."""
    plain = address.partition("?")[0].partition("#")[0]
    return redact_all(MASK + plain[plain.rindex("@") :] if "@" in plain else plain)


def resolved(value: Any) -> Any:
    """`value` with every `env:VARIABLE` in it replaced by what the variable holds. Raises `BadSetting` where one is not set."""
    if isinstance(value, str):
        found = _REFERENCE.fullmatch(value)
        return (found["scheme"] or "") + _held(found["name"]) if found else value
    if isinstance(value, Mapping):
        return {name: resolved(inner) for name, inner in value.items()}
    return [resolved(inner) for inner in value] if isinstance(value, list | tuple) else value


def _held(name: str) -> str:
    held = os.environ.get(name, "").strip()
    if not held:
        raise BadSetting(f"env:{name} is set nowhere: put the key into the environment variable {name}")
    return held


def _refuse(value: Any, path: tuple[str, ...], what: str) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if looks_like_key(str(name)) and not _is_path(str(name)):
                place = f" {'.'.join(path)!r}" if path else ""
                raise BadSetting(f"a name in {what}{place} looks like a key; {_HOW}")
            _refuse(inner, (*path, str(name)), what)
    elif path and _WRITTEN_OUT.search(_word(path[-1])) and (pairs := _pairs(value)):
        _refuse(pairs, path, what)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse(inner, path, what)
    elif isinstance(value, str) and value.strip():
        _refuse_text(value, path, what)


def _refuse_text(value: str, path: tuple[str, ...], what: str) -> None:
    named = f"{what} {'.'.join(p for p in path if not looks_like_key(p))!r}"
    if found := _REFERENCE.fullmatch(value):
        if not VARIABLE.search(found["name"]):
            like = "KEY, TOKEN, SECRET or PASSWORD"
            raise BadSetting(
                f"{named} is read from {found['name']}; a variable with {like} in its name is wanted, so that it is masked"
            )
        return
    name = path[-1].lower()
    if any(_HEADER_PLACE.search(_word(p)) for p in path[:-1]) and name not in _HARMLESS_HEADERS:
        raise BadSetting(f"{named} is a header and may be a key; {_HOW}")
    if any(_QUERY_PLACE.search(_word(p)) for p in path[:-1]) and name not in _HARMLESS_QUERY:
        raise BadSetting(f"{named} is part of an address and may be a key; {_HOW}")
    if any(map(_is_called_a_key, path)):
        raise BadSetting(f"{named} is a key; {_HOW}")
    if looks_like_key(value) and not _is_path(value):
        raise BadSetting(f"{named} looks like a key; {_HOW}")
    if "://" in value:
        try:
            refuse_key_in_address(value, named, strict=_ADDRESS_PLACE.search(_word(path[-1])) is not None)
        except BadSetting as error:
            raise BadSetting(f"{error}; or {_HOW}") from None


def _pairs(value: Any) -> dict[str, Any]:
    """The names and values that a text, a list of texts or a list of pairs writes out; empty where it is none of them."""
    if isinstance(value, str):
        return {} if _REFERENCE.fullmatch(value) else dict(_PAIR.findall(value))
    if not isinstance(value, list | tuple):
        return {}
    found: dict[str, Any] = {}
    for inner in value:
        pair = isinstance(inner, list | tuple) and len(inner) == 2
        found |= {str(inner[0]): inner[1]} if pair else _pairs(inner) if isinstance(inner, str) else {}
    return found


def _is_called_a_key(name: str) -> bool:
    plain = _word(name)
    return plain not in _NO_KEYS and _BY_NAME.search(_JOINED.sub("", plain)) is not None


def _word(name: str) -> str:
    """`name` in small letters with an underscore between its words: `apiKey`, `API-Key` and `api_key` are the same."""
    return re.sub(r"[-\s.]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def _is_path(value: str) -> bool:
    """Whether `value` is written as the path of a file: those have long names too."""
    return value.startswith(("/", "./", "../", "~")) or _FILE.search(value) is not None
