# Everything a person does to this tree, one word each. A bare `make` lists the words.
# Needed: Python 3.11 or newer, make, git, and a way to PyPI. No compiler, no root.

UV      ?= .uv/bin/uv
OUR_UV  := $(filter .uv/bin/uv,$(UV))
JOBS    ?= auto
ARGS    ?=
CODE    := crypto formats storage protocols node client frontends
CHECKED := $(CODE) $(wildcard tests benchmarks packaging)

# The first Python that is new enough. (A name on PATH may be a shim that does not run.)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& $$p -c 'import sys; print(sys.executable)' && break; done)
# Two of libp2p's dependencies have no wheels for 3.14 yet, so there uv brings a 3.13 along.
PYTHON_OF_VENV = $(shell $(PYTHON) -c 'import sys; print(sys.executable if sys.version_info < (3, 14) else "3.13")')

# A stamp in .venv says what was installed; it is older than its reasons when they change.
REASONS := pyproject.toml uv.lock packaging/uv.txt packaging/get_uv.py Makefile \
	$(shell find packaging/fastecdsa -name '*.py' -o -name '*.toml' 2>/dev/null)
SYNC     = $(UV) sync --locked --quiet --python "$(PYTHON_OF_VENV)" \
	$(if $(wildcard .venv/.servers),--group servers)

# What checks the page, from npm: each package of the version and hash that the lock file has.
PAGE := packaging/web/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup dev servers run test test-fast check fmt story together town crash faults kill giving coming-back rot drill fuzz privacy drops flood household bench page page-fmt screenshots docs lock wheelhouse clean

help:             ## list these words
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile \
		| awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: .venv/.setup ## make .venv, with .venv/bin/holdfast in it
	@:
run: setup        ## set up, then start a node and say what to do next
	@.venv/bin/holdfast up $(ARGS)

test: dev         ## the whole test suite; ARGS="-k name -x" goes to pytest, JOBS=1 for one process
	@.venv/bin/python -m pytest -n $(JOBS) $(ARGS)
test-fast: dev    ## the same without the tests marked slow
	@.venv/bin/python -m pytest -n $(JOBS) -m "not slow" $(ARGS)
servers: dev      ## real servers to test against, in .venv (200 MB); `make test` uses them from then on
	@touch .venv/.servers && $(SYNC) --group servers
check: dev        ## style, types and import rules: all that is checked without running
	@failed=0; for what in "ruff check --quiet ." "ruff format --check --quiet --diff ." \
		"mypy $(CHECKED)" "lint-imports --no-logo"; do \
		echo "$$what"; PYTHONPATH=. .venv/bin/$$what || failed=1; done; exit $$failed
fmt: dev          ## put the code into shape
	.venv/bin/ruff check --quiet --fix-only .
	.venv/bin/ruff format --quiet .

story: dev        ## Alice's folder reaches Bob, with real processes and sockets; prints what it checked
	@.venv/bin/python -m tests.stories.main_job $(ARGS)
together: dev     ## ten thousand changes by eight devices at once, with faults; one order must explain them
	@.venv/bin/python -m tests.together.campaign $(ARGS)
town: dev         ## three nodes with alice, bob and carol, and a shell as alice
	@.venv/bin/python -m tests.world.town $(ARGS)
crash: dev        ## power cuts at 100,000 points of what a store tells the disk (minutes)
	@.venv/bin/python -m tests.crash.power $(ARGS)
faults: dev       ## every file call of the store's operations fails once, in every way
	@.venv/bin/python -m tests.crash.faults $(ARGS)
kill: dev         ## writing processes are killed with -9, 200 times
	@HOLDFAST_KILLS=200 .venv/bin/python -m pytest -q -n 0 -s -o faulthandler_timeout=0 -o timeout=0 tests/storage/embedded/test_killed.py $(ARGS)
giving: dev       ## sharing and taking back are killed at 200 random moments
	@.venv/bin/python -m tests.together.giving $(ARGS)
