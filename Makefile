# make demo    set up and run the case studies: model to SLA and plan, no server needed
# make demo-runtime   the running half for real: deploy to guests, an outage, a flood, reactions (root; Linux with BTF)
# make test    set up, check and run all tests; as root it installs the system packages that tests need
# make check   format, lint, strict types, floors, help in the README
# make golden  derive the committed documents of models/ and the texts of tests/golden/ again; read the difference like code
# make lock    compile the locked requirements again
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
MODELS := $(notdir $(patsubst %/,%,$(wildcard models/*/)))

.PHONY: demo demo-runtime test check golden lock setup system clean
.DEFAULT_GOAL := demo

$(VENV)/base.done: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "musa needs Python 3.11 or later; give its name: make PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.done: $(VENV)/base.done requirements-dev.lock
	@echo "setting up the tools for tests …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/dev.done

demo: $(VENV)/base.done
	@for model in smart-mobility flight-scheduling; do $(BIN)/musa run $$model || exit $$?; echo; done
	@echo "look further:"
	@echo "  $(BIN)/musa explain smart-mobility tsm-engine SC-5      why a control is promised or not, as a proof"
	@echo "  $(BIN)/musa compose smart-mobility --format svg > g.svg  the application as a picture"
	@echo "  $(BIN)/musa --help                                      everything else"

demo-runtime: setup system
	@$(BIN)/python -m tests.road.demo_runtime

system:
	@.ci/system-packages

check: setup
	$(BIN)/ruff format --check -q
	$(BIN)/ruff check -q
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache | tail -n 8
	$(BIN)/musa catalog check
	$(BIN)/python -m pytest -q tests/repository

test: setup system check
	$(BIN)/python -m pytest -n 2 --dist loadfile -p no:cacheprovider

golden: setup
	@for model in $(MODELS); do $(BIN)/musa run $$model || exit $$?; done
	@MUSA_GOLDEN=write $(BIN)/python -m pytest -q -p no:cacheprovider tests/golden
	git diff --stat -- sla playbooks/plans tests/golden

lock:
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header -o requirements-dev.lock

clean:
	rm -rf $(VENV) .musa .cache dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
