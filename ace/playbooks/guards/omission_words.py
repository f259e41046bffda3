"""The words that stand-ins for omitted text are made of, in several languages.

A stand-in is recognised by what it says (that something, named as what was there before, is kept or left out) and never by a
whole phrase, because no list of phrases is ever complete. What it says is read from short word lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ace.lazily import lazily

_LAST = r"(?=\s+(?:\w+\s+){1,2}as(?!\w)|\s*(?:as(?!\w)|to(?!\w)|[.,;:!…)\]]|$))"
"""What must follow words such as `same`, which say that something is kept only at the end or where `as` or `to` follows."""


def _any(words: str, unspaced: str = "") -> re.Pattern[str]:
    """Any of `words` (patterns parted by white space, with `_` for a space) as whole words, or of `unspaced`, from languages
    that do not part their words; in lower case, because a pattern that heeds no case takes several times as long."""
    spaced = "|".join(words.split()).replace("_", r"\s+")
    return re.compile("|".join([rf"(?<!\w)(?:{spaced})(?!\w)", *unspaced.split()]))


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
    rf"(?:{_OLD.pattern}|v(?:ersion)?\s?\d)"
)
_ORDER = re.compile(r"\W*(?:keep|retain|preserve|maintain|continue|stay|remain)(?!\w)")
_TELLING = re.compile(
    rf"{_OLD.pattern}|{_REST.pattern}|{_LEFT.pattern}|{_KEPT.pattern}|same|identical|gleich|retained|kept|preserved|unchanged|"
    r"\.{3}|…|etc|and so on"
)
_GAP = re.compile(r"^\W*(?:\.{3,}|…)|(?:\.{3,}|…)\W*$")
_CODE = re.compile(r"[={}|\\$@^]|;(?!\s)|(?<!memory)_|\)\(|\w\(|\bfor \w+ in\b")
_WORD = re.compile(r"[^\W\d_]{2,}|[^\W\d_](?!\w)")


@dataclass(frozen=True)
class PhraseReading:
    """What a phrase says: of something `old`, the `rest` or a `part` of a memory, that it is `left` out or `kept`, or should be
    looked up (`point`), or that there is `more`. Each is looked for when it is asked for: of most phrases few are.

    `gap`: it begins or ends in an ellipsis. `order`: it tells to keep something. `says`: the words of keeping are said of
    something named before them, or are `same as` it. `named`: it names something of a memory. `foreign` counts the words that
    are in none of the lists (`plain`: there are none), `after` those of them that come behind the last word of keeping: a
    reason or condition, as in "remain unchanged by symmetry".
    """

    phrase: str
    """In lower case."""

    @lazily
    def old(self) -> bool:
        return self._old is not None

    @lazily
    def rest(self) -> bool:
        return self._rest is not None

    @lazily
    def part(self) -> bool:
        return self._part is not None

    @lazily
    def left(self) -> bool:
        return _LEFT.search(self.phrase) is not None

    @lazily
    def kept(self) -> bool:
        return bool(self._keeping)

    @lazily
    def point(self) -> bool:
        return _POINT.search(self.phrase) is not None

    @lazily
    def more(self) -> bool:
        return _MORE.search(self.phrase) is not None

    @lazily
    def gap(self) -> bool:
        return _GAP.search(self.phrase) is not None

    @lazily
    def order(self) -> bool:
        return _ORDER.match(self.phrase) is not None

    @lazily
    def says(self) -> bool:
        if self._keeping:
            first = min((m.start() for m in (self._old, self._rest, self._part) if m), default=len(self.phrase))
            if any(m.start() > first for m in self._keeping):
                return True
        return _AS_OLD.search(self.phrase) is not None

    @lazily
    def named(self) -> bool:
        return self.old or self.rest or (self.part and not self.order)

    @lazily
    def foreign(self) -> int:
        return _foreign(self.phrase)

    @property
    def plain(self) -> bool:
        return self.foreign == 0

    @lazily
    def after(self) -> int:
        return _foreign(self.phrase[max((m.end() for m in self._keeping), default=len(self.phrase)) :])

    @lazily
    def _old(self) -> re.Match[str] | None:
        return _OLD.search(self.phrase)

    @lazily
    def _rest(self) -> re.Match[str] | None:
        return _REST.search(self.phrase)

    @lazily
    def _part(self) -> re.Match[str] | None:
        return _PART.search(self.phrase)

    @lazily
    def _keeping(self) -> list[re.Match[str]]:
        return [m for pattern in (_KEPT, _LEFT) for m in pattern.finditer(self.phrase)]


@lru_cache(maxsize=256)
def telling(text: str) -> bool:
    """Whether any phrase of `text` may be a stand-in. Most texts have no word of the kind, and need not be taken apart."""
    return _TELLING.search(text.lower().replace("_", " ")) is not None


@lru_cache(maxsize=4096)
def read(phrase: str) -> PhraseReading | None:
    """What `phrase` says, or `None` where it is code or has no words."""
    return None if _CODE.search(phrase) or not _WORD.search(phrase) else PhraseReading(phrase.lower())


def _foreign(phrase: str) -> int:
    for pattern in (_KEPT, _LEFT, _OLD, _REST, _PART, _POINT, _MORE, _SMALL):
        phrase = pattern.sub(" ", phrase)
    return len(_WORD.findall(phrase))
