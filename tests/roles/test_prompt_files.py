"""Prompts of one's own in folders and packages, and the folder to begin with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ace.errors import BadInput, BadPrompts, Conflict
from ace.roles.instructions import ROLES, STOCK
from ace.roles.prompt_files import README, export_prompts, load_prompts

OWN = "Look back.\n{{reply}}\n"


def folder(at: Path, **texts: str) -> Path:
    at.mkdir(parents=True, exist_ok=True)
    for role, text in texts.items():
        (at / f"{role}.md").write_text(text, encoding="utf-8")
    return at


def test_what_is_exported_is_the_stock_prompts(tmp_path: Path) -> None:
    written = export_prompts(tmp_path / "a" / "b")
    assert sorted(p.name for p in written) == sorted([README, *(f"{role}.md" for role in ROLES)])
    assert load_prompts(tmp_path / "a" / "b").digest == STOCK.digest
    told = (tmp_path / "a" / "b" / README).read_text(encoding="utf-8")
    assert "`{{playbook}}`" in told
    assert "`{{reply}}`" in told


def test_nothing_of_a_persons_is_overwritten_unless_they_say_so(tmp_path: Path) -> None:
    at = folder(tmp_path / "p", curator=OWN)
    with pytest.raises(Conflict, match=r"curator\.md already; nothing was written"):
        export_prompts(at)
    assert [p.name for p in at.iterdir()] == ["curator.md"]
    assert (at / "curator.md").read_text() == OWN
    export_prompts(at, force=True)
    assert load_prompts(at).digest == STOCK.digest


def test_a_missing_file_is_the_stock_prompt(tmp_path: Path) -> None:
    prompts = load_prompts(folder(tmp_path / "p", reflector=OWN))
    assert list(prompts.own) == ["reflector"]
    assert prompts.text("reflector") == OWN.strip()
    assert prompts.text("generator") == STOCK.text("generator")


def test_the_way_a_file_was_saved_does_not_matter(tmp_path: Path) -> None:
    at = folder(tmp_path / "p")
    (at / "reflector.md").write_bytes(b"\xef\xbb\xbf" + OWN.replace("\n", "\r\n").encode())
    assert load_prompts(str(at)).own == {"reflector": OWN.strip()}


def test_texts_by_role_are_prompts_too() -> None:
    assert load_prompts({"reflector": OWN}).own == {"reflector": OWN.strip()}
    with pytest.raises(BadPrompts, match=r"prompts\['curator'\]:1: \{\{reply\}\} is missing"):
        load_prompts({"curator": "Do."})


def test_a_name_that_is_nearly_a_roles_is_not_passed_over(tmp_path: Path) -> None:
    for name in ("generater.md", "Generator.md", "generator.txt", "generator"):
        at = folder(tmp_path / name.replace(".", "-"), reflector=OWN)
        (at / name).write_text("x")
        with pytest.raises(BadPrompts, match=r"did you mean generator\.md\?"):
            load_prompts(at)
    at = folder(tmp_path / "notes", reflector=OWN, notes="anything", README="anything")
    assert list(load_prompts(at).own) == ["reflector"]


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    at = folder(tmp_path / "p")
    (at / "curator.md").write_bytes(b"fine\nnot \xff\n")
    with pytest.raises(BadPrompts, match=r"p/curator\.md:2: this is not UTF-8"):
        load_prompts(at)
    (at / "curator.md").unlink()
    (at / "curator.md").mkdir()
    with pytest.raises(BadInput, match=r"p/curator\.md cannot be read"):
        load_prompts(at)


@pytest.mark.parametrize(
    "name", ["./none", "none/at/all", "~/none-of-this", "no-such-package", "no_such_package", "a b", "..."]
)
def test_what_is_not_there_is_said_with_what_would_be_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as refused:
        load_prompts(name)
    assert "\n" not in str(refused.value)
    assert "folder" in str(refused.value) or "working directory" in str(refused.value)


def test_an_empty_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has none of generator\.md"):
        load_prompts(tmp_path)
    file = folder(tmp_path, curator=OWN) / "curator.md"
    with pytest.raises(BadInput, match="is a file; give a folder"):
        load_prompts(str(file))


def test_a_package_holds_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "shop_words" / "house", reflector=OWN)
    for at in ("shop_words", "shop_words/house"):
        (tmp_path / at / "__init__.py").write_text("")
    (tmp_path / "shop_words" / "plain.py").write_text("")
    assert list(load_prompts("shop_words.house").own) == ["reflector"]
    with pytest.raises(BadInput, match="is a module, not a package"):
        load_prompts("shop_words.plain")


def test_an_installed_package_offers_prompts_under_a_short_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "offered_words", curator=OWN)
    (tmp_path / "offered_words" / "__init__.py").write_text("")
    info = tmp_path / "offered_words-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offered-words\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ace.prompts]\nterse = offered_words\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert list(load_prompts("terse").own) == ["curator"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BadInput, match="cannot be written"):
        export_prompts(tmp_path / "p")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no folder, not even of root")
def test_a_place_that_takes_no_folder_is_named() -> None:
    with pytest.raises(BadInput, match=r"^/proc/p/q cannot be made: /proc takes no new folders; name another$"):
        export_prompts("/proc/p/q")
