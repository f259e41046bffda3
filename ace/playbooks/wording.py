"""The words that stand-ins for omitted text are made of, in several languages.

The decision behind it: a stand-in is recognised by what it says (that something, named as what was there before, is kept or
left out) and never by a whole phrase, because no list of phrases is ever complete. What it says is read from short word lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_LAST = r"(?=\s+(?:\w+\s+){1,2}as(?!\w)|\s*(?:as(?!\w)|to(?!\w)|[.,;:!…)\]]|$))"
"""What must follow words such as `same`, which say that something is kept only at the end or where `as` or `to` follows."""


def _any(words: str, unspaced: str = "") -> re.Pattern[str]:
    """Any of `words` (patterns parted by white space, with `_` for a space) as whole words, or of `unspaced`, from languages
    that do not part their words."""
    spaced = "|".join(words.split()).replace("_", r"\s+")
    return re.compile("|".join([rf"(?<!\w)(?:{spaced})(?!\w)", *unspaced.split()]), re.IGNORECASE)


# What was there before.
_OLD = _any(
    r"""previous previously prior preceding existing earlier former above aforementioned last_version
    already_(?:there|present|listed) vorherige\w* vorige\w* bisherige\w* bestehende\w* vorhandene\w* frühere\w* obige\w* oben
    zuvor précédente?s? existante?s? antérieure?s? ci-dessus anterior(?:es)? existentes? previ[oa]s? precedent[ei] esistent[ei]
    arriba acima предыдущ\w+ прежн\w+ существующ\w+ выше""",
    "之前 以前 先前 原有 上述 前述 现有 以上 既存 これまで 上記",
)
# What is left besides that which is named.
_REST = _any(
    r"""rest remaining remainder others? everything_else restliche\w* übrige\w* anderen? reste autres restante?s? resto demás
    otr[oa]s altr[ei] outr[oa]s остальн\w+ прочи[ей]""",
    "其余 其他 剩余 残り その他",
)
# What a memory is made of.
_PART = _any(
    r"""memory(?:.items?)? memories playbook cheat\s?sheet sheet document file text contents? context items? entry entries
    sections? bullets? lessons? notes? lists? lines? paragraphs? points? rules? strategy strategies insights? parts? versions?
    examples? snippets? code patterns? solutions? templates? techniques? information knowledge instructions? material body
    implementations? functions? steps? descriptions? details? tips? approach(?:es)? methods? guidelines? elements?
    output response
    eintr[aä]ge? inhalte?s? abschnitte?n? punkte?n? elemente?n? listen? regeln? lektionen hinweise? texte?s? zeilen?
    éléments? contenus? règles? lignes? liste elementos? contenidos? secci(?:ón|ones) reglas? lista líneas?
    elementi contenut[oi] sezion[ei] regole? itens conteúdos? seções regras? linhas?
    пункт\w* содержани\w+ раздел\w* элемент\w* запис\w+""",
    "内容 条目 项目 部分 规则 列表 条 項目 ルール リスト",
)
# That something is left out here, which is hardly ever said of anything but a text.
_LEFT = _any(
    r"""as_(?:before|above|previously|earlier|is|was|were|it_(?:was|is)|they_(?:were|are))
    as_in_(?:the_)?(?:previous|last|original|prior|earlier|version|v\d+)(?:_version)?
    omitted elided skipped truncated abbreviated abridged (?:for|due_to)_(?:brevity|space|length)
    not_(?:shown|repeated|reproduced) no_(?:further_|other_)?(?:changes?|modifications?|updates?)(?:_needed|_made|_here)?
    ditto same_as_above wie_(?:bisher|oben|zuvor|vorher|gehabt) ausgelassen weggelassen gekürzt keine_änderung(?:en)? siehe_oben
    comme_(?:avant|ci-dessus) idem omise?s? sin_cambios igual_que_(?:antes|arriba) omitid[oa]s? come_(?:prima|sopra) omess[oaie]
    como_antes sem_alterações без_изменений как_(?:выше|раньше) опущен\w*""",
    "同上 省略 略 无变化 変更なし 以下略",
)
# That something stays as it is, or was put away: said of texts, and of much else.
_KEPT = _any(
    rf"""unchanged unmodified unaltered untouched intact identical{_LAST} preserved? preserves? preserving retain(?:s|ed)?
    maintain(?:s|ed)? kept keeps? remains? remained stays? continues? continued carried_(?:over|forward) (?:the_)?same{_LAST}
    still_(?:apply|applies|applicable|hold|holds|valid|relevant) condensed summari[sz]ed archived removed
    unverändert\w* ungeändert bleib(?:t|en) beibehalten erhalten gleich{_LAST} übernommen
    inchangée?s? conservée?s? maintenue?s? restent? se_mantienen? se_conservan? mantienen? mantid[oa]s? inalterad[oa]s?
    permanecem? invariat[oaie] rimangono rimane mantenut[oaie] остаются остается остаётся сохранен\w* сохранён\w*""",
    "不变 保持 保留 维持 そのまま 維持 変わらず",
)
# That something should be looked up, or put here.
_POINT = _any(
    "see refer(?:_to)? insert(?:ed)? include[ds]? cop(?:y|ied) repeat(?:ed)? add paste restore siehe voir ver вставить",
    "参见 插入 見よ",
)
_MORE = _any("more additional further etc many weitere plus más", "更多 等等")
# Words that say nothing by themselves.
_SMALL = _any(
    r"""all the an? any each every of from in on at for is are was were be been being has have had and or as it its they them
    their this that these those here there with to by new now only just also which below please note so up current currently
    documented listed described mentioned defined stated given shown s t q\d+ v?\d[\w.]*
    der die das den dem des ein eine alle von aus im am für ist sind war und oder wie es sie hier mit zu le la les de du et est
    sont dans pour el los las del en y son il lo gli i della e o os do da dos и в на с не из для""",
    "的 了 和 在 は が を の に",
)
_AS_OLD = re.compile(
    rf"(?:same|unchanged|identical|retained|kept|preserved)\s+(?:as|from|in|to)\s+(?:the\s+)?"
    rf"(?:{_OLD.pattern}|v(?:ersion)?\s?\d)",
    re.IGNORECASE,
)
_ORDER = re.compile(r"\W*(?:keep|retain|preserve|maintain|continue|stay|remain)(?!\w)", re.IGNORECASE)
_GAP = re.compile(r"^\W*(?:\.{3,}|…)|(?:\.{3,}|…)\W*$")
_CODE = re.compile(r"[={}|\\$@^]|;(?!\s)|(?<!memory)_|\)\(|\w\(|\bfor \w+ in\b")
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_](?!\w)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase says: of something `old`, the `rest` or a `part` of a memory, that it is `left` out or `kept`, or should be
    looked up (`point`), or that there is `more`.

    `gap`: it begins or ends in an ellipsis. `order`: it tells to keep something. `says`: the words of keeping are said of
    something named before them, or are `same as` it. `foreign` counts the words that are in none of the lists, `after` those of
    them that come behind the last word of keeping: a reason or condition, as in "remain unchanged by symmetry".
    """

    old: bool
    rest: bool
    part: bool
    left: bool
    kept: bool
    point: bool
    more: bool
    gap: bool
    order: bool
    says: bool
    foreign: int
    after: int


