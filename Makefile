# make demo          a clinic to try: everything is installed and built on the way; RESET=1 begins anew, PORT=9000 elsewhere
# make test          the whole suite          make check   style, types, imports, structure
# make bench         what it costs            make lock    the locked versions, anew       make clean   what was built

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.SILENT:
MAKEFLAGS += --no-print-directory
.PHONY: demo test check audit web bench lock clean install

VENV := .venv
RUN := $(VENV)/bin/python
PACKAGES := requirements.lock
INSTALLED := $(VENV)/.installed

ifdef PORT
export MEDCAB_PORT := $(PORT)
endif

demo: install
	$(RUN) -m medcab.cli demo $(if $(RESET),--reset)

test: install web
	$(RUN) -m tests.run $(ARGS)

# Known holes in what is installed (patterns of them in our own code: `make check`, by ruff's S rules).
audit: install
	if report=$$($(RUN) -m pip_audit --require-hashes --disable-pip -r $(PACKAGES) --progress-spinner off 2>&1); then
	  echo "$$report" | head -1
	  echo "$$report" | grep -c 'could not be audited' | sed 's/$$/ packages could not be asked about/'
	elif grep -q 'Found .* known vulnerabilit' <<< "$$report"; then
	  echo "$$report"; exit 1
	else
	  echo "Nobody could be asked about known holes: $$(tail -1 <<< "$$report" | cut -c1-200)"
	fi

web: install
	$(RUN) -m medcab.cli build --if-stale

check: install
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports
	$(RUN) -m pytest tests/house -q

bench: install
	$(RUN) -m bench $(ARGS)

# The virtual environment holds exactly what the lock names (--no-deps: the lock is whole, and older pips would look for newer versions of
# what is asked for with extras); nothing is done when the lock has not changed.
install:
	say() { echo "medcab: $$*" >&2; exit 1; }
	test -f $(PACKAGES) || say "$(PACKAGES) is missing: run make in the project's folder."
	wanted=$$(cksum < $(PACKAGES))
	if test -x $(RUN) && test "$$(cat $(INSTALLED) 2>/dev/null)" = "$$wanted"; then exit 0; fi
	if ! test -x $(RUN); then
	  for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi
	  done
	  test -n "$${python:-}" || say "Python 3.11 or newer is needed; name one with make demo PYTHON=/path/to/python3."
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || say "This Python cannot make virtual environments: install the package python3-venv."
	  echo "Making a virtual environment …"
	  "$$python" -m venv $(VENV)
	fi
	total=$$(grep -c '^[a-zA-Z0-9].*==' $(PACKAGES))
	echo "Installing about $$total packages, once …"
	if ! $(RUN) -m pip install --disable-pip-version-check --progress-bar off --require-hashes --no-deps -r $(PACKAGES) 2>&1 \
	  | tee $(VENV)/install.log | awk -v total=$$total \
	    '/^ *Collecting /{ if (++n % 20 == 0) printf "  %d of about %d\n", n, total; fflush() } /^Installing collected/{ print "  unpacking …"; fflush() }'; then
	  grep -E '^ *ERROR' $(VENV)/install.log >&2 || tail -5 $(VENV)/install.log >&2
	  say "the packages could not be installed; the whole story is in $(VENV)/install.log."
	fi
	echo "$$wanted" > $(INSTALLED)

lock:
	command -v uv >/dev/null || { echo "medcab: uv is needed to resolve the lock: pip install uv." >&2; exit 1; }
	uv pip compile pyproject.toml --extra build --extra dev --generate-hashes --universal --python-version 3.11 \
	  --no-emit-index-url -o $(PACKAGES)

# Data (var/) stays: `make demo RESET=1` is what throws it away.
clean:
	rm -rf .web medcab/web medcab/web.new medcab/web.old assets/external .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
