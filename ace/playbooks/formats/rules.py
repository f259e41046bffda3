"""Files of rules that people write for agents: AGENTS.md, CLAUDE.md, SKILL.md, rules of Cursor, notes in Markdown.

    ## Testing
    Before a commit:
    - Run the tests.            ->  Testing: "Before a commit: Run the tests."
      - also the slow ones      ->  Testing: "Before a commit: Run the tests: also the slow ones"

Items of lists are rules, and each must be understood by itself, because it will be shown without its neighbours. So an item
brings along the items that it stands within, and the line ending in a colon above its list. Anything else (prose, code,
tables, quotes, comments, front matter) is left out, and each of its lines is reported.

Source: CommonMark 0.31.2 (spec.commonmark.org), read by markdown-it-py; tables as in GitHub's Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ace.playbooks.bullet import MAX_SECTION, MAX_TEXT, clean
from ace.playbooks.formats.escaping import unescape, without_comments
from ace.playbooks.formats.fences import in_fences
from ace.playbooks.formats.line import Line, numbered
from ace.playbooks.formats.plain import BOX, OWN, SECTION
from ace.playbooks.formats.reference import counted

_DEEPEST = 100
"""Levels of the parser, two for each list in another; what stands deeper is not taken."""
_FOREIGN_SIGN = re.compile(r"^(\s*)[•‣–](?=\s)")
_FRONT = re.compile(r"[\w-]+\s*:|\s*-\s|\s*#|\s+\S|$")
_LISTS = ("bullet_list", "ordered_list")
_KINDS = {
    "paragraph": "prose",
    "fence": "code",
    "code_block": "code",
    "table": "table",
    "blockquote": "quote",
    "html_block": "HTML",
}
_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Lines of a file, from `number` to `last` (from 1), that did not become bullets: what they are, and how they begin."""

    number: int
    last: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"line {self.number}" if self.number == self.last else f"lines {self.number}-{self.last}"


_HARD_BREAK = re.compile(r"(?<!\\)((?:\\\\)*)\\\n")
"""A backslash at the end of a line; two of them are one that is written."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a file of rules holds: bullets in its order, and what else there is."""

    lines: tuple[Line, ...]
    not_taken: tuple[NotTaken, ...]


