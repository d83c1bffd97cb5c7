# Everything a clone needs: `make demo` shows the tool, `make test` checks it.
#
# The package is installed editable into $(VENV), so that an edit is seen at once. Users install it
# with `pip install .` instead.

PYTHON ?= python3
VENV ?= .venv
PYTHONS = 3.10 3.11 3.12 3.13
BIN = $(abspath $(VENV))/bin

SHELL = /bin/bash
.DELETE_ON_ERROR:
.PHONY: help demo test lint pytest docs site pictures dist test-wheel bench bench-editor \
    bench-runtime crash sweep soak page fuzz no-match corpus test-all clean

help:
	@echo "make demo      migrate a small application, by the tool and by hand, and take it back"
	@echo "make test      lint, type-check and test"
	@echo "make lint      ruff, mypy, the import contract, and the tool on itself"
	@echo "make pytest    the test suite alone; ARGS='-k name' is passed on"
	@echo "make docs      write what is generated: reference, README blocks, sessions, the picture"
	@echo "make site      build the documentation site in build/site, and check its links"
	@echo "make dist      build the wheel and the sdist in dist/"
	@echo "make test-wheel  run the functional tests against the wheel: ARGS is passed to pytest"
	@echo "make bench     measure on a source tree: CORPUS=PATH"
	@echo "make bench-editor  measure the language server on a source tree: ROOT=PATH"
	@echo "make bench-runtime  measure the runtime: USERS=100,1000 EVENTS=1000"
	@echo "make crash     fail, kill and fill the disk at every file operation of a transaction"
	@echo "make sweep     cancel every task of the runtime at every step; count what stays in memory"
	@echo "make soak      run the runtime over real sockets: USERS=1000 EVENTS=10000000"
	@echo "make pictures  take the pictures of a page in the documentation, with Chromium"
	@echo "make page      write the page about a large tree, and use it in a browser: FILES=10000"
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

$(VENV)/.installed-demo: $(METADATA) | $(VENV)/.created
	@echo "Installing ssot-migrate and what its demo needs into $(VENV)"
	@$(INSTALL) '.[demo]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: $(METADATA) | $(VENV)/.created
	@echo "Installing ssot-migrate and what its tests need into $(VENV)"
	@$(INSTALL) '.[test]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-demo

$(VENV)/.installed-bench: $(METADATA) | $(VENV)/.installed-test
	@echo "Installing what the benchmark compares with into $(VENV)"
	@$(INSTALL) '.[bench]'
	@touch $@

# --- what people run ----------------------------------------------------------------------------

demo: $(VENV)/.installed-demo
	@fixtures/agent_platform/demo.sh "$(BIN)"

test: lint site pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/ssot-migrate scan

# In a folder of its own: pytest fails on what a killed run left in the usual one, for Python cannot
# remove a tree as deep as some tests make.
pytest: $(VENV)/.installed-test
	@temporary=$$(mktemp -d) && trap 'rm -rf "$$temporary"' EXIT && \
	echo "$(BIN)/python -m pytest -n 2 $(ARGS)" && \
	$(BIN)/python -m pytest -n 2 --basetemp "$$temporary/pytest" $(ARGS)

docs: $(VENV)/.installed-test
	$(BIN)/python docs/generate.py

# From nothing each time (-E), for a page that stays as it was does not repeat its warnings.
site: $(VENV)/.installed-test
	$(BIN)/sphinx-build -q -E -n -W --keep-going -d build/doctrees docs build/site
	@! grep -rnE '<(script|link|img|iframe)[^>]* (src|href)="(https?:)?//' build/site --include='*.html' || { \
	    echo "A page would fetch something from elsewhere." >&2; exit 1; }
	@echo "The site is build/site/index.html"

bench: corpus $(VENV)/.installed-bench
	$(BIN)/python -m tests.bench "$(CORPUS)" $(BENCH_ARGS)

bench-editor: $(VENV)/.installed-test
	$(BIN)/python -m tests.bench.editor "$(ROOT)" $(ARGS)

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

# The sdist, and the wheel from the sdist alone. SOURCE_DATE_EPOCH, where set, fixes the wheel's bytes.
dist: $(VENV)/.installed-test
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist

# Tests and their tools run in $(VENV), the commands that they start in an environment of the wheel.
WHEEL_ENVIRONMENT = $(abspath build/wheel-environment)
test-wheel: dist
	$(BIN)/python -m venv --clear --without-pip $(WHEEL_ENVIRONMENT)
	$(BIN)/python -m pip --quiet --python $(WHEEL_ENVIRONMENT)/bin/python \
	    install "$$(echo dist/*.whl)[lsp,dask]"
	SSOT_MIGRATE_TEST_COMMAND=$(WHEEL_ENVIRONMENT)/bin/ssot-migrate \
	    $(MAKE) --no-print-directory pytest ARGS="tests/functional $(ARGS)"

pictures: $(VENV)/.installed-test
	$(BIN)/python docs/photograph.py

page: $(VENV)/.installed-test
	$(BIN)/python -m tests.campaigns.large_page $(if $(FILES),--files $(FILES))

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
