# Everything a clone needs: `make demo` shows the tool, `make test` checks it.
#
# The package is installed editable into $(VENV), so that an edit is seen at once. Users install it
# with `pip install .` instead.

PYTHON ?= python3
VENV ?= .venv
PYTHONS = 3.10 3.11 3.12 3.13
DEMO = fixtures/agent_platform/before
BIN = $(abspath $(VENV))/bin

SHELL = /bin/bash
.DELETE_ON_ERROR:
.PHONY: help demo test lint pytest docs bench bench-runtime crash sweep soak fuzz no-match corpus \
    test-all clean

help:
	@echo "make demo      scan a small application with the usual trouble, and plan its migration"
	@echo "make test      lint, type-check and test"
	@echo "make lint      ruff, mypy and the import contract"
	@echo "make pytest    the test suite alone; ARGS='-k name' is passed on"
	@echo "make docs      write what is generated: rule pages, README blocks, the picture"
	@echo "make bench     measure on a source tree: CORPUS=PATH"
	@echo "make bench-runtime  measure the runtime: USERS=100,1000 EVENTS=1000"
	@echo "make crash     fail, kill and fill the disk at every file operation of a transaction"
	@echo "make sweep     cancel every task of the runtime at every step; count what stays in memory"
	@echo "make soak      run the runtime over real sockets: USERS=1000 EVENTS=10000000"
	@echo "make fuzz      plant imports into real files and migrate them: CORPUS=PATH"
	@echo "make no-match  look whether files without a match stay as they are: CORPUS=PATH"
	@echo "make test-all  the test suite on each of Python $(PYTHONS) that is here"
	@echo "make clean     remove environments, caches and build output"
	@echo "PYTHON=python3.12 chooses the interpreter (now: $(PYTHON)), VENV=DIR the environment."

# --- environments -------------------------------------------------------------------------------

# A stamp stands for an installation, and is out of date when the project's metadata change.
METADATA = pyproject.toml ssot_migrate/_version.py
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	    echo "'$(PYTHON)' is no Python 3.10 or newer: $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	    echo "Name one that is: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	    echo "Creating $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv "$(VENV)"; }
	@touch $@

$(VENV)/.installed: $(METADATA) | $(VENV)/.created
	@echo "Installing ssot-migrate into $(VENV)"
	@$(INSTALL) .
	@touch $@

$(VENV)/.installed-test: $(METADATA) | $(VENV)/.created
	@echo "Installing ssot-migrate and what its tests need into $(VENV)"
	@$(INSTALL) '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(METADATA) | $(VENV)/.installed-test
	@echo "Installing what the benchmark compares with into $(VENV)"
	@$(INSTALL) '.[bench]'
	@touch $@

# --- what people run ----------------------------------------------------------------------------

# `scan` exits with 1 where there are findings. Here there should be some: 0 or 2 fails the demo.
demo: $(VENV)/.installed
	@cd $(DEMO) && export PATH="$(BIN):$$PATH"; \
	color=never; if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then color=always; fi; \
	echo "In $(DEMO), a small application with the usual trouble."; \
	echo; echo "\$$ ssot-migrate scan agent_platform/routes/admin.py --output-format full"; \
	ssot-migrate scan agent_platform/routes/admin.py --output-format full --color $$color --no-cache; \
	echo; echo "\$$ ssot-migrate scan --statistics    # the end of it"; \
	ssot-migrate scan --statistics --color $$color --no-cache | \
	    awk 'NF == 0 { table = 1 } table'; code=$${PIPESTATUS[0]}; \
	echo; echo "\$$ ssot-migrate which UserWebSocketEmitter"; \
	ssot-migrate which UserWebSocketEmitter --no-cache || exit 1; \
	echo; echo "\$$ ssot-migrate apply --dry-run agent_platform/main.py"; \
	ssot-migrate apply --dry-run agent_platform/main.py -q --color $$color --no-cache; \
	echo; echo "\$$ ssot-migrate apply --dry-run    # the end of it"; \
	ssot-migrate apply --dry-run --no-cache | tail -n 4; \
	[ $${PIPESTATUS[0]} -eq 1 ] || exit 1; \
	engines=agent_platform.agents.supervisor.execution_engine_factory:ExecutionEngineFactory; \
	echo; echo "\$$ ssot-migrate graph consumers $$engines"; \
	ssot-migrate graph consumers $$engines --no-cache || exit 1; \
	echo; echo "The scan of the application ended with exit code $$code."; \
	[ $$code -eq 1 ] || { echo "It should be 1: there is something to find." >&2; exit 1; }; \
	echo "That is right: 1 says that there are findings. In CI, the gate would stop here."

test: lint pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# In a folder of its own: pytest fails on what a killed run left in the usual one, for Python cannot
# remove a tree as deep as some tests make.
pytest: $(VENV)/.installed-test
	@temporary=$$(mktemp -d) && trap 'rm -rf "$$temporary"' EXIT && \
	echo "$(BIN)/python -m pytest -n 2 $(ARGS)" && \
	$(BIN)/python -m pytest -n 2 --basetemp "$$temporary/pytest" $(ARGS)

docs: $(VENV)/.installed-test
	$(BIN)/python docs/generate.py

bench: corpus $(VENV)/.installed-bench
	$(BIN)/python -m tests.bench "$(CORPUS)" $(BENCH_ARGS)

bench-runtime: $(VENV)/.installed-test
	$(BIN)/python -m tests.bench.runtime $(if $(USERS),--users $(USERS)) \
	    $(if $(EVENTS),--events $(EVENTS)) $(ARGS)

crash: $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.crash $(ARGS)

sweep: $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.runtime.sweep $(ARGS)
	$(BIN)/python -m tests.campaigns.runtime.memory

soak: $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.runtime.soak $(if $(USERS),--users $(USERS)) \
	    $(if $(EVENTS),--events $(EVENTS)) $(ARGS)

fuzz: corpus $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.fuzz "$(CORPUS)" $(ARGS)

no-match: corpus $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.corpus "$(CORPUS)" $(ARGS)

corpus:
	@test -d "$(CORPUS)" || { \
	    echo "Say what to measure on: make bench CORPUS=PATH, a folder of Python files." >&2; exit 2; }

# pyenv's `python3.12` is only a signpost, which works where that version is switched on. So a
# version is looked for among pyenv's own, and then on PATH.
test-all:
	@done=; for version in $(PYTHONS); do \
	    python=; \
	    if command -v pyenv >/dev/null; then \
	        full=$$(pyenv versions --bare | grep -E "^$$version\.[0-9]+$$" | tail -n 1); \
	        [ -z "$$full" ] || python="$$(pyenv root)/versions/$$full/bin/python"; \
	    fi; \
	    if [ -z "$$python" ] && "python$$version" -c '' 2>/dev/null; then python="python$$version"; fi; \
	    if [ -z "$$python" ]; then echo "== Python $$version: not here, left out"; continue; fi; \
	    echo "== Python $$version: $$python"; \
	    $(MAKE) --no-print-directory pytest PYTHON="$$python" VENV=".venv-$$version" || exit 1; \
	    done="$$done $$version"; \
	done; \
	test -n "$$done" || { echo "None of Python $(PYTHONS) was found." >&2; exit 1; }; \
	echo "Passed on Python$$done."

clean:
	rm -rf .venv .venv-3.* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
	    .import_linter_cache .hypothesis .ssot_migrate_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
