# make run | test | fast | ray | soak | damage | check | bench NAME=sweep | constraints; installed is what requirements-dev.txt says.

.PHONY: run test fast ray soak damage check bench constraints

run:
	streamlit run app.py

test:
	pytest

# No training, no browser, no processes that take seconds: about 1:30 minutes on two cores.
fast:
	pytest -m "not slow" --ignore=tests/browser

# Clusters of Ray of two nodes, in a network that nobody else reaches: needs Linux, requirements-ray.txt, and may make
# namespaces.
ray:
	python -m tests.ray

# Ten minutes in which servers and workers are killed at random while people edit, upload, import, train and ask;
# MANYHOT_CHAOS_SEED=N makes the same random decisions again.
soak:
	MANYHOT_CHAOS_SECONDS=600 pytest -n 0 -s tests/attack/test_chaos.py

# The same tools as in .ci/run; the last line needs node 20 or newer.
check:
	ruff check .
	ruff format --check .
	lint-imports
	mypy
	npm ci --ignore-scripts --no-audit --no-fund && npm run check

# Every damage of the corpus through every page, command and route: about a quarter of an hour on two idle cores.
damage:
	python -m tests.attack.damage

NAME ?= sweep
bench:
	python -m benchmarks $(NAME)

# After a version was changed: pins everything that is installed now, CUDA's packages where there are such wheels.
constraints:
	@sed -n '/^#/p' constraints.txt > constraints.new
	@pip freeze --all | grep -Ev '^(pip|wheel|manyhot)( |=)' | sed -E '/^(nvidia-[a-ln-z]|nvidia-m[a-km-z]|triton|cuda-)/s/$$/ ; sys_platform == "linux" and platform_machine == "x86_64"/' >> constraints.new
	@mv constraints.new constraints.txt
	git diff --stat constraints.txt