@lru_cache(maxsize=4096)
def read(phrase: str) -> Reading | None:
    """What `phrase` says, or `None` where it is code or has no words."""
    if _CODE.search(phrase) or not _WORD.search(phrase):
        return None
    named = [pattern.search(phrase) for pattern in (_OLD, _REST, _PART)]
    kept = [m for pattern in (_KEPT, _LEFT) for m in pattern.finditer(phrase)]
    end = max((m.end() for m in kept), default=len(phrase))
    first = min((m.start() for m in named if m), default=len(phrase))
    return Reading(
        old=named[0] is not None,
        rest=named[1] is not None,
        part=named[2] is not None,
        left=_LEFT.search(phrase) is not None,
        kept=bool(kept),
        point=_POINT.search(phrase) is not None,
        more=_MORE.search(phrase) is not None,
        gap=_GAP.search(phrase) is not None,
        order=_ORDER.match(phrase) is not None,
        says=any(m.start() > first for m in kept) or _AS_OLD.search(phrase) is not None,
        foreign=_foreign(phrase),
        after=_foreign(phrase[end:]),
    )


def _foreign(phrase: str) -> int:
    for pattern in (_KEPT, _LEFT, _OLD, _REST, _PART, _POINT, _MORE, _SMALL):
        phrase = pattern.sub(" ", phrase)
    return len(_WORD.findall(phrase))
