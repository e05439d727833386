# One private environment in .venv; the two commands that matter are `make demo` and `make test`.

.PHONY: demo test benchmark check lint format lock clean

PY := .venv/bin/python

demo:
	@scripts/setup.sh demo
	@.venv/bin/meshconf demo

# Three workers: whole meetings (which mostly wait), the other lab tests, and politely all the rest.
test:
	@scripts/setup.sh test
	@$(PY) -m pytest -n 3 --dist loadgroup -q $(TESTS)

# Hours, on a machine that does nothing else; ARGS="--quick --only sender" for a first look.
benchmark:
	@scripts/setup.sh benchmark
	@$(PY) -m benchmarks --into docs/performance.md $(ARGS)

check: lint
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache

lint:
	@scripts/setup.sh dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format:
	@scripts/setup.sh dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

# Newest versions that pyproject.toml allows, for every Python and system at once; needs uv.
lock:
	uv pip compile --upgrade --universal --python-version 3.11 --all-extras \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