def parse_rules(text: str) -> Rules:
    """The items of a Markdown file as bullets. Raises `BadInput` for a line that is too long or would control a terminal."""
    lines = [line for _, line in numbered(text)]
    reading = _Reading(lines)
    front = _front_matter(lines)
    if front:
        reading.pass_over(0, front, "front matter")
    code = in_fences(lines)
    body = [line if fenced else _FOREIGN_SIGN.sub(r"\1-", line) for line, fenced in zip(lines, code, strict=True)]
    page = "\n".join([*[""] * front, *body[front:]])
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table")
    reading.blocks(SyntaxTreeNode(parser.parse(page)).children, _Context())
    return reading.done()


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines at the top are front matter, its fences included."""
    if not lines or lines[0] != "---":
        return 0
    end = next((i for i, line in enumerate(lines[1:], 1) if line in ("---", "...")), 0)
    return end + 1 if end and all(_FRONT.match(line) for line in lines[1:end]) else 0


@dataclass(frozen=True, slots=True)
class _Context:
    """What an item stands under: the texts of the items around it, and the line ending in a colon above its list."""

    around: tuple[str, ...] = ()

    def under(self, lead: str) -> _Context:
        return _Context((*self.around, lead)) if lead else self


@dataclass(slots=True)
class _Reading:
    """What was read so far. `known` are the numbers (from 0) of lines that are accounted for."""

    source: list[str]
    lines: list[Line] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    section: str = SECTION

    def pass_over(self, start: int, end: int, kind: str) -> None:
        while end > start + 1 and not self.source[end - 1].strip():
            end -= 1
        self.known.update(range(start, end))
        begins = clean(self.source[start])
        text = begins if len(begins) <= _EXCERPT else begins[: _EXCERPT - 1] + "…"
        self.not_taken.append(NotTaken(start + 1, end, kind, text))

    def blocks(self, nodes: Sequence[SyntaxTreeNode], context: _Context) -> None:
        """Read blocks that follow one another: a list takes along the line ending in a colon just before it."""
        for place, node in enumerate(nodes):
            follows = nodes[place + 1].type if place + 1 < len(nodes) else ""
            before = nodes[place - 1] if place else None
            if node.type in _LISTS:
                lead = _lead(before)
                leads_on = follows in _LISTS and bool(_lead(node))
                for item in node.children[: -1 if leads_on else None]:
                    self._item(item, context.under(lead))
                if leads_on:
                    self.known.update(range(*_rows(node.children[-1])))
            elif node.type == "heading":
                self._heading(node)
            elif node.type == "hr" or (follows in _LISTS and _lead(node)):
                self.known.update(range(*_rows(node)))
            else:
                start, end = _rows(node)
                comment = node.type == "html_block" and self.source[start].lstrip().startswith("<!--")
                self.pass_over(start, end, "comment" if comment else _KINDS.get(node.type, node.type))

    def done(self) -> Rules:
        """All of it, with the lines that belong to no block, such as definitions of links."""
        self.known.update(i for i, line in enumerate(self.source) if not line.strip())
        left = [i for i in range(len(self.source)) if i not in self.known]
        for i in left:
            self.pass_over(i, i + 1, "link" if re.match(r"\s*\[[^\]]*\]:", self.source[i]) else "other")
        return Rules(tuple(self.lines), tuple(sorted(self.not_taken, key=lambda n: n.number)))

    def _heading(self, node: SyntaxTreeNode) -> None:
        self.known.update(range(*_rows(node)))
        self.section = _title(_text(node)) or self.section

    def _item(self, node: SyntaxTreeNode, context: _Context) -> None:
        start, _ = _rows(node)
        own = [child for child in node.children if child.type == "paragraph"]
        said = _said(node.children)
        for child in own[: len(said)]:
            self.known.update(range(*_rows(child)))
        if not node.children:
            bare = re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s*", self.source[start])
            self.pass_over(start, start + 1, "empty" if bare else "nested too deeply")
        text = " ".join(said)
        rest = [c for c in node.children if c not in own[: len(said)]]
        leads = _ends_in_colon(text) and bool(rest)
        if text and not leads:
            self._take(start, text, context)
        if leads and not any(c.type in _LISTS for c in rest):
            self.pass_over(start, _rows(own[len(said) - 1])[1], "leads to what was not taken")
        self.blocks(rest, context.under(_bare(text)))

    def _take(self, start: int, written: str, context: _Context) -> None:
        bare = BOX.sub("", written, count=1)
        voted = counted(start + 1, bare)
        own = OWN.match(bare)
        text = clean(unescape(voted[2] if voted else bare[own.end() :] if own else bare))
        whole = clean(": ".join([*(unescape(a) for a in context.around), text]))
        if not text:
            self.pass_over(start, start + 1, "empty")
        elif len(whole) > MAX_TEXT:
            self.pass_over(start, start + 1, f"{len(whole):,} characters, and a bullet may have {MAX_TEXT:,}")
        else:
            id = voted[0] if voted else own[1] if own else ""
            id = id if not context.around and id not in self.ids else ""
            self.ids.add(id)
            self.lines.append(Line(start + 1, self.section, id, whole, note=voted[1] if voted else ""))


def _said(nodes: Sequence[SyntaxTreeNode]) -> list[str]:
    """The paragraphs that an item begins with, without one that only leads to a list behind it."""
    said: list[str] = []
    for place, node in enumerate(nodes):
        text = _text(node) if node.type == "paragraph" else ""
        follows = nodes[place + 1].type if place + 1 < len(nodes) else ""
        if node.type != "paragraph" or (said and follows in _LISTS and _ends_in_colon(text)):
            break
        said.append(text)
    return said


def _lead(node: SyntaxTreeNode | None) -> str:
    """What a list takes along from the block before it: a paragraph, or the last item of another list, that ends in a colon."""
    if node is None:
        return ""
    if node.type in _LISTS:
        last = node.children[-1].children
        return _lead(last[0]) if len(last) == 1 and last[0].type == "paragraph" else ""
    text = _text(node) if node.type == "paragraph" else ""
    return _bare(text) if _ends_in_colon(text) else ""


def _text(node: SyntaxTreeNode) -> str:
    """The source of a heading or paragraph, on one line, without comments and the backslash of a hard break."""
    inline = node.children[0] if node.children else None
    written = inline.content if inline else ""
    if inline and any(n.type == "hardbreak" for n in inline.walk()):
        written = _HARD_BREAK.sub(r"\1\n", written)
    return clean(without_comments(written) if "<!--" in written else written)


def _ends_in_colon(text: str) -> bool:
    return text.rstrip("*_ ").endswith((":", "：")) or text.rstrip().endswith((":**", ":__"))


def _bare(text: str) -> str:
    """A text as others are put behind it: without its box and the colon or stop at its end, in bold or not."""
    bare = BOX.sub("", text, count=1).rstrip()
    bold = re.fullmatch(r"(.*?)[:：.]?([*_]{0,3})[:：.]?", bare)
    return bold[1] + bold[2] if bold else bare


def _title(heading: str) -> str:
    """A heading as the name of a section, cut at a word where it is too long."""
    name = clean(unescape(heading))
    if len(name) <= MAX_SECTION:
        return name
    cut = name[: MAX_SECTION - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:-") + "…"


def _rows(node: SyntaxTreeNode) -> tuple[int, int]:
    """The lines of a block, from 0, the last one excluded."""
    return node.map or (0, 0)
