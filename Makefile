# The habits of the house, one word each. Every word first installs what it lacks (tools/prepare.py);
# that is quick when nothing changed, and says what it does on stderr only.

SHELL := /bin/sh
PYTHON = $$(tools/find_python.sh)
PREPARE = @python=$(PYTHON) && "$$python" tools/prepare.py
IN_CONSOLE = @.venv/bin/python -m tools.console

.PHONY: help setup run demo test check fix bench model migrate migration lock clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r word does; do \
		printf '  make %-10s %s\n' "$$word" "$$does"; done

setup: ## install the Python packages and build the console
	$(PREPARE) python console

run: ## start the hotline here; Ctrl-C stops it
	$(PREPARE) python console
	@exec .venv/bin/hotline run

demo: ## one real call, from ringing to the rated and closed ticket (CALL=live: with a person; JSON=1: one JSON object)
	$(PREPARE) python console call-tools $(if $(filter live,$(CALL)),test-tools asterisk)
	@.venv/bin/hotline demo $(if $(JSON),--json) $(if $(filter live,$(CALL)),--live)

test: ## every test, the browser's too (ARGS='-k roster' for some)
	$(PREPARE) python console test-tools asterisk
	$(IN_CONSOLE) test
	@.venv/bin/python -m pytest -n 2 --max-worker-restart 0 $(ARGS)

check: ## format, lint, types, contracts, sizes, migrations, locks, OpenAPI, ticket life, console
	$(PREPARE) python console-packages
	@.venv/bin/python -m tools.check

fix: ## what tools can put right: format, lint, docs/openapi.json, docs/ticket-life.md and the console's API types
	$(PREPARE) python console-packages
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .
	@.venv/bin/python -m tools.openapi
	@.venv/bin/python -m tools.ticket_life
	$(IN_CONSOLE) generate

bench: ## the promised figures, measured here (JSON=1: as one JSON object)
	$(PREPARE) python console bench-tools asterisk
	@.venv/bin/hotline bench $(if $(JSON),--json)

model: ## make the embedded speech model anew and compare it with the shipped one (SIZE=small: does every step work?)
	$(PREPARE) python model-tools training
	@.venv/bin/python -m asr.training $(or $(SIZE),full) $(if $(SHIP),ship)

migrate: ## bring the database's tables up to date
	$(PREPARE) python
	@.venv/bin/hotline migrate

migration: ## write the next migration from the models: make migration m="what changes"
	$(PREPARE) python
	@.venv/bin/python -m tools.new_migration "$(m)"

lock: ## pin every package anew from pyproject.toml (UPGRADE=1: to the newest that fit)
	$(PREPARE) python
	@.venv/bin/python -m tools.lock $(if $(UPGRADE),--upgrade)

clean: ## forget what was installed and built; data in var/ stays
	rm -rf .venv .tools build console/dist console/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
