# Everything between a fresh machine and running processes. `make help` lists the targets.
# Needed: make, and Python 3.11 or newer. Node comes as a wheel; root and plain users are alike.

PYTHON ?= python3
VENV   := .venv
BIN    := $(abspath $(VENV))/bin
LOCKS  := requirements.txt requirements-embedded.txt requirements-dev.txt
UI     := admin_ui
# The machine's own trust store where it has one: behind a company's proxy only that one will do.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/cert* /etc/pki/tls/certs/*),true,false)
export NODE_EXTRA_CA_CERTS ?= $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt \
	/etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem))
NPM    := cd $(UI) && PATH="$(BIN):$$PATH" npm
# Compiled modules are kept, here and in .venv, also where a container's environment says not to:
# compiling anew, the api alone takes seven seconds to start instead of two, at every start of a test.
unexport PYTHONDONTWRITEBYTECODE
# Processes of the test run: one more than cores, for they wait for servers and pages a third of the
# time, and no more than a machine's memory likes.
CORES  := $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())' 2>/dev/null || echo 1)
TESTS  ?= -n $(shell expr $(CORES) + 1) --maxprocesses 8 --dist worksteal

UI_SOURCES := $(shell find $(UI) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
# Targets that touch the pages have nothing to do in a checkout without them.
ifneq ($(wildcard $(UI)/package.json),)
UI_INSTALLED := $(UI)/node_modules/.installed
UI_BUILT     := $(UI)/dist/index.html
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup ui run dev test faults soak pictures coverage check check-python check-ui lock types clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

## --- from nothing to an environment: each stamp is made once, and again when its inputs change ---

setup: $(VENV)/.project ## the Python environment, from locks with hashes
	@:

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Clearsend needs Python 3.11 or newer, $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) 2>$(VENV).log || $(PYTHON) -m virtualenv -q $(VENV) 2>>$(VENV).log || { \
	  cat $(VENV).log >&2; rm -rf $(VENV) $(VENV).log; \
	  echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@rm -f $(VENV).log
	@touch $@

$(VENV)/.uv: requirements-uv.txt $(VENV)/.made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
	  --require-hashes -r requirements-uv.txt \
	  || echo "No uv for this platform: pip installs instead, in minutes rather than seconds."
	@touch $@

$(VENV)/.locked: $(LOCKS) $(VENV)/.uv
	@if [ -x $(BIN)/uv ]; then \
	  $(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python $(LOCKS); \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	    $(addprefix -r ,$(LOCKS)); \
	fi
	@touch $@

# Without isolation and dependencies: what builds it stands in the locks too.
$(VENV)/.project: pyproject.toml $(VENV)/.locked
	@if [ -x $(BIN)/uv ]; then \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --no-build-isolation --editable .; \
	fi
	@touch $@

## --- the pages ---

ui: $(UI_BUILT) ## the pages, built with the Node of a wheel
	@:

$(UI)/node_modules/.installed: $(UI)/package-lock.json $(UI)/package.json $(VENV)/.locked
	@$(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(UI)/dist/index.html: $(UI)/node_modules/.installed $(UI_SOURCES)
	@$(NPM) run --silent build -- --logLevel warn
	@echo "the pages are built"
	@touch $@

## --- running ---

run: setup ## everything on this machine: servers, api, workers, clock, a carrier; Ctrl-C ends it
	@exec $(BIN)/clearsend run --beside 'ui=make --no-print-directory ui'

dev: setup ## the same with reloading sources, and the pages from vite on port 5173
	@exec $(BIN)/clearsend run --reload --beside 'ui=make --no-print-directory dev-ui'

.PHONY: dev-ui
dev-ui: $(UI_INSTALLED)
	@$(NPM) run dev

## --- proving ---

test: setup $(UI_BUILT) ## every test, on real Postgres, Valkey and Chromium, in parallel
	@$(BIN)/python -m pytest $(TESTS)

# `make test` kills at each point with three seeds.
SEEDS ?= 60
faults: setup ## kill -9 at every named point of sending and of money, with SEEDS=60 seeds
	@CLEARSEND_FAULT_SEEDS=$(SEEDS) $(BIN)/python -m pytest $(TESTS) tests/faults

MINUTES ?= 60
soak: setup ## kills with ever new seeds, races, long walks, large desks, for MINUTES=60
	@$(BIN)/python -m tests.faults.soak $(MINUTES)

pictures: setup $(UI_BUILT) ## the screens of docs/pictures, taken anew; needs Chromium
	@$(BIN)/python -m tests.browser.pictures

# Those tests alone that these files owe their coverage to, and few of Hypothesis' examples: the
# long walks prove promises, and `make test` runs them without the tracer.
coverage: setup ## every branch of ledger, sms, states and scopes, or it fails
	@$(BIN)/python -m pytest $(TESTS) --cov --cov-report=term --hypothesis-profile=few \
	  --deselect tests/ledger/test_machine.py --deselect tests/ledger/test_concurrency.py \
	  tests/ledger tests/sms tests/db tests/*/test_states.py

check: check-python check-ui coverage test ## what CI runs: formats, rules, types, arrows, pages, tests

check-python: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# That openapi.json is this source tree's is a test; here, that the pages' types are openapi.json's.
check-ui: $(UI_BUILT)
	@if [ -f $(UI)/package.json ]; then \
	  made=$$(mktemp) && trap 'rm -f "$$made"' EXIT \
	  && (cd $(UI) && PATH="$(BIN):$$PATH" node_modules/.bin/openapi-typescript openapi.json -o "$$made" >/dev/null) \
	  && { cmp -s "$$made" $(UI)/src/api/schema.d.ts \
	    || { echo "$(UI)/src/api/schema.d.ts is not made of openapi.json: make types" >&2; exit 1; }; } \
	  && (cd $(UI) && PATH="$(BIN):$$PATH" npm run --silent check); \
	fi

## --- keeping ---

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --no-annotate --universal --python-version 3.11

lock: setup ## write the locks anew from requirements*.in and package.json
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-embedded.in -o requirements-embedded.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) requirements-uv.in -o requirements-uv.txt
	@if [ -f $(UI)/package.json ]; then \
	  $(NPM) install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund; fi

types: setup $(UI_INSTALLED) ## the OpenAPI document, and the pages' types from it
	@$(BIN)/python -m backend.commands.openapi > $(UI)/openapi.json.new
	@mv $(UI)/openapi.json.new $(UI)/openapi.json
	@$(NPM) run --silent types

clean: ## what can be made again; never the data directory
	@rm -rf $(VENV) $(UI)/node_modules $(UI)/dist .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis .coverage*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
