# A fresh machine needs Python 3.11 or newer with pip, and make. Everything else goes into .venv.

BIN := .venv/bin
QUICK := $(wildcard tests/tidy tests/types tests/unit tests/contracts tests/grants tests/local tests/testing tests/deploy apps)
# Two processes, a file at a time in the order given: what takes longest begins.
ON_TWO := --numprocesses=2 --dist=loadfile --no-loadscope-reorder
# Where an environment forbids bytecode, each of a thousand processes would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE
# The pins hold inside build environments too; newer pips take that from the second variable.
PINNED := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
INSTALL := $(PINNED) $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: setup run test check bench scan format pins clean

setup: .venv/ready

run: .venv/ready # serve the apps that pyproject.toml names; reload when a file changes
	@exec $(BIN)/skylift dev

test: .venv/ready .venv/browser # everything; pytest's summary comes last
	@$(BIN)/python -m pytest $(ON_TWO) apps tests

check: .venv/ready # format, lint, strict types, tidiness, unit tests, local contracts: two minutes and a half
	@$(BIN)/python -m pytest -m "not long" --hypothesis-profile=check $(ON_TWO) $(QUICK)

bench: .venv/bench # our figures beside our peers', in the same run
	@$(BIN)/python -m bench

scan: .venv/scan/ready # a policy scan of every app's templates: what it finds is fixed or explained
	@$(BIN)/python -m tests.deploy.scan .venv/scan/bin/checkov

format: .venv/ready
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pins: .venv/ready # resolve every dependency anew; the newest that fit become the pins
	@rm -rf .venv/pins
	@$(BIN)/python -m pip install --quiet --target .venv/pins '.[dev,bench]' hatchling editables
	@$(BIN)/python -m pip freeze --path .venv/pins --exclude skylift > constraints.txt
	@rm -rf .venv/pins

clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml constraints.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || sh .ci/venv
	@echo "installing what pyproject.toml asks for into .venv"
	@$(INSTALL) --editable '.[dev]'
	@touch $@

.venv/browser: .venv/ready
	@sh .ci/browser
	@touch $@

.venv/bench: .venv/ready
	@$(INSTALL) --editable '.[bench]'
	@touch $@

.venv/scan/ready: .venv/ready tests/deploy/scan.txt
	@$(BIN)/python -m venv --without-pip .venv/scan
	@$(BIN)/python -m pip --python .venv/scan/bin/python install --quiet --disable-pip-version-check --requirement tests/deploy/scan.txt
	@touch $@
