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

test: check build client-test chromium postgres
	$(PY) tools/test_jobs.py

bench: build chromium
	$(PY) -m benchmarks.shell

clean:
	rm -rf .venv node_modules static/dist var
