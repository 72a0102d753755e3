# Two commands matter: `make rehearse` and `make test`. Both set everything up first.
# GNU make 3.81 (macOS) is enough. PYTHON=/path/to/python3.12 picks another interpreter.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help setup rehearse test check unit system prove evaluate bench wheel clean

help: ## list what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/'

setup: .venv/installed ## make .venv with everything in it

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("matchnight needs Python 3.11 or later and " + sys.executable + " is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@# A bare Debian has no ensurepip: then the system's pip installs into the new environment.
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv --without-pip .venv; }

.venv/installed: constraints.txt pyproject.toml | .venv/bin/python
	@echo "matchnight: installing into .venv, about a minute"
	@PIP="$(BIN)/python -m pip"; $$PIP --version >/dev/null 2>&1 || PIP="$(PYTHON) -m pip --python $(BIN)/python"; \
	set -e; export PIP_DISABLE_PIP_VERSION_CHECK=1; \
	$$PIP install --quiet --constraint constraints.txt hatchling editables; \
	$$PIP install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

rehearse: setup ## rehearse PSG–Juventus on the embedded stack (at most three minutes)
	@$(BIN)/python -m loadtests.cli rehearse psg-juventus $(ARGS) || { status=$$?; case $$status in 99) exit 0;; *) exit $$status;; esac; }

test: check unit system ## format, lint, types, import contracts, and all tests (at most ten minutes)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: setup
	$(BIN)/pytest -n 2 -m 'not prove and not ci' --ignore tests/system $(ARGS)

system: setup # the whole tool; two at a time where nothing depends on how soon something happens
	$(BIN)/pytest -n 2 -m 'not prove and not ci and not alone' tests/system $(ARGS)
	$(BIN)/pytest -m 'alone and not prove and not ci' tests/system $(ARGS)

prove: setup ## every bar at full size, written to reports/evaluation/ (hours)
	MATCHNIGHT_EVALUATION=reports/evaluation $(BIN)/pytest -m prove --timeout 7200 tests $(ARGS)

evaluate: setup ## how right the diagnosis is on evenings of known truth (part of `prove`)
	MATCHNIGHT_EVALUATION=reports/evaluation $(BIN)/pytest -m prove --timeout 7200 tests/evaluation $(ARGS)

bench: setup ## the engine beside its peers (nginx, wrk, cc), written to reports/benchmarks/
	$(BIN)/python tests/bench/run.py $(ARGS)

wheel: setup
	$(BIN)/python -m build --no-isolation --wheel

clean: ## forget what was installed and built
	rm -rf .venv dist build
