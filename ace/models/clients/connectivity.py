"""Whether anybody listens at a model's address, found out before anything is written and without sending anything.

A wrong address is the commonest mistake with a server of one's own, and it should leave no run behind. A connection is opened
and closed. Where a proxy stands between, only the client knows the way, and nothing is looked at.
"""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterable
from urllib.parse import urlsplit

from ace.models.clients.language import LanguageModel
from ace.models.clients.openai_client import OpenAIClient
from ace.models.clients.surroundings import on_this_machine
from ace.models.contract import Model
from ace.models.errors import faults
from ace.models.errors.faults import Fault

_SECONDS = 10.0
_PORTS = {"http": 80, "https": 443}


def require_listeners(models: Iterable[Model]) -> None:
    """Raise `ModelRefused` where no server listens at the address of one of `models`."""
    clients = [m.client for m in models if isinstance(m, LanguageModel)]
    places = {c.address: c.place for c in clients if isinstance(c, OpenAIClient)}
    for address, place in places.items():
        parts = urlsplit(address)
        host, scheme = parts.hostname or "", parts.scheme
        proxied = not on_this_machine(host) and not urllib.request.proxy_bypass(host)
        if proxied and {scheme, "all"} & urllib.request.getproxies().keys():
            continue
        try:
            socket.create_connection((host, parts.port or _PORTS[scheme]), _SECONDS).close()
        except OSError as error:
            fault = Fault(f"{type(error).__name__}: {error}", sent=False)
            raise faults.error(place, fault, reached=False, answers=False) from None
