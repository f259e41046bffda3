"""Every Python block of the library's page runs, in order, and so does every example, against a server on loopback."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from ace.memory.store import Store
from tests.command import ROOT
from tests.models.server import Body, ModelServer, answer, usage, valid
from tests.warm import Process

BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGE = BLOCK.findall((ROOT / "docs" / "library.md").read_text(encoding="utf-8"))
PYDANTIC_AI = importlib.util.find_spec("pydantic_ai") is not None
AS_MAIN = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
SERVERS = ("openenv_server",)
"""Examples that serve until they are ended, which the tests of what they serve begin and end."""
EXAMPLES = [
    f for f in sorted((ROOT / "examples").glob("*.py")) if "__main__" in f.read_text(encoding="utf-8") and f.stem not in SERVERS
]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Answers with ids of its own: what is asked for where a shape is, else a word."""
    with ModelServer() as running:

        async def answers(body: Body) -> web.StreamResponse:
            said = answer(valid(body), "stop", usage(100, 10))
            return web.json_response({**said, "id": f"c-{len(running.seen)}"})

        running.always = answers
        yield running


def run(script: Path, server: ModelServer) -> str:
    """What a script prints that is run in its folder, as a person would; it must end well and warn of nothing of ours."""
    guards = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    reached = {"OPENAI_BASE_URL": server.url, "OPENAI_API_BASE": server.url, "OPENAI_API_KEY": "key", "PYTHONPATH": str(ROOT)}
    left = {k: v for k, v in os.environ.items() if k not in ("MODEL", "ACE_STORE")}
    process = Process(AS_MAIN, [str(script)], cwd=script.parent, env={**left, **guards, **reached})
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "AceWarning" not in err
    return out


def test_every_block_of_the_page_runs(tmp_path: Path, server: ModelServer) -> None:
    blocks = [b for b in PAGE if PYDANTIC_AI or "pydantic_ai" not in b]
    assert len(blocks) >= 11
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    out = run(script, server)
    assert "4 reflections" in out
    with Store.open(tmp_path / "support.db") as store:
        assert store.count_episodes(playbook="support", verdict="invalid") == 0
        assert {e.phase for e in store.episodes(limit=None)} == {"learn"}
        assert store.verify("support") == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda f: f.stem)
def test_every_example_runs(tmp_path: Path, server: ModelServer, example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    if "pydantic_ai" in text and not PYDANTIC_AI:
        pytest.skip("pydantic-ai-slim is not installed: pip install 'evolving-playbook[pydantic-ai]'")
    script = tmp_path / example.name
    script.write_text(text, encoding="utf-8")
    out = run(script, server)
    assert "reflections=3" in out or "25 of 25 right" in out
