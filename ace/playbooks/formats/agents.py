"""Lessons in files that coding agents read: AGENTS.md, CLAUDE.md, SKILL.md, between two marks that the next export finds.

    <!-- ace:begin support@12 ... -->
    ## Lessons learned

    ### Refunds

    - Refund damaged goods within 30 days.
    <!-- ace:end -->

The file belongs to a person. All that is outside the marks stays as it is, to the byte, line endings included; marks that are
broken, doubled or inside one another are refused by line instead of guessed at, and those in a block of code, fenced or
indented by four blanks or a tab, are an example.
Several playbooks may have a part in one file, each under its name. A part is read back as the plain list that it is: it has no
ids, so nothing but new texts comes in.

Source: agentskills.io/specification (the front matter of SKILL.md); agents.md.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ace.errors import BadInput
from ace.playbooks.bullet import clean
from ace.playbooks.formats.contract import Format
from ace.playbooks.formats.escaping import escape
from ace.playbooks.formats.fences import in_fences
from ace.playbooks.formats.line import Copy, Line, short
from ace.playbooks.formats.plain import parse_plain
from ace.playbooks.render import by_section

OFFERS = {"agents": "AGENTS"}
PLACE = 100

_FILES = (
    *("agents.md", "agents.override.md", "claude.md", "claude.local.md", "gemini.md", "skill.md", "copilot-instructions.md"),
    *(".cursorrules", ".windsurfrules", ".clinerules", ".goosehints"),
)
_ENDINGS = (".mdc", ".instructions.md")
"""Files that are known to be read by agents, in lower case."""
_MARK = re.compile(r" {0,3}<!--[ \t]*ace:(\w*)")
_BEGIN = re.compile(r" {0,3}<!--[ \t]*ace:begin[ \t]+([^>]+)@(\d{1,18})(?:[ \t][^>]*)?-->[ \t]*")
_END = re.compile(r" {0,3}<!--[ \t]*ace:end[ \t]*-->[ \t]*")
_WARNING = "made by `ace playbook export`; what is changed between these marks is lost at the next export"
_LONGEST_NAME, _LONGEST_ABOUT = 64, 1024
_LONGEST_MARK = 1000
"""Characters of a mark; one of ours, with the longest name, has half of that."""


def render_agents(copy: Copy) -> str:
    """The part of a file that holds the live bullets, marks included."""
    return "".join(line + "\n" for line in _part(copy))


def is_rule_file(name: str) -> bool:
    """True if coding agents read files of this name, in upper or lower case."""
    return name.lower() in _FILES or name.lower().endswith(_ENDINGS)


def place_agents(copy: Copy, existing: str, *, skill: str | None = None, cursor: bool = False) -> str:
    """The text of a file, which was `existing`, with the part of this playbook put in, or brought up to date.

    A new file begins with its front matter if it is a SKILL.md (then `skill` is its folder's name) or a rule of Cursor
    (`cursor`). Raises `BadInput` naming the line of a mark that is broken.
    """
    newline = "\r\n" if re.search(r"\r?\n", existing + "\n")[0] == "\r\n" else "\n"  # type: ignore[index]
    part = newline.join(_part(copy))
    own = part_of(copy.playbook, existing)
    if own is not None:
        return existing[: own.start] + part + existing[own.end :]
    if not existing.strip("\ufeff \t\r\n") and (skill is not None or cursor):
        front = (
            [f"name: {_skill_title(copy, skill)}", _about(copy)] if skill is not None else [_about(copy), "alwaysApply: true"]
        )
        existing += newline.join(["---", *front, "---", ""])
    blank = not existing.strip("\ufeff") or existing.endswith(2 * newline)
    gap = "" if blank else newline if existing.endswith("\n") else 2 * newline
    return existing + gap + part + newline


def part_of(playbook: str, text: str) -> MarkedPart | None:
    """The part of a playbook in a file; `None` where it has none. Raises `BadInput` naming the line of a broken mark."""
    return next((found for found in _parts(text) if found.playbook == playbook), None)


def looks_like_agents(text: str) -> bool:
    """Whether a playbook's part begins in a file."""
    return "ace:begin" in text and any((mark := _MARK.match(line)) and mark[1] == "begin" for _, _, line in _lines(text))


def parse_agents(text: str, playbook: str = "") -> list[Line]:
    """The bullets of the part of `playbook` in a file; of the only part, if there is one, under any name. Raises `BadInput`
    naming the line, or the parts there are."""
    parts = _parts(text)
    if not parts:
        raise BadInput("it holds no part between '<!-- ace:begin NAME@REVISION -->' and '<!-- ace:end -->'")
    part = next((p for p in parts if p.playbook == playbook), parts[0])
    if part.playbook != playbook and len(parts) > 1:
        names = ", ".join(repr(p.playbook) for p in parts[:10])
        raise BadInput(f"it holds the parts of {len(parts)} playbooks, and none of {playbook!r}; import it as one of {names}")
    return parse_plain("\n" * text.count("\n", 0, part.start) + text[part.start : part.end])


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """Where a playbook's part stands in a text: from its first mark (with the revision) up to the end of its last one."""

    playbook: str
    revision: int
    start: int
    end: int


def _parts(text: str) -> list[MarkedPart]:
    found: list[MarkedPart] = []
    begun: tuple[int, str, int] | None = None
    seen: dict[str, int] = {}
    for number, start, line in _lines(text):
        name = _begins(number, line) if _MARK.match(line) else None
        if name is None:
            continue
        if name and begun:
            raise BadInput(
                f"line {number}: a part begins before that of line {begun[0]} has ended; put '<!-- ace:end -->' back"
            )
        if name:
            if seen.setdefault(name, number) != number:
                raise BadInput(f"line {number}: the part of {name!r} begins here and at line {seen[name]}; remove one of them")
            begun = (number, name, start)
        elif begun is None:
            raise BadInput(f"line {number}: a part ends here that never began; put its beginning back, or remove this mark")
        else:
            mark = _BEGIN.match(text, begun[2])
            found.append(MarkedPart(begun[1], int(mark[2]) if mark else 0, begun[2], start + len(line)))
            begun = None
    if begun is not None:
        raise BadInput(
            f"line {begun[0]}: the part of {begun[1]!r} begins here and does not end; put '<!-- ace:end -->' behind it"
        )
    return found


def _begins(number: int, mark: str) -> str:
    """The playbook whose part begins at a mark; empty where a part ends."""
    if len(mark) <= _LONGEST_MARK:
        if begin := _BEGIN.fullmatch(mark):
            return _unmasked(begin[1])
        if _END.fullmatch(mark):
            return ""
    wanted = "'<!-- ace:begin NAME@REVISION -->' or '<!-- ace:end -->'"
    raise BadInput(f"line {number}: this mark is broken: {short(mark)}; it must be {wanted}")


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """The lines outside blocks of code with their numbers and where they start, without what ends them."""
    start, lines = 0, text.split("\n")
    for number, (line, code) in enumerate(zip(lines, in_fences([x.removesuffix("\r") for x in lines]), strict=True), 1):
        bom = number == 1 and line.startswith("\ufeff")
        if not code:
            yield number, start + bom, line[bom:].removesuffix("\r")
        start += len(line) + 1


def _part(copy: Copy) -> Sequence[str]:
    lines = [f"<!-- ace:begin {_masked(copy.playbook)}@{copy.revision} ({_WARNING}) -->", "## Lessons learned"]
    section = None
    for b in by_section(copy.bullets):
        if b.section != section:
            section = b.section
            lines += ["", f"### {escape(clean(section))}", ""]
        lines.append(f"- {escape(clean(b.text))}")
    return [*lines, "<!-- ace:end -->"]


def _masked(name: str) -> str:
    """A playbook's name as it may stand in a comment."""
    return name.replace("%", "%25").replace(">", "%3E").replace("--", "-%2D")


def _unmasked(name: str) -> str:
    return name.replace("%2D", "-").replace("%3E", ">").replace("%25", "%")


def _about(copy: Copy) -> str:
    """The line of the front matter by which an agent decides whether to read on."""
    sections = list(dict.fromkeys(clean(b.section) for b in by_section(copy.bullets)))
    about = f" about {', '.join(sections)}" if sections else ""
    said = f"Lessons that agents learned from past attempts{about}. Read them before a task of this kind."
    if len(said) > _LONGEST_ABOUT:
        said = said[: _LONGEST_ABOUT - 1] + "…"
    return f"description: {json.dumps(said, ensure_ascii=False)}"


def _skill_title(copy: Copy, folder: str) -> str:
    return _skill_name(folder) or _skill_name(copy.playbook) or "playbook"


def _skill_name(text: str) -> str:
    """A name as the specification allows it: lower-case letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-")


AGENTS = Format(
    "agents",
    "a part of AGENTS.md, CLAUDE.md or SKILL.md, kept up to date in place",
    render_agents,
    parse_agents,
    looks_like_agents,
    files=is_rule_file,
)
