# Two commands: `make run` and `make test`. Each builds the environment it needs in .venv.
PYTHON ?= python3
PORT ?= 8000
VAR_DIR ?= var
BIN := .venv/bin
export PORT VAR_DIR

.DELETE_ON_ERROR:
.PHONY: run test bench lint lighthouse format lock clean
.DEFAULT_GOAL := run

run: export DEVELOPMENT ?= true
run: .venv/.run
	@$(BIN)/python manage.py migrate --no-input --verbosity 0
	@$(BIN)/python manage.py load_demo --once
	@$(BIN)/python manage.py rebuild_search --once
	@$(MAKE) --silent $(VAR_DIR)/static/staticfiles.json
	@$(BIN)/python manage.py run_site

test: .venv/.dev
	@$(MAKE) --silent $(CHECKER) || echo "The Nu HTML checker could not be fetched; its tests will say so." >&2
	@$(BIN)/pytest -n auto --dist worksteal $(PYTEST)

# DATABASE_URL names the PostgreSQL server; BENCH="--guides 1000" a smaller run.
bench: .venv/.dev
	@$(BIN)/python -m benchmarks $(BENCH)

lint: export DEVELOPMENT ?= true
lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy .

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

# From the bounds in pyproject.toml, with hashes; no registry's address is recorded. UPGRADE=--upgrade takes newer ones.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv

# Collected again only when a file or a package that brings files has changed.
STATIC := $(shell find portal/static articles/static quotes/static -type f 2>/dev/null)
$(VAR_DIR)/static/staticfiles.json: requirements.txt portal/settings.py $(STATIC)
	@$(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@

# Checks HTML in the browser tests; a Java program that npm carries. Without npm its tests are skipped.
CHECKER := $(VAR_DIR)/tools/node_modules/vnu-jar/build/dist/vnu.jar
$(CHECKER): Makefile
	@if command -v npm >/dev/null; then \
		npm install --prefix $(VAR_DIR)/tools --no-save --no-audit --no-fund --ignore-scripts --loglevel=error vnu-jar@26.9.27 \
			>/dev/null && touch $@; \
	fi

# Reads pages as a search engine and a slow phone would. Apart from the checker: npm clears a folder it installs into.
LIGHTHOUSE := $(VAR_DIR)/tools/lighthouse/node_modules/.bin/lighthouse
$(LIGHTHOUSE): Makefile
	@npm install --prefix $(VAR_DIR)/tools/lighthouse --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
		lighthouse@12.8.2 >/dev/null && touch $@

lighthouse: .venv/.dev $(LIGHTHOUSE)
	@$(BIN)/python -m tests.lighthouse $(LIGHTHOUSE)

# Everything that runs is locked with hashes; uv installs it where it is on PATH, pip otherwise.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3.11 make $@ names one." >&2; exit 1; }
	@if command -v uv >/dev/null; then \
		{ test -x $(BIN)/python || uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv; } \
		&& uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
	else \
		{ test -x $(BIN)/pip || $(PYTHON) -m venv .venv; } \
		&& $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	fi
	@touch $@
endef

.venv/.run: requirements.txt
	$(call install,requirements.txt)

.venv/.dev: requirements.txt requirements-dev.txt
	$(call install,requirements-dev.txt)
