"""docs/json.md names the fields that `--json` really prints, for every command that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from ace.cli import app
from ace.memory.store import Store
from ace.playbooks.operations import Judgement
from tests.commands.experiment.test_attribute import TUNED
from tests.commands.said import Ace
from tests.stories import Story, add, merge, retire, revise

DOC = Path(__file__).resolve().parent.parent / "docs" / "json.md"
FIELD = re.compile(r"^- `(?P<name>[\w-]+)(?P<maybe>\?)?`(?: `\{(?P<keys>[^}]*)\}`)?:", re.MULTILINE)
FREE = "*"
_PLANNED = ("run", "compare", "eval", "ceiling", "faithfulness", "playbook counterfactual", "attribute", "learn")
FORMS = (
    *(f"{command} --dry-run" for command in _PLANNED),
    "episode show --prompts",
    "playbook diff --stat",
)
"""Commands that print something else with an option."""
REAL = {"proxy trace"}
"""Commands that need a real model: what they print is compared in `tests/local`."""


def documented() -> dict[tuple[str, ...], dict[str, set[str]]]:
    """By the commands of a section, its fields with the fields inside of them; one that may be missing ends in `?`."""
    found: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for section in re.split(r"^### ", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        fields = {m["name"] + (m["maybe"] or ""): set(re.findall(r"[\w*-]+\??", m["keys"] or "")) for m in FIELD.finditer(text)}
        found[tuple(re.findall(r"`ace ([^`]+)`", title))] = fields
    return found


def with_json() -> Iterator[str]:
    """Every command that takes `--json`, as it is typed."""
    return _walk(typer.main.get_command(app), "")


def _walk(command: Any, name: str) -> Iterator[str]:
    for word, sub in getattr(command, "commands", {}).items():
        yield from _walk(sub, f"{name} {word}".strip().replace(" start", ""))
    if any("--json" in p.opts for p in command.params):
        yield name


def test_every_command_with_json_is_described_and_no_other() -> None:
    assert sorted({c.partition(" --")[0] for commands in documented() for c in commands}) == sorted(with_json())


def test_the_fields_described_are_those_that_are_printed(ace: Ace) -> None:
    told = tell_everything(ace)
    here = {commands: fields for commands, fields in documented().items() if not REAL & {*commands}}
    assert sorted(told) == sorted(c for commands in here for c in commands)
    found = {c: differences(fields, [value for each in c for value in told[each]]) for c, fields in here.items()}
    assert {commands: wrong for commands, wrong in found.items() if wrong} == {}


def differences(fields: dict[str, set[str]], printed: list[Any]) -> list[str]:
    """What is wrong with `fields` as a description of the values `printed`."""
    rows = [row for value in printed for row in (value if isinstance(value, list) else [value])]
    wrong = _compared(set(fields), rows, "")
    for field, keys in fields.items():
        inner = [x for row in rows for x in _objects(row.get(field.rstrip("?")))]
        if FREE not in keys and (inner or keys):
            wrong += _compared(keys, inner, f"{field}.")
    return wrong


def _compared(keys: set[str], rows: list[dict[str, Any]], where: str) -> list[str]:
    always, known = {k for k in keys if not k.endswith("?")}, {k.rstrip("?") for k in keys}
    seen = {k for row in rows for k in row}
    wrong = [f"{where}{k} is printed and not described" for k in sorted(seen - known)]
    wrong += [f"{where}{k} is described and was never printed" for k in sorted(known - seen)]
    return wrong + [f"{where}{k} is not always printed" for k in sorted(always & seen) if any(k not in row for row in rows)]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [x for x in (value if isinstance(value, list) else [value]) if isinstance(x, dict)]


def tell_everything(ace: Ace) -> dict[str, list[Any]]:
    """What every command prints with `--json`, in one folder, in turn."""
    told: dict[str, list[Any]] = {}

    def say(command: str, *arguments: str, status: int = 0) -> Any:
        said = ace(*command.split(), *arguments, "--json")
        assert said.status == status, (command, arguments, said.out, said.err)
        form = next((f"{command} {a}" for a in arguments if f"{command} {a}" in FORMS), command)
        told.setdefault(form, []).append(said.json)
        return said.json

    run = say("run", "desk", "--episodes", "20", "--eval", "4", "--retries", "0")
    say("run", "desk", "--episodes", "2", "--eval", "2", "--retries", "0", "--playbook", run["playbook"])
    say("run", "desk", "--dry-run", "--show-prompt", "all")
    told["run --dry-run"].append(ace("run", "desk", "--show-prompt", "generator", "--json").json)
    stopped = ace(
        "run", "desk", "--episodes", "6", "--eval", "4", "--retries", "0", "--seed", "5", "--max-calls", "9", "--json"
    )
    assert stopped.status == 3
    say("run show", run["run"])
    ace("prompts", "export", "own")
    say("run", "desk", "--episodes", "2", "--eval", "2", "--prompts", "own")
    say("run list")
    say("run resume", "--max-calls", "1000")
    say("eval", "desk", "--playbook", run["playbook"], "--eval", "3")
    say("eval", "desk", "--playbook", run["playbook"], "--eval", "3", "--attempts", "2")
    say("eval", "desk", "--playbook", run["playbook"], "--eval", "3", "--attempts", "2", "--dry-run")
    say("compare", "desk", "--arms", "emptyx2,frozen", "--shots", "1", "--seeds", "2", "--episodes", "2", "--eval", "3")
    say("compare", "desk", "--dry-run")
    say("compare list")
    say("compare show")
    say("compare export")
    say("compare extend", "x-", "--seeds", "3")
    say("compare resume")
    _experts(say, run["playbook"])
    say("power", "--n", "50", "--discordance", "0.3")
    Path("tuned.py").write_text(TUNED, encoding="utf-8")
    pair = ("--base", "novice", "--tuned", "tuned.py:model", "--playbook", run["playbook"], "--eval", "3")
    say("attribute", "desk", *pair)
    say("attribute", "desk", *pair, "--dry-run")
    say("ceiling", "desk", "--eval", "4", "--attempts", "2")
    say("ceiling", "desk", "--playbook", run["playbook"], "--eval", "4", "--attempts", "2")
    say("ceiling", "desk", "--playbook", run["playbook"], "--eval", "4", "--attempts", "2", "--dry-run")
    say("episode list", "--run", run["run"], "--phase", "learn", "--verdict", "failure")
    (episode, *_) = say("episode list", "--run", run["run"], "--phase", "learn", "--verdict", "success")
    say("episode show", episode["episode"])
    say("episode show", episode["episode"], "--prompts")
    say("diversity", run["run"])
    say("export trl", run["run"], "--for", "sft", "-o", "rows")
    say("export verl", run["playbook"], "--held-out", "-o", "rows")
    say("faithfulness", run["run"], "--cases", "4")
    say("faithfulness", run["run"], "--cases", "4", "--dry-run")
    Path("past.jsonl").write_text('{"task": "a: b", "messages": [{"role": "assistant", "content": "c"}], "success": true}\n')
    say("learn", "past", "--from", "past.jsonl")
    say("learn", "past", "--from", "past.jsonl", "--dry-run")
    _books(say)
    say("store check")
    say("store backup", "copy.db")
    say("store restore", "copy.db")
    say("store compact")
    say("episode purge", episode["episode"], "--yes")
    say("episode purge", "--run", run["run"], "--yes")
    for name in ("desk", "dataset"):
        say("env show", name)
    say("env list")
    say("strategy list")
    say("strategy show", "ace")
    say("gate list")
    say("gate show", "guards")
    say("env check", "desk")
    say("model check", "novice")
    say("config show", "run")
    say("prompts export", "mine")
    say("prompts check", "mine")
    return told


def _experts(say: Any, name: str) -> None:
    """Two playbooks as experts, in a run, in an evaluation, and compared; and two models, one of which takes some steps."""
    small = ("--eval", "2", "--retries", "0", "--episodes", "3")
    other = say("run", "desk", *small, "--seed", "9", "--playbook", "other")["playbook"]
    chosen = ("--strategy", "experts", "--strategy-set", f"experts={name},{other}", "--strategy-set", "fallback=empty")
    say("run", "desk", *small, *chosen)
    say("eval", "desk", "--playbook", name, "--eval", "2", *chosen)
    experts = f"experts=undecided:{name},refund:{other},fallback=empty"
    arms = [f"--arm={d}=experts:{experts},dispatch={d}" for d in ("oracle", "merged", "prompt")]
    say("compare", "desk", "--arms", "empty", *arms, "--seeds", "1", "--eval", "8")
    say("compare experts")
    oracle = Path(__file__).resolve().parent.parent / "benchmarks" / "oracle_model.py"
    routes = [f"--arm={w}=route:strong={oracle}:Oracle,playbook={name},when={w}" for w in ("never", "always")]
    routes += [f"--arm=random=route:strong={oracle}:Oracle,playbook={name},when=random,share=0.5"]
    say("compare", "desk", "--arms", "empty", *routes, "--seeds", "1", "--eval", "8")
    say("compare routes")


def _books(say: Any) -> None:
    with Store.open("ace.db") as store:
        story = Story(store)
        (a, b, c) = story.added(add("Ask for the order number."), add("Greet by name."), add("Stay calm."))
        lost = story.play(False, [a, b], [a], lesson="Ask first.")
        story.play(True, [a], [a], [b])
        first = revise(a, "Ask for the order number first.", reason="It lost.", episodes=(lost,))
        story.change(first, episodes=(lost,), judgements=[Judgement("guards", "pass", "", {"operations": 1})])
        (d,) = story.added(merge("Greet by name and stay calm.", b, c))
        (e,) = story.added(add("Thank them.", episodes=(lost,)), episodes=(lost,))
        story.change(retire(e))
        (guess,) = story.added(replace(add("Offer a seat."), state="candidate"))
    for id in (a, d, e):  # revised, merged, retired
        say("playbook why", id)
    _reviewed(say)
    say("playbook list")
    say("playbook show", "support")
    say("playbook show", "support@1")
    say("playbook log", "support")
    say("playbook diff", "support@1", "support")
    say("playbook diff", "support@1", "support", "--stat")
    say("playbook stats", "support")
    say("playbook blame", "support")
    say("playbook search", "support", "order number")
    say("playbook fit", "support")
    say("playbook effects", "support")
    say("playbook counterfactual", "support", "desk", "--eval", "2", "--by", "both", "--plays", "2")
    say("playbook counterfactual", "support", "desk", "--eval", "2", "--dry-run")
    say("playbook trust", "support")
    say("playbook trust", "support", "--bullet", a)
    say("playbook quarantine", "support", "--origin", "environment", "--dry-run")
    say("playbook verify")
    say("playbook add", "support", "--section", "Refunds", "--text", "Offer a voucher.")
    say("playbook revise", "support", a, "--text", "Ask for the number first.")
    say("playbook edit", "support")
    say("playbook retire", "support", a)
    say("playbook restore", "support", a)
    say("playbook activate", "support", guess)
    say("playbook pin", "support", a)
    say("playbook unpin", "support", a)
    say("playbook escalate", "support", a)
    say("playbook deescalate", "support", a)
    say("playbook demote", "support", a)
    say("playbook revert", "support", "12")
    say("playbook rollback", "support", "5")
    say("playbook fork", "support", "branch")
    say("playbook add", "branch", "--section", "Refunds", "--text", "Offer a coffee.")
    say("playbook merge", "support", "branch")
    Path("rules.md").write_text("# Rules\n\n- Never shout.\n\nProse.\n", encoding="utf-8")
    for name in ("support", "branch"):
        say("playbook revise", name, d, "--text", f"Be calm, says the {name}.")
    say("playbook merge", "support", "branch", status=1)
    say("playbook import", "rules.md", "rules")
    say("playbook quarantine", "rules", "--origin", "import", "--force")


def _reviewed(say: Any) -> None:
    with Store.open("ace.db") as store:
        story = Story(store, "held")
        [a] = story.added(add("Be kind."))
        for text in ("Be brief.", "Be quick.", "Be loud."):
            story.held(revise(a, text), add(text))
        story.change(revise(a, "Be kind to all."))
    say("review list")
    shown = say("review show", "held", "2")["shown"]
    say("review accept", "held", "2", "--shown", shown)
    say("review refuse", "held", "3")
    say("playbook log", "held")


def test_a_field_that_is_left_out_or_made_up_is_found() -> None:
    assert differences({"a": {"x"}, "b?": set()}, [{"a": [{"x": 1}]}, {"a": {"x": 2}, "b": 1}]) == []
    assert differences({"a": set()}, [{"a": 1, "b": 1}]) == ["b is printed and not described"]
    assert differences({"a": {"x", "y"}}, [{"a": {"x": 1}}]) == ["a.y is described and was never printed"]
    assert differences({"a": set()}, [{"a": {"x": 1}}]) == ["a.x is printed and not described"]
    assert differences({"a": set()}, [[{"a": 1}, {}]]) == ["a is not always printed"]


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/voucher/coupon/")
    return Ace(capsys)
