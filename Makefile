# Two commands do everything: `make run` and `make test`. Both are safe to repeat.
PY := .venv/bin/python
PORT ?= 8000
export TO_AM_PUBLIC_ORIGIN ?= http://localhost:$(PORT)
SOURCES := $(shell find static/client static/style static/icons service_worker app/i18n/catalogs -type f 2>/dev/null) static/build.mjs package-lock.json

.PHONY: run test check client-test chromium postgres build bench screens clean

.venv/ready: requirements.txt requirements-dev.txt
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Node 20 or newer from the system, or else the one that pip can install.
.venv/node: .venv/ready
	sh tools/node.sh .venv/node

node_modules/ready: package-lock.json .venv/node
	.venv/node/npm ci --ignore-scripts --no-audit --no-fund
	touch $@

static/dist/manifest.json: $(SOURCES) node_modules/ready
	.venv/node/node static/build.mjs

build: static/dist/manifest.json

run: .venv/ready build
	.venv/bin/flask --app wsgi setup
	.venv/bin/flask --app wsgi demo
	.venv/bin/gunicorn -c serving.py --bind 127.0.0.1:$(PORT) wsgi:app

check: .venv/ready node_modules/ready
	.venv/bin/ruff check .
	.venv/bin/mypy app wsgi.py
	.venv/node/node node_modules/typescript/bin/tsc --noEmit -p .
	.venv/node/node node_modules/typescript/bin/tsc --noEmit -p service_worker

client-test: node_modules/ready
	.venv/node/node tests/client/run.mjs

chromium:
	command -v chromium >/dev/null || sh tools/chromium.sh

postgres:
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || sh tools/postgres.sh

# Two halves at once, one for each core: what works on SQLite, and beside it all that has to do with a database on
# PostgreSQL, then the fault campaigns' quick tiers.
test: check build client-test chromium postgres
	mkdir -p var
	{ $(PY) -m campaigns.cluster .venv/bin/pytest -q --ignore tests/browser; postgresql=$$?; \
	  echo "--- faults"; .venv/bin/pytest -q tests/faults tests/simulation && exit $$postgresql; } >var/tests-beside.log 2>&1 & beside=$$!; \
	.venv/bin/pytest -q --ignore tests/faults --ignore tests/simulation; sqlite=$$?; \
	wait $$beside; others=$$?; \
	echo "--- on PostgreSQL, and faults"; tail -n 80 var/tests-beside.log; \
	exit $$((sqlite + others))

bench: build chromium
	$(PY) -m benchmarks.shell

clean:
	rm -rf .venv node_modules static/dist var
