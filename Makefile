# The door to the house. Everything here needs only Python 3.12 and make; uv comes from PyPI.
PYTHON ?= $(shell for p in python3.12 python3 python; do \
	$$p -c 'import sys; raise SystemExit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
UV := .uv/bin/uv
RUN := $(UV) run --frozen --no-progress
export UV_PYTHON_DOWNLOADS = never
# Some machines forbid Python to keep what it compiled. A service is many processes, and so are the tests: each would
# compile all of its imports for itself, for half a minute.
unexport PYTHONDONTWRITEBYTECODE

# Three processes on two cores, for tests wait. Each takes tests that stand together and gives up what it has not begun
# to one that has nothing left: what tests of a file share is made once, and nobody waits at the end.
WORKERS ?= -n 3 --dist worksteal

.PHONY: demo test test-app test-times test-slow check warm bench docs reference clean help
help:
	@echo "make demo   a synthetic town, with an evening happening now"
	@echo "make test   all tests, the service on both databases"
	@echo "make test-app APP=orders   one app or room, with its own pages of the walk (under a minute)"
	@echo "make test-times   where the minutes of the tests go"
	@echo "make test-slow   every page in a browser, processes killed, leases run out (CI runs both)"
	@echo "make check  lint, types, rules between rooms"
	@echo "make bench  speed and accuracy beside the peers that install"
	@echo "make docs   build the docs site into site/"
	@echo "make reference   write the pages of commands, roles and questions from the code"

$(UV):
	@test -n "$(PYTHON)" || { echo "Milepost needs Python 3.12 or newer. Install it, or run: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.ready: $(UV) uv.lock pyproject.toml
	$(UV) sync --frozen --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

demo: .venv/.ready
	$(RUN) milepost demo

test: .venv/.ready
	$(RUN) python tools/test_all.py $(WORKERS)

test-app: .venv/.ready
	$(RUN) python tools/test_app.py "$(APP)"

test-times: .venv/.ready
	$(RUN) python tools/test_times.py

test-slow: .venv/.ready
	$(RUN) pytest -n 2 --dist worksteal -m slow

check: .venv/.ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

# The compiled kernel, kept beside its source: else every process of the tests compiles it for itself.
warm: .venv/.ready
	$(RUN) python -c "from milepost.compliance import warm_up; warm_up.warm_up(); warm_up.warm_up_live()"

bench: .venv/.ready
	$(UV) sync --frozen --quiet --group peers
	$(RUN) --group peers python -m benchmarks

# The variable silences an advertisement that --strict would take for a fault of these pages.
docs: .venv/.ready
	NO_MKDOCS_2_WARNING=1 $(RUN) --group docs mkdocs build --strict
	@! grep -rlE '<(script|link|img|iframe)[^>]+(src|href)="?(https?:)?//' site --include=*.html \
		|| { echo "These pages load something from outside."; exit 1; }

reference: .venv/.ready
	$(RUN) python tools/command_reference.py
	PYTHONPATH=. $(RUN) python tools/roles_reference.py
	$(RUN) python tools/needs_reference.py
	PYTHONPATH=. $(RUN) python tools/states_reference.py
	PYTHONPATH=. $(RUN) python tools/odd_files_reference.py
	$(RUN) python tools/map_of_rooms.py

clean:
	rm -rf .venv .uv site dist demo out
