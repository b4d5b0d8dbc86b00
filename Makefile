# Every target does its own set-up, in .venv beside this file, and is safe to repeat.
# Needed: Python 3.11 or newer with its venv module, and a package registry. A C compiler is used where
# there is one; without it longwire is built and tested as pure Python.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python3.14; do \
    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
    && echo "$$python" && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# What is compiled, read from the one place that says so.
HOT := $(addprefix src/longwire/,$(addsuffix .py,$(shell \
    sed -n 's/^HOT_MODULES = (\(.*\))$$/\1/p' src/longwire/link/hot.py | tr -d '",' | tr . /)))
HOT += $(wildcard src/longwire/link/*.pxd)

# The tests assert that the form of the hot modules that runs is the one that was meant.
HAS_COMPILER := $(shell command -v $(firstword $(CC)) gcc clang)
EXPECT := $(if $(filter-out 0,$(LONGWIRE_PURE)),pure,$(if $(HAS_COMPILER),compiled,pure))

PYTEST := LONGWIRE_EXPECT=$(EXPECT) $(BIN)/python -m pytest
# Most tests wait for sockets and timers, so more run at once than there are cores.
PYTEST_ARGS ?= -n 8 --dist worksteal

CONFORMANCE := $(BIN)/python -m pytest -n 2 -m conformance tests/conformance

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2> /dev/null \
	    || sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1   \2/p' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- for everyone

.PHONY: demo
demo: $(VENV)/built ## break a connection in six ways and watch the messages go on
	$(BIN)/longwire demo

.PHONY: test
test: $(VENV)/for-test ## run the tests against the compiled modules (LONGWIRE_PURE=1: against pure Python)
	@$(if $(HAS_COMPILER),,echo 'NOTE: no C compiler on this machine: the tests run against pure Python')
	$(PYTEST) $(PYTEST_ARGS)

.PHONY: conformance conformance-full
conformance: $(VENV)/for-conformance ## run Autobahn's cases against client and server, compiled and pure
	$(if $(HAS_COMPILER),LONGWIRE_EXPECT=compiled $(CONFORMANCE))
	LONGWIRE_PURE=1 LONGWIRE_EXPECT=pure $(CONFORMANCE)
conformance-full: $(VENV)/for-conformance ## the same, compiled, no case shortened: some minutes more
	$(BIN)/python -m tests.conformance --full

.PHONY: fuzz fuzz-briefly
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/for-fuzz ## fuzz what longwire owns, FUZZ_SECONDS for each target
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --seed 0
fuzz-briefly: $(VENV)/for-fuzz
	$(BIN)/python -m tests.fuzz --seconds 5

.PHONY: bench
bench: $(VENV)/for-bench ## measure longwire against its peers, side by side
	@echo 'Building the contestant in Rust, where there is cargo'
	$(BIN)/python -m tests.interop.toolchains cargo
	$(BIN)/python -m benchmarks

.PHONY: bench-hostile
bench-hostile: $(VENV)/for-bench ## measure what hostile peers cost a server, and others on it
	$(BIN)/python -m benchmarks.hostile

.PHONY: bench-chaos
bench-chaos: $(VENV)/for-bench ## measure how many messages pass through the chaos proxy
	$(BIN)/python -m benchmarks.chaos_rate

.PHONY: bench-memory bench-imports
bench-memory: $(VENV)/for-bench ## measure what an idle link keeps in memory
	$(BIN)/python -m benchmarks.idle_memory
bench-imports: $(VENV)/for-bench ## measure how long importing takes
	$(BIN)/python -m benchmarks.imports

.PHONY: bench-lint
bench-lint: $(VENV)/for-bench $(VENV)/for-check ## measure how many lines the linter reads in a second
	$(BIN)/python -m benchmarks.lint_speed

.PHONY: scoreboard
scoreboard: $(VENV)/for-scoreboard ## break reception in every way, with longwire and its peers (SCOREBOARD_ARGS='--rounds 3')
	@echo 'Building the clients in Rust and for Node, where there are cargo and npm'
	$(BIN)/python -m tests.interop.toolchains tungstenite reconnecting
	$(BIN)/python -m scoreboard $(SCOREBOARD_ARGS)

# ---------------------------------------------------------------- for who changes longwire

.PHONY: soak
soak: $(VENV)/for-test ## random faults in virtual time: half an hour for each kind of client (SOAK_ARGS='--seeds 10')
	$(BIN)/python -m soak $(SOAK_ARGS)

.PHONY: fmt
fmt: $(VENV)/for-check ## format the code, and mend what the linter can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: check
check: format-check lint lint-self types imports test-docstrings docs ## everything but the tests

.PHONY: format-check lint lint-self types imports test-docstrings docs
format-check: $(VENV)/for-check
	$(BIN)/ruff format --check
lint: $(VENV)/for-check
	$(BIN)/ruff check
lint-self: $(VENV)/for-check ## look for what stops reception, in ourselves
	$(BIN)/longwire lint
types: $(VENV)/for-check
	$(BIN)/mypy
imports: $(VENV)/for-check
	$(BIN)/lint-imports
test-docstrings: $(VENV)/for-check
	$(BIN)/interrogate tests
docs: $(VENV)/for-check ## build the documentation into build/site
	$(BIN)/mkdocs --quiet build --strict

.PHONY: build
build: $(VENV)/built ## build a wheel into dist/
	$(PIP) wheel --no-build-isolation --no-deps --wheel-dir dist .

.PHONY: clean
clean: ## remove everything that was made
	rm -rf $(VENV) build dist .coverage* .hypothesis .cache .import_linter_cache .longwire_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache src/*.egg-info
	rm -f src/longwire/*/*.so src/longwire/*/*.c
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# ---------------------------------------------------------------- set-up: one stamp file per step

$(VENV)/made:
	@if [ -z '$(PYTHON)' ]; then \
	    echo 'longwire needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv),'; \
	    echo 'and found none as python3.13, python3.12, python3.11, python3 or python3.14.'; \
	    echo 'If there is one: make PYTHON=/path/to/python $(MAKECMDGOALS)'; \
	    exit 1; \
	fi >&2
	@echo 'Making $(VENV) with $(PYTHON)'
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

# longwire itself, editable: Python files run from src/, the hot modules are compiled beside them.
# LONGWIRE_PURE is for the tests; both forms are to be there.
$(VENV)/built: $(VENV)/made pyproject.toml setup.py src/longwire/version.py \
        src/longwire/link/hot.py $(HOT)
	@echo 'Installing longwire into $(VENV), compiling what is hot'
	@$(PIP) install --group build
	@env -u LONGWIRE_PURE $(PIP) install --verbose --no-build-isolation --editable '.[all]' \
	    > $(VENV)/install.log 2>&1 || { cat $(VENV)/install.log; exit 1; } >&2
	@grep -A 3 'WARNING: longwire' $(VENV)/install.log >&2 || true
	@touch $@

$(VENV)/for-%: pyproject.toml | $(VENV)/built
	@echo 'Installing what $* needs into $(VENV)'
	@$(PIP) install --group $*
	@touch $@
