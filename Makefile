# Two commands matter: `make demo` and `make test`. `make help` names the others.
.DEFAULT_GOAL := help
.PHONY: help install demo test lint crash simulate lock

SPOJKA := .venv/bin/spojka
PY := .venv/bin/python
PYTEST := -n auto --dist loadfile
LOCK := uv pip compile setup.cfg --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | sort

install: .venv/.runtime  ## .venv with everything that Spojka needs to run

demo: .venv/.runtime  ## web, worker, scheduler and both vendors' sandboxes, one connection already syncing
	@exec $(SPOJKA) up --demo

test: .venv/.test  ## every test there is
	@bash tools/prepare.sh services
	@exec $(PY) -m pytest $(PYTEST)

lint: .venv/.test  ## ruff, mypy --strict, import-linter
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

crash: .venv/.test  ## every crash point on both databases under every switch of the vendors
	@bash tools/prepare.sh services
	@SPOJKA_CRASH=all exec $(PY) -m pytest tests/crash $(PYTEST)

simulate: .venv/.test  ## the simulation, seeds 0 to 199 (make simulate SEEDS=5000 plays more)
	@SPOJKA_SIMULATE=$(or $(SEEDS),200) exec $(PY) -m pytest tests/simulation -n auto --dist load

lock: .venv/.test  ## the newest versions that setup.cfg allows, into both lock files
	@.venv/bin/$(LOCK) --upgrade --extra build --output-file requirements.lock
	@.venv/bin/$(LOCK) --extra build --extra test --constraint requirements.lock --output-file requirements-test.lock

.venv/.runtime: requirements.lock setup.cfg pyproject.toml tools/prepare.sh
	@bash tools/prepare.sh python requirements.lock
	@touch $@

.venv/.test: requirements-test.lock setup.cfg pyproject.toml tools/prepare.sh
	@bash tools/prepare.sh python requirements-test.lock
	@touch .venv/.runtime $@
