"""Counts beside a revised bullet say which of its texts they are of, wherever they are printed."""

from __future__ import annotations

from tests.commands.said import Ace
from tests.stories import Story, add, revise


def revised(story: Story) -> str:
    """A bullet that won 3 and lost 1 with its first text, and won 1 and lost 2 with the one it has."""
    (id,) = story.added(add("Ask for the order number."))
    for won in (True, True, True, False):
        story.play(won, [id], [id])
    story.change(revise(id, "Ask for the order number first."))
    for won in (True, False, False):
        story.play(won, [id], [id])
    return id


def test_show_counts_the_text_that_is_shown_and_names_the_rest(ace: Ace, story: Story) -> None:
    id = revised(story)
    line = next(x for x in ace("playbook", "show", "support").out.splitlines() if id in x)
    assert line.split()[:2] == ["1", "2"]
    assert line.endswith("first.  (other texts: won 3, lost 1)")
    (told,) = ace("playbook", "show", "support", "--json").json["bullets"]
    assert (told["followed"], told["followed_with_this_text"]) == ({"won": 4, "lost": 3}, {"won": 1, "lost": 2})
    (hit,) = ace("playbook", "search", "support", "order number", "--json").json
    assert hit["followed_with_this_text"] == {"won": 1, "lost": 2}
    assert "(other texts: won 3, lost 1)" in ace("playbook", "search", "support", "order number").out


def test_where_no_attempt_named_a_bullet_show_says_where_to_look(ace: Ace, story: Story) -> None:
    (id,) = story.added(add("Ask for the order number."))
    story.play(True, [id])
    hint = "No attempt named a bullet as it stands; by their texts: ace playbook fit support"
    assert hint in ace("playbook", "show", "support").out
    story.play(True, [id], [id])
    assert "ace playbook fit" not in ace("playbook", "show", "support").out


def test_an_earlier_revision_counts_the_text_it_had(ace: Ace, story: Story) -> None:
    revised(story)
    (told,) = ace("playbook", "show", "support@1", "--json").json["bullets"]
    assert told["followed_with_this_text"] == {"won": 3, "lost": 1}
    assert "(other texts: won 1, lost 2)" in ace("playbook", "show", "support@1").out


def test_a_text_that_came_back_is_the_same_text(ace: Ace, story: Story) -> None:
    id = revised(story)
    assert ace("playbook", "rollback", "support", "1").status == 0
    story.play(True, [id], [id])
    (told,) = ace("playbook", "show", "support", "--json").json["bullets"]
    assert told["followed_with_this_text"] == {"won": 4, "lost": 1}


def test_a_bullet_that_was_never_reworded_or_only_moved_has_no_other_texts(ace: Ace, story: Story) -> None:
    (id,) = story.added(add("Greet."))
    story.play(True, [id], [id])
    assert ace("playbook", "pin", "support", id).status == 0
    story.play(False, [id], [id])
    assert "other texts" not in ace("playbook", "show", "support").out
    (told,) = ace("playbook", "show", "support", "--json").json["bullets"]
    assert told["followed_with_this_text"] == told["followed"] == {"won": 1, "lost": 1}


def test_why_and_stats_tell_the_texts_apart(ace: Ace, story: Story) -> None:
    id = revised(story)
    why = " ".join(ace("playbook", "why", "support", id).out.split())
    assert "Followed with the text it has: won 1, lost 2; with other texts: won 3, lost 1." in why
    assert ace("playbook", "why", "support", id, "--json").json["followed_with_this_text"] == {"won": 1, "lost": 2}
    stats = ace("playbook", "stats", "support")
    assert "won 4, lost 3, 57.1 %; of these with other texts: won 3, lost 1" in stats.out
    told = ace("playbook", "stats", "support", "--json").json
    assert (told["followed"], told["followed_with_these_texts"]) == ({"won": 4, "lost": 3}, {"won": 1, "lost": 2})


def test_the_heaviest_bullets_of_a_run_tell_their_texts_apart(ace: Ace) -> None:
    done = ace("run", "desk", "--episodes", "60", "--eval", "2", "--retries", "0", "--json").json
    shown = ace("playbook", "show", done["playbook"], "--json").json["bullets"]
    known = {b["id"]: b for b in shown}
    assert done["heaviest"]
    for b in done["heaviest"]:
        assert b["this_text"] == known[b["id"]]["followed_with_this_text"]
        assert {"won": b["won"], "lost": b["lost"]} == known[b["id"]]["followed"]
    page = ace("run", "show", done["run"]).out
    for b in done["heaviest"]:
        line = next(x for x in page.splitlines() if b["text"] in x)
        assert line.split()[:2] == [str(b["this_text"]["won"]), str(b["this_text"]["lost"])]
        if b["this_text"] != {"won": b["won"], "lost": b["lost"]}:
            assert "(other texts: won" in line
