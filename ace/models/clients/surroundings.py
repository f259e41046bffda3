"""What the environment says of the way to a server: proxies and certificates.

Clients read these variables when they are made, and fail in words that do not name them. So they are looked at when a model is
opened, before anything is written. A proxy's address may hold a password, and is never repeated. A server on this machine is
never reached through a proxy, which would send to another machine what was meant to stay here.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import urllib.request
from functools import cache
from importlib.util import find_spec
from urllib.parse import urlsplit

from ace.errors import BadSetting
from ace.installing import pip_install

_PROXIES = ("http", "https", "all")
_SOCKS = ("socks5", "socks5h")
_SCHEMES = ("http", "https", *_SOCKS)


def require_way(socks: str = "") -> None:
    """Raise `BadSetting` where a variable names a proxy or certificates that cannot be used. `socks` is the module that the
    client needs for a SOCKS proxy; empty where it needs none."""
    proxies = urllib.request.getproxies_environment()
    if "*" not in proxies.get("no", ""):
        for kind in _PROXIES:
            if proxies.get(kind):
                _require_proxy(_variable(f"{kind}_proxy"), proxies[kind], socks)
    _require_certificates()


def trusted() -> ssl.SSLContext:
    """The certificates that servers must show, as `SSL_CERT_FILE`, `SSL_CERT_DIR` or the installed list name them.

    They are read once: reading the usual list takes some 50 ms, which every client would spend again.
    """
    return _certificates(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@cache
def _certificates(file: str, folders: str) -> ssl.SSLContext:
    if not file and not folders:
        import certifi

        file = certifi.where()
    return ssl.create_default_context(cafile=file) if file else ssl.create_default_context(capath=folders)


def on_this_machine(host: str) -> bool:
    """Whether `host` is a loopback address or a name of one."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def require_direct(scheme: str, host: str) -> None:
    """Raise `BadSetting` where a variable would send what is for `host`, a server on this machine, through a proxy: for a
    client that cannot be told otherwise."""
    proxies = urllib.request.getproxies_environment()
    if not on_this_machine(host) or urllib.request.proxy_bypass(host):
        return
    kind = next((kind for kind in (scheme, "all") if proxies.get(kind)), "")
    if kind:
        variable = _variable(f"{kind}_proxy")
        raise BadSetting(f"{variable} would send what is for {host} through a proxy; set NO_PROXY={host}, or unset {variable}")


def client_problem(error: Exception) -> BadSetting:
    """What to raise where a client cannot be made: the variables that are set, because one of them is the reason."""
    named = [_variable(f"{kind}_proxy") for kind in (*_PROXIES, "no")] + ["SSL_CERT_FILE", "SSL_CERT_DIR"]
    found = [name for name in named if os.environ.get(name)]
    which = f"; look at {', '.join(found)} in the environment" if found else ""
    return BadSetting(f"the client cannot be made ({type(error).__name__}){which}")


def _variable(name: str) -> str:
    """The name under which a proxy is set: the lower case one wins."""
    return name if os.environ.get(name) else name.upper()


def _require_proxy(variable: str, value: str, socks: str) -> None:
    example = "http://HOST:PORT"
    # Without a scheme it is a host, as clients read it.
    address = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(address)
        host, scheme, port = parts.hostname, parts.scheme.lower(), parts.port
    except ValueError:
        scheme, host, port = "http", None, None
    if scheme not in _SCHEMES:
        raise BadSetting(f"{variable} names a proxy of kind {scheme!r}, which is not known; write {example}, or unset it")
    if not host or port == 0 or any(c.isspace() or c in "[]<>\\" for c in host):
        raise BadSetting(f"{variable} is not the address of a proxy; write {example}, or unset it")
    if scheme in _SOCKS and socks and find_spec(socks) is None:
        install = pip_install(socks)
        raise BadSetting(f"{variable} names a SOCKS proxy, which needs the package {socks}: {install}, or unset it")


def _require_certificates() -> None:
    file, folders = os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")
    if file:
        try:
            trusted()
        # A missing or unreadable file, or one without a certificate.
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadSetting(
                f"SSL_CERT_FILE names {file!r}, which holds no certificates ({reason}); correct or unset it"
            ) from None
    if folders and not any(os.path.isdir(folder) for folder in folders.split(os.pathsep)):
        raise BadSetting(f"SSL_CERT_DIR names {folders!r}, which is not a folder; correct or unset it")
