"""A proxy or certificates that cannot be used: one line that names the variable, before anything is sent or written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from ace.errors import BadSetting
from ace.installing import pip_install
from ace.models.clients.surroundings import on_this_machine
from ace.models.contract import Model
from ace.models.reached import ModelSettings
from ace.models.registry import open_model
from tests.command import ace
from tests.models.asking import request, served
from tests.models.server import ModelServer

LOCAL = ModelSettings("http://127.0.0.1:9/v1")
PROXIES = ["foo://x", "socks4://127.0.0.1:1", ":::", "http://[bad", "http://127.0.0.1:99999", "http://", "http://h:port", "a b"]
NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOSTED_VLLM_API_BASE", "http://127.0.0.1:9/v1")


def problem(model: str) -> str:
    with pytest.raises(BadSetting) as caught:
        open_model(model, LOCAL if model.startswith("openai/") else ModelSettings())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("model", ["openai/x", "hosted_vllm/x"])
@pytest.mark.parametrize("value", PROXIES)
def test_a_proxy_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, model: str, value: str) -> None:
    for name in NAMES:
        with monkeypatch.context() as m:
            m.setenv(name, value)
            assert name in problem(model)


def test_a_proxys_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("foo://me:hunter2@host", "http://me:hunter2", "http://me:hunter2@[bad"):
        monkeypatch.setenv("HTTPS_PROXY", value)
        assert "hunter2" not in problem("openai/x")


@pytest.mark.skipif(find_spec("socksio") is not None, reason="the package for SOCKS proxies is installed")
def test_a_socks_proxy_says_which_package_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    said = problem("openai/x")
    assert "ALL_PROXY" in said
    assert pip_install("socksio") in said


@pytest.mark.parametrize("model", ["openai/x", "hosted_vllm/x"])
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, model: str
) -> None:
    empty = tmp_path / "none.pem"
    empty.write_text("", encoding="utf-8")
    for value in (tmp_path / "missing", empty):
        monkeypatch.setenv(name, str(value))
        assert name in problem(model)


def test_what_can_be_used_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTP_PROXY", "127.0.0.1:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@[::1]:3128/")
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'missing'}{os.pathsep}{tmp_path}")
    open_model("openai/x", LOCAL)
    monkeypatch.setenv("ALL_PROXY", "foo://x")
    monkeypatch.setenv("NO_PROXY", "*")
    open_model("openai/x", LOCAL)


@pytest.fixture
def proxy() -> Iterator[ModelServer]:
    with ModelServer() as made:
        yield made


async def asked_once(model: Model) -> None:
    try:
        await model.complete(request())
    finally:
        await model.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_server_on_this_machine_is_not_asked_through_a_proxy(
    server: ModelServer, proxy: ModelServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
    await asked_once(served(server))
    assert (len(server.seen), len(proxy.seen)) == (1, 0)


@pytest.mark.parametrize("name", ["ollama/own", "ollama_chat/own"])
async def test_what_a_local_ollama_can_do_is_not_looked_up_through_a_proxy_either(
    server: ModelServer, proxy: ModelServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
    monkeypatch.delenv("OLLAMA_API_BASE", raising=False)
    assert "set NO_PROXY=localhost, or unset HTTP_PROXY" in problem(name)
    monkeypatch.setenv("OLLAMA_API_BASE", server.url)
    assert "set NO_PROXY=127.0.0.1, or unset HTTP_PROXY" in problem(name)
    assert (len(server.seen), len(proxy.seen)) == (0, 0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    open_model(name)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
async def test_a_client_that_would_ask_it_through_one_is_told_how_not_to(
    server: ModelServer, proxy: ModelServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOSTED_VLLM_API_BASE", server.url)
    monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
    model = open_model("hosted_vllm/x")
    with pytest.raises(BadSetting, match=rf"^{name} would send .* set NO_PROXY=127\.0\.0\.1, or unset {name}$"):
        await asked_once(model)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    await asked_once(model)
    assert (len(server.seen), len(proxy.seen)) == (1, 0)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_what_is_on_this_machine_is_known(host: str) -> None:
    assert on_this_machine(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "10.0.0.1", "0.0.0.0", "::2", "128.0.0.1", "mylocalhost"])
def test_what_is_elsewhere_is_known(host: str) -> None:
    assert not on_this_machine(host)


async def test_a_client_that_cannot_be_made_for_another_reason_names_what_is_set(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "foo://x")
    with pytest.raises(BadSetting, match=r"the client cannot be made .*ALL_PROXY"):
        await served(server).complete(request())


def test_every_command_says_it_in_one_line_and_writes_nothing(tmp_path: Path) -> None:
    for command in (("run", "desk", "--model"), ("model", "check")):
        given = (*command, "openai/x", "--api-base", "http://127.0.0.1:9/v1")
        said = ace(*given, cwd=tmp_path, ALL_PROXY="foo://x")
        assert said.returncode == 2
        assert "ALL_PROXY" in said.stderr
        assert len(said.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