coming-back: dev  ## restoring by a kit is killed at every call that it makes
	@HOLDFAST_EVERY_CALL=1 .venv/bin/python -m pytest -q -n 0 -s -o faulthandler_timeout=0 -o timeout=0 tests/client/recovery/test_killed.py $(ARGS)
rot: dev          ## every stored block of a home is damaged in turn and read by a real client
	@.venv/bin/python -m tests.crash.rot $(ARGS)
drill: dev        ## a laptop burns: words and one replica bring 100,000 files back (minutes); ARGS="--files 2000"
	@.venv/bin/python -m tests.stories.drill $(ARGS)
fuzz: dev         ## a million hostile frames for every door and what is below, ten for decoders (hours); ARGS="--frames 20000"
	@.venv/bin/python -m tests.fuzz.campaign $(ARGS)
privacy: dev      ## what each party can tell, claim by claim, over 400 worlds each (half an hour); ARGS="--worlds 100 name"
	@.venv/bin/python -m tests.privacy.campaign $(ARGS)
drops: dev       ## who sent a message, and to whom, as home and couriers see it: 10,000 runs of each question (half an hour)
	@.venv/bin/python -m tests.privacy.drops $(ARGS)
flood: dev       ## ten thousand strangers write to one inbox at once; a friend in the middle is heard
	@.venv/bin/python -m tests.hostile.people.flood $(ARGS)
household: dev    ## 20 accounts for ten minutes while their node is killed; prints seed and counts
	@.venv/bin/python -m benchmarks.household $(ARGS)
bench: dev        ## run the workloads and write docs/benchmarks.md
	@.venv/bin/python -m benchmarks $(ARGS)
page: $(PAGE)      ## what checks the page's types and shape, with node and npm; "make page-fmt" puts it into shape
	@cd packaging/web && npm run --silent check
page-fmt: $(PAGE)
	@cd packaging/web && npm run --silent fmt
screenshots: dev  ## pictures of the page into docs/images, by the system's Chromium
	@.venv/bin/python -m tests.browser.screenshots $(ARGS)
docs: dev         ## check that every link in the documents leads somewhere
	@.venv/bin/python -m tests.architecture.links

lock: $(OUR_UV)       ## take newer versions of the dependencies into uv.lock
	$(UV) lock --upgrade --python "$(PYTHON_OF_VENV)"
wheelhouse: $(OUR_UV) ## build dist/: holdfast and the stand-in it needs, for installing with pip
	@rm -f dist/*.whl
	@for what in . packaging/fastecdsa; do \
		$(UV) build --quiet --wheel --out-dir dist --python "$(PYTHON_OF_VENV)" $$what || exit 1; done
	@echo "pip install --find-links dist" dist/holdfast-*.whl
clean:            ## remove what the words above made, environments included
	rm -rf .uv .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage
	find $(CHECKED) -name __pycache__ -type d -prune -exec rm -rf {} +

dev: .venv/.dev
	@:

$(PAGE): packaging/web/package.json packaging/web/package-lock.json
	@cd packaging/web && npm ci --silent --no-audit --no-fund && touch node_modules/.package-lock.json

.uv/bin/uv: packaging/uv.txt packaging/get_uv.py
	@[ -n "$(PYTHON)" ] || { echo "Holdfast needs Python 3.11 or newer: install python3.11, 3.12 or 3.13 and say make again." >&2; exit 1; }
	@"$(PYTHON)" packaging/get_uv.py .uv && touch $@

.venv/.setup: $(OUR_UV) $(REASONS)
	@[ .venv/.dev -nt uv.lock ] && [ .venv/.dev -nt pyproject.toml ] || { \
		echo "setting up .venv (once)"; $(SYNC) --no-dev --inexact --extra thumbnails; }
	@touch $@
.venv/.dev: $(OUR_UV) $(REASONS)
	@echo "setting up .venv with what tests need (once)"
	@$(SYNC)
	@touch $@ .venv/.setup
