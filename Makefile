# One file to set up, run and check CCC. Every target sets up what it needs first; a second run finds the stamps and is quick.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PY_STAMP  := $(VENV)/.installed
WEB_STAMP := static/vendor/.installed

.PHONY: help install run test lint bench fuzz lock clean
help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

install: $(PY_STAMP) $(WEB_STAMP)  ## set up only; .venv/bin/ccc works afterwards

$(PY_STAMP): requirements.lock pyproject.toml scripts/install_python
	scripts/install_python $(PYTHON) $(VENV)
	@touch $@

$(WEB_STAMP): $(wildcard package.json package-lock.json) scripts/install_browser_files $(wildcard scripts/vendor*) | $(PY_STAMP)
	scripts/install_browser_files $(VENV)
	@mkdir -p $(@D) && touch $@

run: install  ## start the demo (needs no phone line)
	exec $(BIN)/ccc serve --demo $(ARGS)

test: install  ## every test; installs Debian packages when run as root
	scripts/system_packages sipp=sip-tester chromium=chromium fc-list=fontconfig
	scripts/run_tests $(BIN)

lint: install  ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install  ## benchmarks on loopback, a few minutes; ARGS=--write updates docs/benchmarks.md
	scripts/system_packages sipp=sip-tester tcpdump=tcpdump chromium=chromium fc-list=fontconfig
	$(BIN)/python -m bench $(ARGS)

fuzz: install  ## 100,000 mutated messages for each parser
	$(BIN)/python -m tests.fuzz $(ARGS)

lock: $(PY_STAMP)  ## write requirements.lock from the newest versions pyproject.toml allows
	scripts/lock_python $(VENV)

clean:  ## everything that was installed or built; instance/ stays
	rm -rf $(VENV) node_modules static/vendor build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
