# Corridor: `make` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHON ?= python3

BIN := .venv/bin
PY := $(BIN)/python
JOBS ?= auto
COVERAGE ?= 90
PATHS ?= tests

.PHONY: help run test check chaos bench doctor seed clean lock soak fresh-machine venv venv-test

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: venv ## Run everything on this machine: http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(PY) -m worker.cli run

test: venv-test ## Run all tests with coverage (PATHS=tests/people for a part, COVERAGE=0 without the limit)
	@$(PY) -m pytest $(PATHS) -m "not chaos" -n $(JOBS) --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)

check: venv ## Check style, types, templates and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports --no-logo

bench: venv ## Measure (results under bench/results)
	@$(PY) -m bench

chaos: venv-test ## Kill everything at random for a minute (CHAOS_SEED=… repeats a plan of faults)
	@$(PY) -m pytest tests -m chaos --timeout 0

soak: venv-test ## Kill everything at random for long (CHAOS_SECONDS=600 CHAOS_SEEDS=10)
	@CHAOS_SECONDS=$${CHAOS_SECONDS:-600} CHAOS_SEEDS=$${CHAOS_SEEDS:-10} $(PY) -m pytest tests -m chaos --timeout 0

doctor: venv ## Check this machine and say what to do
	@$(PY) -m worker.cli doctor

seed: venv ## Make the demo company in an empty database
	@$(PY) -m worker.stack $(PY) -m worker.cli seed

lock: ## Resolve requirements.lock anew (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-emit-find-links --extra embedded --extra dev --output-file requirements.lock pyproject.toml

clean: ## Remove everything that was made here: environment, databases, logs, caches
	@worker/stack/clean.sh

fresh-machine: ## Prove `make run` and `make test` on an empty Debian 12 (root, debootstrap, some minutes)
	@tests/stack/fresh_machine.sh

venv:
	@worker/stack/bootstrap.sh run

venv-test:
	@worker/stack/bootstrap.sh test
