"""Attempts that were made elsewhere: read in four forms, stored once, refused by line where they cannot be used."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ace
from ace.errors import BadInput, BadSetting, Conflict, UnknownName, UserError
from ace.session.playbook import Playbook
from ace.traces.attempt import Grading, PastAttempt, grade
from ace.traces.reading import attempts, checked, source
from ace.types import Verdict
from tests.command import ace as command
from tests.commands.said import Ace

ANSWERS = {"gold": "refund", "silver": "replace", "basic": "refuse"}
RIGHT, WRONG = ("gold", "refund"), ("gold", "refuse")


def said(tier: str, answer: str) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": "You work at a desk. [rul-secret0000]"},
        {"role": "user", "content": f"tier: {tier}\nitem: lamp"},
        {"role": "assistant", "content": answer},
    ]


def row(tier: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"messages": said(tier, answer), "success": ANSWERS[tier] == answer, **more}


def rows(path: Path, *given: Any) -> Path:
    path.write_text("".join(f"{json.dumps(r)}\n" for r in given))
    return path


def log(*samples: dict[str, Any], **more: Any) -> dict[str, Any]:
    about = {"eval_id": "ev1", "run_id": "run1", "task": "desk"}
    return {"version": 2, "status": "success", "eval": about, "plan": {}, "samples": list(samples), **more}


def sample(id: int, tier: str, answer: str, **scores: Any) -> dict[str, Any]:
    made = {name: {"value": value, "answer": answer, "explanation": f"{name} says so"} for name, value in scores.items()}
    return {"id": id, "epoch": 1, "input": f"tier: {tier}", "messages": said(tier, answer), "scores": made, "error": None}


def part(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "content": text}]


def otlp(trace: str, tier: str, answer: str, score: float, **attributes: str) -> dict[str, Any]:
    asked = [{"role": "user", "parts": part(f"tier: {tier}")}]
    replied = [{"role": "assistant", "parts": part(answer), "finish_reason": "stop"}]
    chat = {"gen_ai.input.messages": json.dumps(asked), "gen_ai.output.messages": json.dumps(replied), **attributes}
    result = [
        {"key": "gen_ai.evaluation.name", "value": {"stringValue": "solved"}},
        {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": score}},
    ]
    spans = [
        {"traceId": trace, "spanId": "a", "name": "invoke_agent", "startTimeUnixNano": "1", "attributes": [],
         "events": [{"name": "gen_ai.evaluation.result", "attributes": result}]},
        {"traceId": trace, "spanId": "b", "parentSpanId": "a", "name": "chat", "startTimeUnixNano": "2",
         "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in chat.items()]},
    ]  # fmt: skip
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": spans}]}]}


def printed(trace: str, tier: str, answer: str, score: float) -> str:
    """Spans as an SDK prints them: values over many lines, one after the other; messages in numbered attributes."""
    attributes = {
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": f"tier: {tier}",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": answer,
        "gen_ai.evaluation.name": "solved",
        "gen_ai.evaluation.score.label": "pass" if score else "fail",
    }
    context = {"trace_id": f"0x{trace}", "span_id": "0x1", "trace_state": "[]"}
    span = {"name": "chat", "context": context, "parent_id": None, "start_time": "2026-01-01", "attributes": attributes}
    return json.dumps(span, indent=4)


def in_rows(at: Path) -> Path:
    return rows(at / "a.jsonl", row(*RIGHT), row(*WRONG))


def in_log(at: Path) -> Path:
    (at / "log.json").write_text(json.dumps(log(sample(1, *RIGHT, match="C"), sample(2, *WRONG, match="I")), indent=2))
    return at / "log.json"


def in_otlp(at: Path) -> Path:
    return rows(at / "spans.jsonl", otlp("t1", *RIGHT, 1.0), otlp("t2", *WRONG, 0.0))


def in_print(at: Path) -> Path:
    (at / "spans.txt").write_text(printed("1", *RIGHT, 1.0) + "\n" + printed("2", *WRONG, 0.0) + "\n")
    return at / "spans.txt"


def in_folder(at: Path) -> Path:
    folder = at / "runs"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(said(*RIGHT)))
    (folder / "two.txt").write_text("refuse")
    (folder / "outcomes.csv").write_text('file,success,task\none.json,pass,\ntwo.txt,fail,"tier: gold"\n')
    return folder


def packed(at: Path) -> Path:
    (at / "a.jsonl.gz").write_bytes(gzip.compress(in_rows(at).read_bytes()))
    return at / "a.jsonl.gz"


def in_array(at: Path) -> Path:
    (at / "a.json").write_text(json.dumps([row(*RIGHT), row(*WRONG)], indent=1))
    return at / "a.json"


FORMS = [in_rows, in_array, packed, in_log, in_otlp, in_print, in_folder]


def read(path: Path, **how: Any) -> list[PastAttempt]:
    return list(attempts(source(path, grading=Grading(**how))))


@pytest.mark.parametrize("made", FORMS)
def test_every_form_gives_task_transcript_and_verdict(made: Callable[[Path], Path], tmp_path: Path) -> None:
    won, lost = read(made(tmp_path))
    assert (won.grade.success, lost.grade.success) == (True, False)
    assert "tier: gold" in won.task
    assert "tier: gold" in lost.task
    assert won.key != lost.key
    assert "refund" in json.dumps(won.transcript)
    assert "refuse" in json.dumps(lost.transcript)


@pytest.mark.parametrize("made", FORMS)
def test_they_enter_as_episodes_of_the_door_once(made: Callable[[Path], Path], tmp_path: Path) -> None:
    path = made(tmp_path)
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        first, again = playbook.import_attempts(path), playbook.import_attempts(path)
        assert (first.new, first.known, first.won, first.lost) == (2, 0, 1, 1)
        assert (again.new, again.known) == (0, 2)
        episodes = playbook.store.episodes(limit=None)
        assert sorted(e.outcome.verdict.value for e in episodes) == ["failure", "success"]
        assert {e.origin for e in episodes} == {f"import:{path.name}"}
        assert {e.phase for e in episodes} == {"learn"}
        assert all("rul-secret0000" not in s.action for e in episodes for s in e.steps), "a system prompt is no speech"
        assert all(not e.render.exposures for e in episodes), "nothing was shown to them"
        assert playbook.learn().reflections == 2


def test_lessons_come_out_of_files(tmp_path: Path) -> None:
    given = [row(t, a, id=f"{t}{a}{n}") for n in range(5) for t in ANSWERS for a in ANSWERS.values()]
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        playbook.import_attempts(rows(tmp_path / "a.jsonl", *given))
        playbook.learn()
        texts = "\n".join(b.text for b in playbook.bullets())
    assert '"gold"' in texts
    assert '"refund"' in texts


def test_attempts_that_are_alike_are_each_counted(tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", row(*RIGHT), row(*RIGHT), row(*RIGHT))
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        assert [playbook.import_attempts(path).new for _ in range(2)] == [3, 0]


def test_a_name_stands_in_a_file_once(tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", row(*RIGHT, id="one"), row(*WRONG, id="two"), {**row(*RIGHT, id="one"), "success": False})
    with pytest.raises(BadInput, match=r"line 3: 'one' stands in .* already"):
        checked(source(path))
    folder = in_folder(tmp_path)
    (folder / "outcomes.csv").write_text("file,success,task\ntwo.txt,pass,x\ntwo.txt,fail,x\n")
    with pytest.raises(BadInput, match=r"line 3: 'two.txt' stands in"):
        checked(source(folder))


def test_an_unknown_verdict_is_left_out_and_counted(tmp_path: Path) -> None:
    given = [row(*RIGHT), {**row(*WRONG), "success": None}, {**row(*WRONG), "success": "unknown"}]
    found = checked(source(rows(tmp_path / "a.jsonl", *given)))
    assert (found.won, found.lost, found.unknown) == (1, 0, 2)
    broken = {**sample(1, *WRONG, match="I"), "error": {"message": "out of memory"}}
    path = rows(tmp_path / "log.json", log(broken, sample(2, *RIGHT, match="C")))
    found = checked(source(path))
    assert (found.won, found.lost, found.unknown) == (1, 0, 1), "a broken sample says nothing of the agent"


def test_a_score_is_a_verdict_from_the_threshold_on(tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", *({"messages": said(*RIGHT), "reward": r} for r in (0, 0.4, 0.7, 1.0)))
    assert [a.grade.success for a in read(path)] == [False, False, False, True]
    assert [(a.grade.success, a.grade.score) for a in read(path, at_least=0.5)][2] == (True, 0.7)


def test_one_scorer_of_several_is_named(tmp_path: Path) -> None:
    path = rows(tmp_path / "log.json", log(sample(1, *RIGHT, match="C", graded={"style": 0.0, "truth": 1})))
    with pytest.raises(BadInput, match="match, graded; name one with --outcome"):
        read(path)
    assert [a.grade.success for a in read(path, outcome="graded/style")] == [False]
    with pytest.raises(BadInput, match="graded/style, graded/truth"):
        read(path, outcome="graded")
    with pytest.raises(UnknownName, match=r"log.json, sample 1: unknown scorer 'mach'; did you mean 'match'"):
        read(path, outcome="mach")


def test_calls_of_tools_and_their_results_are_steps(tmp_path: Path) -> None:
    call = {"id": "c1", "function": "look_up", "arguments": {"order": 7}, "type": "function"}
    messages = [*said(*RIGHT)[:2], {"role": "assistant", "content": "", "tool_calls": [call]},
                {"role": "tool", "content": "shipped", "function": "look_up"}, said(*RIGHT)[2]]  # fmt: skip
    path = rows(tmp_path / "log.json", log({**sample(1, *RIGHT, match="C"), "messages": messages}))
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        playbook.import_attempts(path)
        steps = playbook.store.episodes()[0].steps
    assert "look_up(" in steps[0].action
    assert steps[0].observation
    assert steps[0].observation.text == "shipped"
    assert steps[-1].action == "refund"


def test_the_right_answer_of_a_log_is_not_read(tmp_path: Path) -> None:
    path = rows(tmp_path / "log.json", log({**sample(1, *WRONG, match="I"), "target": "the-right-answer"}))
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        playbook.import_attempts(path)
        assert "the-right-answer" not in repr(playbook.store.episodes()[0])


def test_origins_come_from_the_caller_or_the_row(tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", row(*RIGHT), row(*WRONG, origin="alice@example.com"))
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        playbook.import_attempts(path, origin=ace.UNVERIFIED)
        found = {e.origin: e.trust.value for e in playbook.store.episodes()}
    assert found == {"unverified": "untrusted", "alice@example.com": "trusted"}
    with pytest.raises(BadInput, match="line 1: the origin 'person' is reserved"):
        read(rows(tmp_path / "b.jsonl", row(*RIGHT, origin="person")))


def test_another_verdict_for_a_stored_attempt_is_refused(tmp_path: Path) -> None:
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        playbook.import_attempts(rows(tmp_path / "a.jsonl", row(*RIGHT)))
        with pytest.raises(Conflict, match="line 1: this attempt is stored as a success"):
            playbook.import_attempts(rows(tmp_path / "a.jsonl", {**row(*RIGHT), "success": False}))
        assert playbook.store.episodes()[0].outcome.verdict is Verdict.SUCCESS


def test_a_broken_line_stores_nothing(tmp_path: Path) -> None:
    path = rows(tmp_path / "a.jsonl", *[row(*RIGHT, id=n) for n in range(50)], {"messages": said(*RIGHT)})
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        with pytest.raises(BadInput, match=r"a.jsonl, line 51: the row has no outcome \(success, outcome"):
            playbook.import_attempts(path)
        assert not playbook.store.episodes()


def message(**second: Any) -> str:
    """A row of which the second message is loosely typed."""
    return json.dumps({"messages": [{"role": "user", "content": "hi"}, second, *said(*RIGHT)], "success": True})


NO_FORM = "has none of the forms that are read"
BAD: list[tuple[str, str]] = [
    ("", "a.json holds nothing; accepted are inspect"),
    (" \n\n", "a.json holds nothing; accepted are inspect"),
    ('{"messages": ' + "[" * 100_000, "line 1: this cannot be used: it is nested too deeply|line 1: this is not JSON"),
    ("plain words", "a.json holds no JSON object or array; accepted are inspect"),
    ('"x"', "a.json holds no JSON object or array; accepted are inspect"),
    ("{}", f"{NO_FORM}: its first row has no fields; accepted"),
    ('{"eval": {"task": "desk"}, "status": "error"}', f"{NO_FORM}: it is a log of Inspect without samples; accepted"),
    ('{"messages": "hi", "success": true}', f"{NO_FORM}: messages in its first row is not a list; messages must be a list"),
    ('{"a": 1}\n', f"{NO_FORM}: its first row has 'a'"),
    ("[1, 2]", f"{NO_FORM}: it holds no JSON objects"),
    ("[]", NO_FORM),
    ('{"messages": []}\n', "line 1: the row has no task"),
    ('{"messages": ["hi"], "success": true}\n', "line 1: message 1 is not an object with a role"),
    ('{"messages": [{"role": "assistant", "content": "x"}], "success": true}\n', "line 1: the row has no task"),
    (json.dumps({**row(*RIGHT), "success": "maybe"}), "line 1: the outcome is 'maybe'; it must be true or false"),
    (json.dumps({**row(*RIGHT), "success": 3}), "line 1: the outcome is 3; a score is from 0 to 1"),
    (json.dumps({**row(*RIGHT), "success": [1]}), r"line 1: the outcome is '\[1\]'"),
    (json.dumps(row(*RIGHT)) + "\n{broken\n", "line 2: this is not JSON"),
    (json.dumps(row(*RIGHT)) + "\n[1]\n", "line 2: this is not a JSON object"),
    (json.dumps({**row(*RIGHT), "kind": "a\nb"}), "line 1: the kind .* control character"),
    (json.dumps({**row(*RIGHT), "success": None}), "nothing to learn from: 1 attempt stands in it"),
    (json.dumps(log()), "the log has no samples; its status is 'success'"),
    (json.dumps(log({"id": 1, "scores": {}})), "sample 1: the sample has no input text"),
    (json.dumps(log(sample(1, *RIGHT, match="Z"))), "sample 1: the outcome is 'Z'"),
    ('{"resourceSpans": 5}', "resourceSpans is not a list of objects"),
    (json.dumps({"resourceSpans": []}), "no attempt stands in it"),
    ('{\n "a": {\n', r"line 3: this is not JSON"),
    (message(role="user", content=5), "line 1: message 2 has the content 5; it must be text, or a list of parts"),
    (message(role="user", content=None), "line 1: message 2 has the content null; it must be text"),
    (message(role="tool"), "line 1: message 2 has the content null; it must be text"),
    (message(role="assistant", content=True), "line 1: message 2 has the content true; it must be text"),
    (message(role="assistant", content=["a", 3]), "line 1: message 2 has the content a list with 3; it must be text"),
    (message(role="assistant", content=[["a"]]), r'line 1: message 2 has the content a list with \["a"\]; it must be text'),
    (message(content="x"), "line 1: message 2 is not an object with a role"),
    (message(role="", content="x"), "line 1: message 2 is not an object with a role"),
    (message(role=3, content="x"), "line 1: message 2 has the role 3; it must be text"),
    (message(type=["call"], content="x"), r'line 1: message 2 has the type \["call"\]; it must be text'),
    (
        message(role="assistant", content="x", n=10**4299).replace("0}", "00}"),
        "line 1: this cannot be used: it holds a number with",
    ),
    ('[{"n": ' + "9" * 5000 + "}]", "line 1: this cannot be used: it holds a number with too many digits"),
    (
        '{"eval": {},\n"samples": [{"n": ' + "9" * 5000 + "}]}",
        "line .: this is not JSON: it holds a number with too many digits",
    ),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_what_cannot_be_read_is_refused_by_line(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadInput, match=why):
        checked(source(tmp_path / "a.json"))


def test_the_agent_may_say_nothing_where_it_calls_a_tool_and_parts_may_be_texts_or_objects(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "look", "arguments": "{}"}}
    loose = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"type": "function_call", "name": "look", "arguments": "{}"},
        {"role": "tool", "content": [{"type": "text", "text": "gold"}, "and old"]},
        {"role": "model", "parts": [{"text": "refund"}]},
    ]
    path = rows(tmp_path / "a.jsonl", {"messages": [*said(*RIGHT)[:2], *loose], "success": True})
    assert checked(source(path)).won == 1


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_rows_longer_than_what_is_read_at_once_are_read_whole(end: str, tmp_path: Path) -> None:
    # A line end may fall on either side of what is read at once, 64 KiB.
    for size in (*range(65_440, 65_560, 7), 200_001):
        given = [row(*RIGHT, id=n, pad="x" * size) for n in range(3)]
        (tmp_path / "a.jsonl").write_bytes(end.join(map(json.dumps, given)).encode())
        found = list(attempts(source(tmp_path / "a.jsonl")))
        assert [a.key for a in found] == ["0", "1", "2"]
        assert [a.where.rpartition(" ")[2] for a in found] == ["1", "2", "3"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_named(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(row(*RIGHT)), encoding=encoding)
    with pytest.raises(BadInput, match="line 1: this is not UTF-8 text"):
        checked(source(tmp_path / "a.jsonl"))


def test_a_form_that_is_wrong_for_the_file_is_refused(tmp_path: Path) -> None:
    path, folder = in_rows(tmp_path), in_folder(tmp_path)
    for given, form, why in (
        (path, "inspekt", "did you mean 'inspect'"),
        (path, "transcripts", "is a file; transcripts are a folder"),
        (folder, "otel", "is a folder; the form otel is a file"),
        (tmp_path / "none", "", "does not exist"),
    ):
        with pytest.raises(UserError, match=why):
            source(given, form)
    for form, why in (("otel", "it has no traceId"), ("inspect", "not a log of Inspect")):
        with pytest.raises(BadInput, match=why):
            checked(source(path, form))
    (tmp_path / "a.eval").write_bytes(b"PK\x03\x04rest")
    with pytest.raises(BadInput, match="inspect log convert --to json"):
        source(tmp_path / "a.eval")


def test_a_row_of_a_folder_leads_to_no_file_outside(tmp_path: Path) -> None:
    folder = in_folder(tmp_path)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        (folder / "outcomes.csv").write_text(f"file,success,task\n{name},pass,x\n")
        with pytest.raises(BadInput, match=r"line 2: .* leads out of"):
            read(folder)
    for table, why in (
        ("file,success,task\nnone.txt,pass,x\n", "line 2: there is no file 'none.txt'"),
        ("file,success\ntwo.txt,pass\n", "line 2: the task is not known"),
        ("success\npass\n", "line 1: none of the columns is called file"),
        ("file,won\ntwo.txt,pass\n", "line 1: none of the columns is called success"),
    ):
        (folder / "outcomes.csv").write_text(table)
        with pytest.raises(BadInput, match=why):
            read(folder)


def test_words_for_verdicts() -> None:
    assert [grade(w, "x").success for w in ("C", "Passed", "yes", 1, True, "1.0")] == [True] * 6
    assert [grade(w, "x").success for w in ("I", "N", "failed", 0, False, "P")] == [False] * 6
    assert [grade(w, "x").success for w in (None, "", "invalid")] == [None] * 3


@pytest.mark.parametrize("value", ["NaN", '"NaN"', '" nan "', "-Infinity", "Infinity", "1e400", "-1e400", '"inf"', '"-inf"'])
def test_a_number_that_is_no_score_is_refused_by_line(value: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        json.dumps(row(*RIGHT)) + "\n" + json.dumps({"messages": said(*WRONG)})[:-1] + f', "reward": {value}}}\n'
    )
    with pytest.raises(BadInput, match=r"a.jsonl, line 2: the outcome is (nan, and nan is not a score|-?inf; a score is from)"):
        checked(source(tmp_path / "a.jsonl"))


def test_inspect_leaves_a_sample_without_a_score_as_nan(tmp_path: Path) -> None:
    found = checked(
        source(rows(tmp_path / "log.json", log(sample(1, *RIGHT, match=float("nan")), sample(2, *RIGHT, match="C"))))
    )
    assert (found.won, found.unknown) == (1, 1)


def test_what_a_sample_has_in_the_place_of_a_verdict_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unscored = [sample(n, *RIGHT, match=float("nan")) for n in (1, 2)]
    broken = {**sample(3, *WRONG, match="I"), "error": {"message": "out of memory"}}
    bare = [{**sample(4, *WRONG), "scores": {}}, sample(5, *WRONG, match=None)]
    why = "(2 with a score of nan, 1 with an error, 1 with no score, 1 with an empty score)"
    path = rows(tmp_path / "log.json", log(*unscored, broken, *bare, sample(6, *RIGHT, match="C")))
    told = Ace(capsys)("learn", "book", "--from", str(path), "--dry-run", "--store", str(tmp_path / "s.db")).err
    assert told.startswith(f"read {path} (inspect): 1 won, 0 lost; 5 without a verdict, left out {why}\n")
    with pytest.raises(BadInput, match=r"none has an outcome \(2 with a score of nan\); outcomes are called match"):
        checked(source(rows(tmp_path / "log.json", log(*unscored))))


def test_an_attempt_without_a_reply_of_the_agent_is_refused(tmp_path: Path) -> None:
    asked = said(*RIGHT)[:2]
    looked = [*asked, {"role": "tool", "content": "gold"}]
    for messages in (asked, asked[1:], looked):
        with pytest.raises(BadInput, match=r"a.jsonl, line 2: the attempt has no reply of the agent"):
            checked(source(rows(tmp_path / "a.jsonl", row(*RIGHT), {"messages": messages, "success": True})))
    silent = {**sample(1, *RIGHT, match="C"), "messages": asked}
    with pytest.raises(BadInput, match="sample 1: the attempt has no reply of the agent"):
        checked(source(rows(tmp_path / "log.json", log(silent))))
    folder = in_folder(tmp_path)
    (folder / "one.json").write_text(json.dumps(asked))
    with pytest.raises(BadInput, match=r"outcomes.csv, line 2: the attempt has no reply of the agent"):
        checked(source(folder))


def test_a_name_of_an_outcome_that_no_trace_has_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match="2 attempts stand in it, and none has an outcome called 'solvd'; outcomes are called solved"
    ):
        checked(source(in_otlp(tmp_path), grading=Grading("solvd")))


def test_learn_from_the_command_line(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "a.jsonl", *[row(t, a, id=f"{t}{a}{n}") for n in range(4) for t in ANSWERS for a in ANSWERS.values()]
    )
    plan = command("learn", "desk", "--from", "a.jsonl", "--dry-run", "--store", "s.db", cwd=tmp_path)
    assert plan.returncode == 0
    assert "36 attempts" in plan.stderr
    assert not (tmp_path / "s.db").exists()
    done = command("learn", "desk", "--from", str(path), "--store", "s.db", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert (found["from"]["new"], found["reflections"], found["bullets"] > 0) == (36, 36, True)
    again = command("learn", "desk", "--from", "a.jsonl", "--store", "s.db", cwd=tmp_path)
    assert "0 attempts stored, 36 were there already" in again.stderr
    assert "Nothing new to learn from" in again.stdout
    for wrong, why in (
        (("--from", "none.json"), "does not exist"),
        (("--outcome", "x"), "name one with --from"),
        (("--from", "a.jsonl", "--at-least", "nan"), "--at-least is nan"),
        (("--from", "a.jsonl", "--model", "nowhere"), "unknown model"),
    ):
        refused = command("learn", "other", *wrong, "--store", "s.db", cwd=tmp_path)
        assert (refused.returncode, why in refused.stderr) == (2, True), refused.stderr


def test_a_threshold_that_cannot_be_is_refused(tmp_path: Path) -> None:
    playbook: Playbook
    with ace.open("desk", store=tmp_path / "s.db") as playbook:
        for wrong in (0, -1, 2, float("nan"), True):
            with pytest.raises(BadSetting, match="at_least"):
                playbook.import_attempts(in_rows(tmp_path), at_least=wrong)
