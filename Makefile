# The commands of people and of CI alike; each does the set-up it needs, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export BENTOML_DO_NOT_TRACK := True

.PHONY: help setup demo test check format serve bench notebook clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(READY)  ## install everything into .venv

$(READY): pyproject.toml constraints.txt packaging/pyicu/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt ./packaging/pyicu --editable '.[dev]'
	@touch $@

demo: $(READY)  ## simulate a group and run everything on it, into .demo/
	$(BIN)/glocal --workspace .demo/workspace demo --out .demo/exports

test: $(READY)  ## run the tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(READY)  ## lint, types, import contract and docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/check.py

format: $(READY)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: $(READY)  ## serve the demo's workspace on http://127.0.0.1:3000
	$(BIN)/glocal --workspace .demo/workspace serve

bench: $(READY)  ## measure speed as ratios, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

notebook: $(READY)  ## execute the notebooks again
	$(BIN)/python notebooks/execute.py

clean:  ## remove what the demo and the tools left behind
	rm -rf .demo .benchmarks .pytest_cache .mypy_cache .ruff_cache .hypothesis
