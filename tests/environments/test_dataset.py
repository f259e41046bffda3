"""Questions from files: what is read, what is told, and what is refused with file and line."""

from __future__ import annotations

import gzip
import json
import os
import random
import tracemalloc
from collections.abc import Sequence, Sized
from pathlib import Path

import pytest

from ace.environments.dataset import Dataset
from ace.environments.registry import open_environment
from ace.environments.usable import require_methods
from ace.errors import BadInput, BadSetting, UnknownName, UserError
from ace.types import SPLITS, Observation, Outcome, Task, Verdict

TRAIN = [{"prompt": "Capital of France?", "answer": "Paris"}, {"id": "it", "prompt": "Capital of Italy?", "answer": "Rome"}]
HELD_OUT = [{"prompt": "Capital of Spain?", "answer": "Madrid"}]
CITIES = ["Paris", "Rome", "Madrid"]
DATA = Path(os.environ.get("ACE_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def _write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def _dataset(folder: Path, train: Sequence[object] = TRAIN, held_out: Sequence[object] = HELD_OUT, **settings: str) -> Dataset:
    pairs = {"train": str(_write(folder / "train.jsonl", train)), "eval": str(_write(folder / "eval.jsonl", held_out))}
    made = open_environment("dataset", pairs | settings)
    assert isinstance(made, Dataset)
    return made


def _choices(folder: Path, choices: object = CITIES) -> str:
    path = folder / "choices.json"
    path.write_text(json.dumps(choices))
    return str(path)


def _answer(dataset: Dataset, task: Task, reply: str) -> Outcome:
    came = dataset.open(task, 0).act(reply)
    assert isinstance(came, Outcome)
    return came


def test_rows_become_tasks_in_order_with_ids_of_their_own_or_by_line(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path)
    assert [(t.id, t.text, t.split) for t in dataset.tasks("train")] == [
        ("train-1", "Capital of France?", "train"),
        ("it", "Capital of Italy?", "train"),
    ]
    assert [(t.id, t.split) for t in dataset.tasks("test")] == [("test-1", "test")]
    assert list(dataset.tasks("val")) == []


def test_the_number_of_rows_is_known_and_they_can_be_gone_through_again(tmp_path: Path) -> None:
    tasks = _dataset(tmp_path).tasks("train")
    assert isinstance(tasks, Sized)
    assert len(tasks) == 2
    assert list(tasks) == list(tasks)


def test_the_answer_is_not_in_what_is_seen(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path)
    task = next(iter(dataset.tasks("train")))
    assert dataset.open(task, 0).first == Observation("Capital of France?")


def test_choices_are_listed_as_answers(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path, scorer="choice", choices=_choices(tmp_path))
    task = next(iter(dataset.tasks("test")))
    assert dataset.open(task, 0).first.answers == tuple(CITIES)
    assert _answer(dataset, task, "Answer: madrid").success
    assert not _answer(dataset, task, "Madrid Rome").success


def test_a_row_may_list_choices_of_its_own(tmp_path: Path) -> None:
    rows = [
        {"prompt": "Which?", "answer": "b", "choices": ["a", "b"]},
        {"prompt": "Which?", "answer": "c", "choices": ["c", "d"]},
    ]
    held_out = [{"prompt": "Which?", "answer": "e", "choices": ["e", "f"]}]
    dataset = _dataset(tmp_path, rows, held_out, scorer="choice")
    assert [dataset.open(t, 0).first.answers for t in dataset.tasks("train")] == [("a", "b"), ("c", "d")]


def test_oracle_is_right_and_chance_is_sometimes_wrong(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path, scorer="choice", choices=_choices(tmp_path))
    for split in SPLITS:
        for task in dataset.tasks(split):
            policy = dataset.oracle(task)
            assert policy is not None
            assert _answer(dataset, task, policy(dataset.open(task, 0).first)).success
    task = next(iter(dataset.tasks("train")))
    blind = [dataset.random(task, random.Random(seed)) for seed in range(40)]
    won = {_answer(dataset, task, policy(dataset.open(task, 0).first)).success for policy in blind if policy}
    assert won == {True, False}


def test_without_choices_there_is_no_chance_to_measure(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path)
    assert dataset.random(next(iter(dataset.tasks("train"))), random.Random(0)) is None


def test_the_right_answer_is_told_on_training_rows_only_and_only_when_asked_for(tmp_path: Path) -> None:
    _write(tmp_path / "val.jsonl", [{"prompt": "Capital of Peru?", "answer": "Lima"}])
    telling = _dataset(tmp_path, reveal="true", val=str(tmp_path / "val.jsonl"))
    told = {s: {_answer(telling, t, r).feedback for t in telling.tasks(s) for r in ("Paris", "junk")} for s in SPLITS}
    assert told == {"train": {"The right answer: Paris", "The right answer: Rome"}, "val": {""}, "test": {""}}
    silent = _dataset(tmp_path)
    assert {_answer(silent, t, "junk").feedback for t in silent.tasks("train")} == {""}


def test_numbers_keep_their_form_and_are_compared_as_numbers(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path, ['{"prompt": "1+1", "answer": 2.00}'], [{"prompt": "2+2", "answer": 4}], scorer="numeric")
    task = next(iter(dataset.tasks("train")))
    assert task.data["answer"] == "2.00"
    assert _answer(dataset, task, "$2.00").success
    assert not _answer(dataset, task, "2 or 3").success


def test_patterns_are_answers_too(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path, [{"prompt": "A year", "answer": r"\d{4}"}], scorer="regex")
    task = next(iter(dataset.tasks("train")))
    assert _answer(dataset, task, "1984").success
    assert not _answer(dataset, task, r"\d{4}").success
    assert dataset.oracle(task) is None


def test_a_function_in_a_file_scores_replies(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def near(reply, answer):\n    return 1.0 if reply[0] == answer[0] else 1 / 0\n")
    dataset = _dataset(tmp_path, scorer=f"{tmp_path}/mine.py:near", reveal="yes")
    task = next(iter(dataset.tasks("train")))
    assert _answer(dataset, task, "Pisa").success
    broken = _answer(dataset, task, "Rome")
    assert broken.verdict is Verdict.INVALID
    assert "ZeroDivisionError" in broken.reason
    assert broken.feedback == ""


def test_rows_that_stand_twice_are_kept_and_told_apart(tmp_path: Path) -> None:
    tasks = list(_dataset(tmp_path, [TRAIN[0]] * 3).tasks("train"))
    assert [t.text for t in tasks] == ["Capital of France?"] * 3
    assert len({t.id for t in tasks}) == len({t.key for t in tasks}) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([TRAIN[0], "{nonsense"], "train.jsonl, line 2: this is not JSON"),
        ([TRAIN[0], "", '{"prompt": "a", "answer": NaN}'], "train.jsonl, line 3: this cannot be used: NaN"),
        (["[" * 100_000], "train.jsonl, line 1: this cannot be used: it is nested too deeply"),
        (["[1]"], "train.jsonl, line 1: this is not a JSON object"),
        (['{"prompt": "\\ud800", "answer": "a"}'], "train.jsonl, line 1: this cannot be used: it holds half a surrogate"),
        ([TRAIN[0], {"question": "a", "answer": "b"}], "train.jsonl, line 2: the row has no 'prompt'"),
        ([{"prompt": "a", "anwser": "b"}], "did you mean 'anwser'?"),
        ([{"prompt": "a"}], "train.jsonl, line 1: the row has no 'answer'"),
        ([{"prompt": " ", "answer": "b"}], "train.jsonl, line 1: 'prompt' is empty"),
        ([{"prompt": ["a"], "answer": "b"}], "train.jsonl, line 1: 'prompt' must be text, not a list"),
        ([{"prompt": "a", "answer": None}], "train.jsonl, line 1: 'answer' must be text, not null"),
        ([{"prompt": "a", "answer": "x" * 10_001}], "train.jsonl, line 1: the answer has 10001 characters"),
        (
            [{"id": "i", "prompt": "a", "answer": "b"}, {"id": "i", "prompt": "c", "answer": "d"}],
            "train.jsonl, line 2: the id 'i' stands",
        ),
        ([{"id": "a\nb", "prompt": "a", "answer": "b"}], "train.jsonl, line 1: 'id' must be"),
        ([{"prompt": "a", "answer": "c", "choices": ["a", "b"]}], "the answer 'c' is not among the 2 choices"),
        ([{"prompt": "a", "answer": "a", "choices": ["a", "a"]}], "the choice 'a' is listed twice"),
        ([{"prompt": "a", "answer": "a", "choices": []}], "choices must be a JSON list of texts, not an empty list"),
        ([], "train.jsonl is empty"),
        (["", "  "], "train.jsonl is empty"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_file_and_line(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        _dataset(tmp_path, rows).tasks("test")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x7fELF\0\0\1", "line 1: this is binary"),
        (b"\xff\xfe{}", "line 1: this is not UTF-8 text"),
        (b'{"prompt": "caf\xe9"}', "UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    dataset = _dataset(tmp_path)
    (tmp_path / "eval.jsonl").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        dataset.tasks("train")


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    rows = _write(tmp_path / "rows.jsonl", TRAIN)
    with pytest.raises(BadInput, match=r"absent\.jsonl does not exist$"):
        Dataset(train=tmp_path / "absent.jsonl", eval=rows).tasks("train")
    with pytest.raises(BadInput, match=f"{tmp_path} is a folder"):
        Dataset(train=rows, eval=tmp_path).tasks("train")
    with pytest.raises(BadInput, match=r"nothing\.json does not exist"):
        Dataset(train=rows, eval=rows, choices=tmp_path / "nothing.json").tasks("train")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path)
    (tmp_path / "train.jsonl").write_bytes(b'\xef\xbb\xbf{"prompt": "a", "answer": "b"}\r\n\r\n{"prompt": "c", "answer": "d"}')
    assert [t.text for t in dataset.tasks("train")] == ["a", "c"]


def test_held_out_rows_that_are_learned_from_are_counted_and_the_first_is_shown(tmp_path: Path) -> None:
    held_out = [*HELD_OUT, {"prompt": "Capital  of Italy? ", "answer": "Roma"}, TRAIN[0] | {"id": "other"}]
    with pytest.raises(BadInput) as caught:
        _dataset(tmp_path, TRAIN, held_out).tasks("train")
    train, test = tmp_path / "train.jsonl", tmp_path / "eval.jsonl"
    assert str(caught.value).startswith(f"{test} shares 2 rows with {train}, the first at {test}, line 2 and {train}, line 2;")


def test_an_answer_that_is_no_choice_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"train\.jsonl, line 1: the answer 'Pariss' is not among the 3 choices; the nearest is 'Paris'"
    ):
        _dataset(tmp_path, [{"prompt": "a", "answer": "Pariss"}], choices=_choices(tmp_path)).tasks("train")


@pytest.mark.parametrize("choices", [[], {}, "Paris", ["Paris", None], ["Paris", " "], ["Paris", "Paris"]])
def test_choices_that_are_no_list_of_different_texts_are_refused(tmp_path: Path, choices: object) -> None:
    with pytest.raises(BadInput, match=r"choices\.json: "):
        _dataset(tmp_path, choices=_choices(tmp_path, choices)).tasks("train")


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"scorer": "exakt"}, UnknownName, "did you mean 'exact'"),
        ({"tolerance": "2", "scorer": "numeric"}, BadSetting, "from 0 to 1"),
        ({"tolerance": "0.1"}, BadSetting, "scorer=numeric"),
        ({"tolerance": "nan"}, BadSetting, "a finite number"),
        ({"reveal": "perhaps"}, BadSetting, "true or false"),
        ({"trian": "x"}, UnknownName, "did you mean 'train'"),
        ({"scorer": "choice"}, BadInput, "line 1: scorer=choice needs choices"),
        ({"scorer": "numeric"}, BadInput, "line 1: the answer 'Paris' is not a number"),
        ({"scorer": "./absent.py:score"}, BadInput, "does not exist"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    tmp_path: Path, settings: dict[str, str], kind: type[UserError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        _dataset(tmp_path, **settings).tasks("train")
    assert message in str(caught.value)


def test_a_pattern_that_could_hang_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 1: the pattern"):
        _dataset(tmp_path, [{"prompt": "a", "answer": "(a+)+b"}], scorer="regex").tasks("train")


def test_a_file_that_changes_after_the_check_is_not_read_on(tmp_path: Path) -> None:
    tasks = _dataset(tmp_path).tasks("train")
    _write(tmp_path / "train.jsonl", [*TRAIN, HELD_OUT[0]])
    with pytest.raises(BadInput, match="has changed"):
        list(tasks)


def test_a_large_file_is_never_held(tmp_path: Path) -> None:
    rows = [json.dumps({"prompt": f"{n} " + "word " * 1000, "answer": "x"}) for n in range(600)]
    dataset = _dataset(tmp_path, rows)
    size = (tmp_path / "train.jsonl").stat().st_size
    del rows
    tracemalloc.start()
    count = sum(1 for _ in dataset.tasks("train"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 600
    assert peak < size / 5


@pytest.mark.skipif(not (DATA / "finer").is_dir(), reason=f"the filings are not at {DATA}; set ACE_DATA")
@pytest.mark.parametrize(
    ("name", "settings", "rows"),
    [
        ("finer", {"scorer": "choice", "choices": "choices.json", "reveal": "true"}, (1200, 400)),
        ("formula", {"scorer": "numeric"}, (500, 300)),
    ],
)
def test_real_questions_load_their_answers_are_right_and_junk_is_wrong(
    name: str, settings: dict[str, str], rows: tuple[int, int]
) -> None:
    folder = DATA / name
    pairs = {"train": str(folder / "train.jsonl"), "eval": str(folder / "val.jsonl")} | settings
    if "choices" in pairs:
        pairs["choices"] = str(folder / pairs["choices"])
    dataset = open_environment("dataset", pairs)
    train, test = list(dataset.tasks("train")), list(dataset.tasks("test"))
    assert (len(train), len(test)) == rows
    assert not {t.key for t in train} & {t.key for t in test}
    for task in [*train, *test]:
        scene, policy = dataset.open(task, 0), dataset.oracle(task)
        assert policy is not None
        outcomes = [
            scene.act(policy(scene.first)),
            *(scene.act(j) for j in ("", "I do not know", f"{task.data['answer']} or 7")),
        ]
        assert [o.success for o in outcomes if isinstance(o, Outcome)] == [True, False, False, False]


FORMS: dict[str, bytes] = {
    "JSON array": b'[{"q": "one, two", "label": 1},\n {"q": "line\\nend", "label": "b"}]\n',
    "pretty JSON array": b'\n[\n  {\n    "q": "one, two",\n    "label": 1\n  },\n  {"q": "line\\nend", "label": "b"}\n]',
    "JSON Lines": b'{"q": "one, two", "label": 1}\n{"q": "line\\nend", "label": "b"}\n',
    "comma": b'q,label\n"one, two",1\n"line\nend",b\n',
    "windows": b'\xef\xbb\xbfq,label\r\n"one, two",1\r\n\r\n"line\nend",b\r\n',
    "old Macintosh": b'q,label\r"one, two",1\r\r"line\nend",b\r',
    "old Macintosh JSON Lines": b'\xef\xbb\xbf{"q": "one, two", "label": 1}\r\r{"q": "line\\nend", "label": "b"}',
    "mixed line ends": b'q,label\n"one, two",1\r\n\r"line\nend",b\r',
    "semicolon": b'label;q\n1;one, two\nb;"line\nend"\n',
    "tab": b'label\tq\n1\tone, two\nb\t"line\nend"',
    "quoted header": b'"q","label"\n"one, two","1"\n"line\nend","b"\n',
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_by_content_whatever_the_file_is_called(tmp_path: Path, form: str, packed: bool) -> None:
    dataset = _dataset(tmp_path, held_out=[{"q": "z", "label": "z"}], prompt="q", answer="label")
    (tmp_path / "train.jsonl").write_bytes(gzip.compress(FORMS[form], mtime=0) if packed else FORMS[form])
    assert [(t.text, t.data["answer"]) for t in dataset.tasks("train")] == [("one, two", "1"), ("line\nend", "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PAR1\x15\x04", "train.jsonl is Parquet; it must be JSON Lines, a JSON array of objects, or CSV"),
        (b"PK\x03\x04\x14", "is a zip archive or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an old Excel workbook"),
        ("q,label\na,b\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
        ("q,label\na,b\n".encode("utf-16-le"), "UTF-16; save it as UTF-8"),
        (gzip.compress(b"q,label\na,b\n", mtime=0)[:-6], "is a gzip file that is broken or cut off"),
        (gzip.compress(b"PAR1", mtime=0), "is Parquet"),
        (b"", "train.jsonl is empty"),
        (gzip.compress(b"", mtime=0), "train.jsonl is empty"),
        (b"[]", "train.jsonl is empty"),
        (b"q,label\n", "train.jsonl is empty"),
        (b"question,label\na,b\n", "line 1: read as CSV, it has no column 'q'; it has 'question', 'label'; name the columns"),
        (b"q,label,q\na,b,c\n", "line 1: the column 'q' stands twice"),
        (b'q,label\n"a\nb",c\nonly\n', "line 4: the row has 1 cells, and the header has 2"),
        (b"q,label\na,b,c\n", "line 2: the row has 3 cells, and the header has 2"),
        (b'q,label\na,"b\n', "line 2: this row of CSV cannot be read"),
        (b"q,label\n ,b\n", "line 2: 'q' is empty"),
        (b"q,label\ra,b\r\n ,b\r", "line 3: 'q' is empty"),
        (b"q,label\ncaf\xe9,b\n", "line 2: this is not UTF-8 text"),
        (b'[{"q": "a", "label": "b"},\n{"q": "c"}]', "line 2: the row has no 'label'"),
        (b'[{"q": "a", "label": "b"}\n{"q": "c"}]', "line 2: this is not JSON"),
        (b'[{"q": "a", "label": "b"}', "this is not JSON: the array goes on without a comma or does not end"),
        (b'[{"q": "a", "label": "b"},]', "a comma before the end of the array"),
        (b'[{"q": "a", "label": "b"}] x', "something stands behind the end"),
        (b'[{"q": "a", "label": "b"}, 3]', "line 1: this is not a JSON object"),
        (b'[{"q": "a", "lab', "line 1: this is not JSON"),
    ],
)
def test_a_file_in_another_form_is_refused_in_one_line_that_says_what_it_is(
    tmp_path: Path, content: bytes, message: str
) -> None:
    dataset = _dataset(tmp_path, held_out=[{"q": "z", "label": "z"}], prompt="q", answer="label")
    (tmp_path / "train.jsonl").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        dataset.tasks("train")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_large_json_array_is_streamed(tmp_path: Path) -> None:
    rows = [{"prompt": f"{n} " + "word " * 1000, "answer": "x"} for n in range(600)]
    dataset = _dataset(tmp_path)
    (tmp_path / "train.jsonl").write_text(json.dumps(rows))
    size = (tmp_path / "train.jsonl").stat().st_size
    del rows
    tracemalloc.start()
    count = sum(1 for _ in dataset.tasks("train"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 600
    assert peak < size / 5


def test_choices_stand_in_a_cell_as_a_json_list(tmp_path: Path) -> None:
    dataset = _dataset(tmp_path)
    (tmp_path / "train.jsonl").write_text('prompt,answer,choices,id\nWhere?,Rome,"[""Rome"", ""Paris""]",\nWho?,Ann,,x\n')
    (first, second) = dataset.tasks("train")
    assert first.data["choices"] == ["Rome", "Paris"]
    assert ("choices" in second.data, second.id) == (False, "x")


def test_a_system_text_of_ones_own_is_for_the_system_message_and_not_part_of_the_case(tmp_path: Path) -> None:
    (tmp_path / "system.txt").write_text("Answer with one word.\n")
    for system in ("Answer with one word.", f"@{tmp_path / 'system.txt'}"):
        dataset = _dataset(tmp_path, system=system)
        task = next(iter(dataset.tasks("train")))
        assert dataset.open(task, 0).first.text == "Capital of France?"
        assert dataset.instructions == "Answer with one word."
    with pytest.raises(BadInput, match="the file cannot be read"):
        _dataset(tmp_path, system="@absent.txt")
    with pytest.raises(BadInput, match=r"instructions of Dataset has 100,001 characters; at most 100,000"):
        require_methods(_dataset(tmp_path, system="x" * 100_001))


SCORERS_OF_ANOTHER_SHAPE = {
    "one argument": ("def score(reply): return True", r"takes \(reply\)"),
    "three arguments": ("def score(reply, answer, task): return True", r"takes \(reply, answer, task\)"),
    "a name that must be said": ("def score(reply, answer, *, task): return True", r"takes \(reply, answer, \*, task\)"),
    "names that must be said": ("def score(*, reply, answer): return True", r"takes \(\*, reply, answer\)"),
    "nothing": ("score = lambda: True", r"takes \(\)"),
    "a method's": ("class S:\n    def __call__(self, reply): return True\nscore = S()", r"takes \(reply\)"),
    "async": ("async def score(reply, answer): return True", "is async"),
    "a class": ("class score:\n    def __init__(self, reply, answer): pass", "is a class"),
    "no function": ("score = 3", "is not a function"),
}


@pytest.mark.parametrize(("code", "why"), SCORERS_OF_ANOTHER_SHAPE.values(), ids=SCORERS_OF_ANOTHER_SHAPE)
def test_a_scorer_that_cannot_be_called_is_refused_before_anything_is_scored(tmp_path: Path, code: str, why: str) -> None:
    (tmp_path / "mine.py").write_text(code + "\n")
    with pytest.raises(BadInput, match=why) as refused:
        _dataset(tmp_path, scorer=f"{tmp_path}/mine.py:score").tasks("train")
    assert "reply" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "code",
    [
        "def score(reply, answer, strict=False): return True",
        "def score(*texts): return True",
        "def score(said, right, /): return 1.0",
        "class S:\n    def __call__(self, reply, answer): return True\nscore = S()",
        "from functools import partial\ndef f(reply, answer, task): return True\nscore = partial(f, task=1)",
        "from operator import eq as score",
    ],
)
def test_whatever_can_be_called_with_reply_and_answer_scores(tmp_path: Path, code: str) -> None:
    (tmp_path / "mine.py").write_text(code + "\n")
    dataset = _dataset(tmp_path, scorer=f"{tmp_path}/mine.py:score")
    assert _answer(dataset, next(iter(dataset.tasks("train"))), "Paris").success
