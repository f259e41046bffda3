"""What is refused before a model is loaded, in one line each, and what of a proxy is part of a request."""

from __future__ import annotations

import asyncio
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ace.errors import AceError, BadInput, BadSetting
from ace.installing import pip_install
from ace.models.by_role import close_all, open_models
from ace.models.clients.proxied import open_proxy
from ace.models.contract import Message, Request, Sampling
from ace.models.proxy.llama import EXTRA, library
from ace.models.reached import ModelSettings
from ace.settings import RunSettings
from tests.answering import scripted
from tests.models.proxy.files import written


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Python that has no xllamacpp."""
    library.cache_clear()
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    yield
    library.cache_clear()


@pytest.mark.parametrize("base", ["novice", "openai/x", "manual:d", "replay:r.jsonl", "./own.py:Own", "", "first"])
def test_the_base_is_a_local_model(tmp_path: Path, base: str) -> None:
    with pytest.raises(BadSetting, match=r"the base must be local:FILE\.gguf; the model is"):
        open_proxy(base, str(written(tmp_path / "m.gguf")))
    with pytest.raises(BadSetting, match=r"the base must be local:FILE\.gguf; the model is answering"):
        open_models({"generator": scripted("")}, ModelSettings(), "m.gguf")


@pytest.mark.parametrize("bad", ["", "none.gguf", "text.gguf", "local:none.gguf", "other.gguf"])
def test_either_file_that_cannot_be_used_is_refused_by_its_name(tmp_path: Path, bad: str, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    written(Path("m.gguf"))
    written(Path("other.gguf"), tokens=["<s>", "</s>"])
    Path("text.gguf").write_text("# A model")
    for base, small in (("m.gguf", bad), (bad.removeprefix("local:"), "m.gguf")):
        with pytest.raises((BadInput, BadSetting), match=bad.removeprefix("local:") or "local: needs a model's file"):
            open_proxy(f"local:{base}", small)


def test_each_file_says_how_it_is_run_but_for_slots(tmp_path: Path) -> None:
    file = written(tmp_path / "m.gguf")
    for base, small in ((f"local:{file},slots=2", f"{file}"), (f"local:{file}", f"local:{file},slots=2,threads=1")):
        with pytest.raises(BadSetting, match=r"slots= has no effect with proxy=: .* one request"):
            open_proxy(base, small)
    with pytest.raises(BadSetting, match="threads is '0'"):
        open_proxy(f"local:{file}", f"{file},threads=0")


def test_without_llama_the_command_that_installs_it_is_told(tmp_path: Path, absent: None) -> None:
    file = written(tmp_path / "m.gguf")
    with pytest.raises(BadSetting, match=rf"needs xllamacpp: {re.escape(pip_install(EXTRA))}$"):
        open_proxy(f"local:{file}", str(file))


def test_a_file_that_holds_no_weights_is_refused_when_it_is_asked(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    file = written(tmp_path / "m.gguf")
    models = open_models(dict.fromkeys(("generator", "reflector"), f"local:{file}"), ModelSettings(), f"local:{file}")
    assert models["generator"] is models["reflector"]

    async def ask() -> None:
        try:
            await models["generator"].complete(Request("generator", (Message("user", "Hello?"),)))
        finally:
            await close_all(models, lasting=False)

    with pytest.raises(BadInput, match=r"cannot be loaded by llama\.cpp"):
        asyncio.run(ask())


@pytest.mark.parametrize("alpha", [math.nan, math.inf, -math.inf, "1", True])
def test_an_alpha_that_is_not_a_finite_number_is_refused(alpha: Any) -> None:
    with pytest.raises(BadSetting, match=r"^alpha is .*; it must be a finite number"):
        Sampling(alpha=alpha)


@pytest.mark.parametrize("alpha", [None, 0, 1, 0.5, -1.0, 7])
def test_any_finite_number_is_an_alpha(alpha: float | None) -> None:
    assert Sampling(alpha=alpha).alpha == alpha


def test_alpha_goes_with_a_proxy() -> None:
    assert RunSettings(proxy="m.gguf", model="local:m.gguf", sampling={"alpha": 0.5}).proxy == "m.gguf"
    RunSettings(model="replay:said.jsonl", sampling={"alpha": 0.5})
    for alpha in (0, 1.0, 2):
        with pytest.raises(AceError, match=r"name a small model with proxy=, or leave alpha out"):
            RunSettings(sampling={"alpha": alpha})


def test_alpha_is_part_of_what_was_asked_and_the_messages_without_the_playbook_follow_from_the_others() -> None:
    one = Request("generator", (Message("user", "Hello?"),))
    assert replace(one, without=(Message("user", "Well?"),)).hash == one.hash
    hashes = {replace(one, sampling=Sampling(alpha=a)).hash for a in (None, 0.0, 1.0, 2.0)}
    assert len(hashes) == 4
    assert one.hash in hashes


def test_what_is_stored_of_a_run_without_a_proxy_says_nothing_of_one() -> None:
    assert "proxy" not in RunSettings().as_json()
    stored = RunSettings(proxy="m.gguf", model="local:m.gguf", sampling={"alpha": 2.0}).as_json()
    assert (stored["proxy"], stored["sampling"]) == ("m.gguf", {"alpha": 2.0})
