# make run | test | fast | check | bench NAME=sweep | constraints; installed is what requirements-dev.txt says.

.PHONY: run test fast check bench constraints

run:
	streamlit run app.py

test:
	pytest

# No training and no browser: minutes instead of an hour.
fast:
	pytest -m "not slow" --ignore=tests/browser

# One line a tool. A tool that has no configuration here is left out, one that has it must be installed.
check:
	ruff check .
	ruff format --check .
	@if grep -q '^\[tool.importlinter' pyproject.toml || [ -f .importlinter ]; then echo lint-imports; lint-imports; fi
	@if grep -q '^\[tool.mypy' pyproject.toml; then echo mypy; mypy; fi

NAME ?= sweep
bench:
	python -m benchmarks $(NAME)

# After a version was changed: pins everything that is installed now, CUDA's packages where there are such wheels.
constraints:
	@sed -n '/^#/p' constraints.txt > constraints.new
	@pip freeze --all | grep -Ev '^(pip|wheel|manyhot)( |=)' | sed -E '/^(nvidia-[a-ln-z]|nvidia-m[a-km-z]|triton|cuda-)/s/$$/ ; sys_platform == "linux" and platform_machine == "x86_64"/' >> constraints.new
	@mv constraints.new constraints.txt
	git diff --stat constraints.txt
