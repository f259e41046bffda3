"""A playbook as Markdown: a heading for each section, a list item for each bullet, made to be reviewed and edited.

    # support (revision 12)

    ## Refunds

    - Refund damaged goods within 30 days. <!-- ref-0a1b2c3d4e -->
    - Never refund gift cards. <!-- ref-5f6g7h8i9j candidate pinned -->

A file that a person may have edited is read strictly. A line other than a heading, a bullet or a comment is refused by its
line, because text that was silently passed over would be a lesson lost; a bullet without a comment is a new one. Sections are
kept together for the reader; where bullets of different sections take turns in the playbook, a last comment says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State, clean, is_id
from ace.playbooks.formats.contract import Format, ending
from ace.playbooks.formats.escaping import escape, unescape
from ace.playbooks.formats.fences import opening
from ace.playbooks.formats.line import Line, flags_of, joined, no_code, numbered, short
from ace.playbooks.render import by_section

OFFERS = {"markdown": "MARKDOWN"}
PLACE = 200

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_ITEM = re.compile(r" {0,3}[-*+][ \t]+(.*)$")
_NESTED = re.compile(r"[ \t]+(?:[-*+]|\d{1,9}[.)])[ \t]")
_MARK = re.compile(r"(.*?)(?<!\\)(\\*)<!--((?:(?!<!--).)*)-->$")
_OURS = re.compile(
    r"^\ufeff?# .* \(revision \d+\)\s*$|^\s{0,3}[-*+]\s.*<!--\s*[a-z]{1,4}-[0-9a-z]{4,16}[a-z ]*-->\s*$", re.MULTILINE
)
_ORDER = "order:"
_IDS_A_LINE = 6


def render_markdown(name: str, revision: int, bullets: Sequence[Bullet]) -> str:
    """Live `bullets`, given in the order of the playbook, as Markdown. `parse_markdown` gives them back: ids, sections, texts,
    states, pins and order."""
    lines = [f"# {escape(clean(name))} (revision {revision})"]
    section = None
    grouped = by_section(bullets)
    for b in grouped:
        if b.section != section:
            section = b.section
            lines += ["", f"## {escape(clean(section))}", ""]
        lines.append(f"- {escape(clean(b.text))} <!-- {_mark(b)} -->")
    if grouped != list(bullets):
        lines += ["", f"<!-- {_ORDER}", *_rows([b.id for b in bullets]), "-->"]
    return "\n".join(lines) + "\n"


def looks_like_markdown(text: str) -> bool:
    """Whether a file has the title or a bullet's comment that `render_markdown` writes."""
    return _OURS.search(text) is not None


def parse_markdown(text: str) -> list[Line]:
    """The bullets of a Markdown file in the order of the playbook, which is the file's unless its order comment says how the
    sections take turns. Raises `BadInput` naming the line."""
    reading = _Reading()
    for number, line in numbered(text):
        reading.take(number, line)
    return reading.done()


def _mark(b: Bullet) -> str:
    return " ".join([b.id, *flags_of(b)])


def _rows(ids: Sequence[str]) -> Iterator[str]:
    return (" ".join(ids[i : i + _IDS_A_LINE]) for i in range(0, len(ids), _IDS_A_LINE))


