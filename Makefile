# callboard's tasks. `make` alone lists them; the set-up each one needs is done by the task itself, once.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test thorough lint format types chaos bench bench-boards docs screenshots words lock setup test-tools clean

PY := .venv/bin/python
# Where a skip for want of a broker or a browser is a failure: CI, or CALLBOARD_STRICT=1.
STRICT := $(if $(CI),1,$(CALLBOARD_STRICT))
# Tests at a time. More than the cores of a small machine: half of a test of brokers or browsers is waiting.
WORKERS ?= 3
# ARGS reaches pytest or the demo: make test ARGS="-k wrap_up -x"
ARGS ?=

help: ## List these targets
	@echo "callboard: real-time analytics for contact centres"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Start broker, simulated centre, worker and board; Ctrl-C stops them all
	@scripts/setup.sh run
	@exec .venv/bin/callboard demo $(ARGS)

test: lint test-tools ## Lint and run the tests (some fifteen minutes on two cores)
	@CALLBOARD_STRICT=$(STRICT) $(PY) -m pytest -m "not chaos and not bench and not thorough" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

thorough: test-tools ## Run the tests of many cases: every line, many seeds, many kills (minutes)
	@CALLBOARD_STRICT=$(STRICT) $(PY) -m pytest -m "thorough and not chaos and not bench" -n $(WORKERS) --dist loadfile $(ARGS)

lint: ## Check the code's style (ruff)
	@scripts/setup.sh dev
	@$(PY) -m ruff check .

format: ## Let ruff mend and format the code
	@scripts/setup.sh dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: ## Check the types (mypy, strict on pipeline)
	@scripts/setup.sh dev
	@$(PY) -m mypy

chaos: test-tools ## Kill workers and brokers under load, then account for every event
	@CALLBOARD_STRICT=$(STRICT) $(PY) -m pytest -m chaos --capture=no $(ARGS)

bench: test-tools ## Measure throughput, latency and memory
	@CALLBOARD_STRICT=$(STRICT) $(PY) -m pytest -m bench --capture=no tests/bench $(ARGS)

bench-boards: test-tools ## Measure the boards with 60 viewers for half an hour (BOARDS_VIEWERS, BOARDS_MINUTES)
	@CALLBOARD_STRICT=$(STRICT) $(PY) -m pytest -m bench --capture=no tests/bench_boards $(ARGS)

docs: ## Write the generated files anew: schemas, AsyncAPI, reference pages
	@scripts/setup.sh dev
	@.venv/bin/callboard contract write

screenshots: ## Take the pictures of the documentation anew (needs Chromium)
	@scripts/setup.sh dev
	@$(PY) -m tests.browser.pictures

words: ## Add new texts of the boards to the files of messages, and list what is missing there
	@scripts/setup.sh dev
	@$(PY) -m dashboards.messages $(ARGS)

lock: ## Write requirements/*.txt anew, pinned and hashed (UPGRADE=1 takes newer versions)
	@scripts/lock.sh

setup: ## Prepare .venv for development, and nothing else
	@scripts/setup.sh dev

clean: ## Remove what was made here: environment, caches, jars, builds
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Chromium, Java and Kafka's jars: a must where skips are failures, a help elsewhere.
test-tools:
	@scripts/setup.sh dev
ifneq ($(STRICT),)
	@scripts/install-test-tools.sh
	@scripts/kafka-jars.sh
else
	@scripts/kafka-jars.sh || echo "Going on without Apache Kafka: its tests will be skipped."
endif
