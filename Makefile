.PHONY: test
.venv/ready: requirements.txt requirements-dev.txt
	python3 -m venv .venv
	.venv/bin/pip install -q -r requirements-dev.txt
	touch $@
test: .venv/ready
	.venv/bin/ruff check app/*.py app/kinds/vocabulary.py app/kinds/conditions.py app/sync/merge.py tests/test_foundation.py tests/test_merge.py
	.venv/bin/pytest -q tests/test_foundation.py tests/test_merge.py