@dataclass(slots=True)
class _Reading:
    """What was read so far, and what the next line may go on with."""

    lines: list[Line] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    section: str = ""
    titled: bool = False
    item: tuple[int, list[str]] | None = None
    """The bullet that is being read: the number of its line and its pieces."""
    comment: tuple[int, list[str]] | None = None
    order: list[str] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        if self.comment is not None:
            self._commented(number, line)
        elif not line:
            self._close()
        elif self.item is not None and line[0] in " \t":
            if _NESTED.match(line):
                raise BadInput(f"line {number}: a bullet within a bullet; each must begin at the start of its line")
            if opening(line):
                raise no_code(number)
            self.item[1].append(line.strip())
        else:
            self._close()
            self._begin(number, line)

    def done(self) -> list[Line]:
        if self.comment is not None:
            raise BadInput(f"line {self.comment[0]}: the comment that begins here does not end")
        self._close()
        return _in_order(self.lines, self.order)

    def _begin(self, number: int, line: str) -> None:
        if opening(line):
            raise no_code(number)
        if item := _ITEM.match(line):
            self.item = (number, [item[1]])
        elif heading := _HEADING.match(line):
            self._headed(number, len(heading[1]), clean(unescape((heading[2] or "").strip())))
        elif line.lstrip().startswith("<!--"):
            self.comment = (number, [])
            self._commented(number, line.lstrip().removeprefix("<!--"))
        else:
            raise BadInput(
                f"line {number}: this is not a bullet ('- text'), a section heading ('## name') or a comment: {short(line)}"
            )

    def _headed(self, number: int, level: int, name: str) -> None:
        if level == 1 and not (self.titled or self.section):
            self.titled = True
            return
        if level == 1:
            raise BadInput(f"line {number}: a section's heading begins with ##; with # there is the title alone")
        if not name:
            raise BadInput(f"line {number}: the section has no name")
        self.section = name

    def _commented(self, number: int, line: str) -> None:
        _, pieces = self.comment or (number, [])
        inside, end, rest = line.partition("-->")
        pieces.append(inside)
        if not end:
            return
        if rest.strip():
            raise BadInput(f"line {number}: after a comment there may be nothing else on its line: {short(rest.strip())}")
        words = " ".join(pieces).split()
        if words[:1] == [_ORDER]:
            self.order = words[1:]
        self.comment = None

    def _close(self) -> None:
        if self.item is None:
            return
        number, pieces = self.item
        self.item = None
        written, id, flags = _taken_apart(number, joined(number, pieces))
        text = clean(unescape(written.strip()))
        if not self.section:
            raise BadInput(f"line {number}: the bullet is in no section; put a heading above it, such as '## General'")
        if not text:
            raise BadInput(f"line {number}: the bullet has no text")
        if id and self.seen.setdefault(id, number) != number:
            raise BadInput(f"line {number}: the id {id} is that of line {self.seen[id]} already")
        state = State.CANDIDATE if "candidate" in flags else State.ACTIVE
        pinned, escalated = ("pinned" in flags), ("escalated" in flags)
        self.lines.append(Line(number, self.section, id, text, state, pinned, escalated=escalated))


def _taken_apart(number: int, item: str) -> tuple[str, str, set[str]]:
    """A list item's text as written, and the id and flags of the comment behind it."""
    mark = _MARK.fullmatch(item)
    if mark is None or len(mark[2]) % 2:
        return item, "", set()
    words = mark[3].split()
    id = words[0] if words and is_id(words[0]) else ""
    flags = set(words[1:] if id else words)
    if not words or not flags <= {"candidate", "pinned", "escalated", "active"}:
        accepted, found = "its id, 'candidate', 'pinned' and 'escalated'", short(mark[3].strip())
        raise BadInput(f"line {number}: the comment behind a bullet may hold {accepted}, not {found}")
    return mark[1] + mark[2], id, flags


def _in_order(lines: list[Line], order: Sequence[str]) -> list[Line]:
    """`lines` with the sections taking turns as in `order` (ids). Within a section the file's order stands; a bullet that is
    not in `order` stays behind the one above it."""
    places = {id: place for place, id in enumerate(order)}
    free: dict[str, list[int]] = {}
    for x in lines:
        if x.id in places:
            free.setdefault(x.section, []).append(places[x.id])
    turns = {section: iter(sorted(found)) for section, found in free.items()}
    at = {section: min(found) - 0.5 for section, found in free.items()}
    keyed = []
    for x in lines:
        at[x.section] = next(turns[x.section]) if x.id in places else at.get(x.section, len(order))
        keyed.append((at[x.section], x))
    return [x for _, x in sorted(keyed, key=lambda pair: pair[0])]


MARKDOWN = Format(
    "markdown",
    "to review and edit: lossless",
    lambda copy: render_markdown(copy.playbook, copy.revision, copy.bullets),
    parse_markdown,
    looks_like_markdown,
    files=ending(".md", ".markdown"),
    comment="<!-- {} -->",
)
