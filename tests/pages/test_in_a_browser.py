"""A page as a browser on a telephone takes it: it fits, its script runs, and hostile texts have done nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from ace.pages.document import rendered
from ace.pages.run import run_page
from tests.pages.conftest import HOSTILE, Hostile

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--allow-file-access-from-files",
)  # fmt: skip
LOOK = """<!doctype html><iframe id="page" src="page.html" width="390" height="844"></iframe><pre id="seen"></pre><script>
window.onload = function () {
  const page = document.getElementById("page").contentDocument, view = page.documentElement;
  const out = e => { const r = e.getBoundingClientRect(); return r.width && (r.left < 0 || r.right > view.clientWidth); };
  document.getElementById("seen").textContent = JSON.stringify({
    wide: [view.clientWidth, view.scrollWidth],
    clipped: [...page.querySelectorAll("svg text")].filter(out).map(e => e.textContent),
    strange: page.querySelectorAll("img, iframe, object, embed, form").length,
    scripts: page.querySelectorAll("script").length,
    charts: [...page.querySelectorAll("svg.chart")].map(e => e.getAttribute("tabindex")),
    filters: [...page.querySelectorAll(".filter")].map(e => e.hidden),
    ground: getComputedStyle(page.body).backgroundColor,
    text: page.body.textContent,
  });
};
</script>"""


def test_on_a_telephone_it_fits_its_script_runs_and_nothing_hostile_happens(hostile: Hostile, tmp_path: Path) -> None:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    (tmp_path / "page.html").write_text(rendered(run_page(hostile.store, hostile.run.id)))
    (tmp_path / "look.html").write_text(LOOK)
    done = subprocess.run(
        [browser, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{tmp_path}/look.html"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    said = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said, done.stderr
    seen = json.loads(unescape(said[1]))
    assert seen["wide"][0] == seen["wide"][1] <= 390
    assert seen["clipped"] == []
    assert (seen["strange"], seen["scripts"]) == (0, 1)
    assert seen["charts"] == ["0"] * len(seen["charts"])
    assert len(seen["charts"]) == 3
    assert seen["filters"] == [False]
    assert seen["ground"] != "rgba(0, 0, 0, 0)"
    assert HOSTILE in seen["text"]
