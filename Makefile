# `make help` lists what there is. Everything it needs, it installs (see CONTRIBUTING.md).
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8050
export PORT
ifdef DATABASE_URL
export DATABASE_URL
endif
export ZHIZHI_SIMULATOR ?= http://127.0.0.1:$(shell expr $(PORT) + 1)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run rainstorm demo-reset check format test bench docs doctor backup clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements.txt constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is needed (Debian: apt install python3.11 python3.11-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the runtime libraries ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt constraints.txt $(VENV)/.runtime
	@echo "installing the development libraries ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.runtime ## virtual environment with the runtime libraries
setup-dev: $(VENV)/.dev ## the same with everything for checks and tests

run: $(VENV)/.runtime ## start the whole system with a living demo city (PORT=…, DATABASE_URL=…)
	@ZHIZHI_DEMO=$${ZHIZHI_DEMO:-true} $(BIN)/python -m data run

demo-reset: $(VENV)/.runtime ## throw the embedded demo store away and make it again
	@rm -f var/zhizhi.sqlite var/zhizhi.sqlite-wal var/zhizhi.sqlite-shm var/simulator.json
	@ZHIZHI_DEMO=true $(BIN)/python -m data demo

rainstorm: $(VENV)/.runtime ## let a rainstorm begin in the running demo city
	@$(BIN)/python -m data simulate --scenario rainstorm

check: $(VENV)/.dev ## lint, format, types, import contracts, generated documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m data docs --check

format: $(VENV)/.dev ## put the code into its form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

test: $(VENV)/.dev ## every test: unit, property, store on both databases, browser
	@bash tests/browser/ensure_chromium.sh
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal -m "not browser"
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m browser

bench: $(VENV)/.dev ## measure; one JSON line a figure
	@bash tests/browser/ensure_chromium.sh
	@$(BIN)/python -m tests.bench

docs: $(VENV)/.runtime ## write docs/indicators.md again from the catalogue
	@$(BIN)/python -m data docs

doctor: $(VENV)/.runtime ## say in words what is wrong with this system
	@$(BIN)/python -m data doctor

backup: $(VENV)/.runtime ## write the store into one file under var/backups, and prove it
	@$(BIN)/python -m data backup --verify

clean: ## remove what can be made again (not the store)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
