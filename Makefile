# Everything runs in .venv, made on the first call from the locks. `make` alone lists the targets.

# The Python that .venv is made with, the first time or after `make clean`.
PYTHON ?= python3

# -I: no library is taken from PYTHONPATH, the working folder or the user's own packages. This folder
# is on the path of .venv.
python := .venv/bin/python -I
set_up := $(PYTHON) -I tools/make_venv.py

# For what these start in turn, such as the kernels of JupyterLab: none needs the user's settings, and
# each would compile all modules anew if bytecode were not kept.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONDONTWRITEBYTECODE

# One BLAS thread: the products are small, and more threads would change the last bits.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

# The variables that each target takes. Those of these are the options of the command of the same room,
# as `python -m rnn.report`.
rooms := rnn/report rnn/study rnn/exercise rnn/exercise/grade \
	rnn/report/verify rnn/report/compare rnn/report/archive
commands := $(notdir $(rooms))
list = $(filter %/$(1),$(rooms))/variables.txt
$(foreach c,$(commands),$(eval $(c)_takes := $(shell cut -d' ' -f1 $(call list,$(c)))))
book_takes := NAME
lab_takes := LAB_ARGS
all_take := PYTHON %_NUM_THREADS

# Make itself would silently ignore a misspelt variable, or one that only another target takes.
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $(v))),$(v)))
variables := $(shell cut -d' ' -f1 $(rooms:%=%/variables.txt) | awk '!seen[$$0]++') \
	$(book_takes) $(lab_takes)
unknown := $(filter-out $(variables) $(all_take),$(given))
$(if $(unknown),$(error there is no variable $(unknown): choose from $(variables) PYTHON))
taken := $(foreach target,$(MAKECMDGOALS),$($(target)_takes))
misplaced := $(filter-out $(taken) $(all_take),$(given))
$(if $(misplaced),$(error $(strip make $(MAKECMDGOALS)) takes no $(misplaced)))

# Without =, COURSE would be a target, and make would fail only after the report was made.
forgotten := $(filter $(variables),$(MAKECMDGOALS))
$(if $(forgotten),$(error $(forgotten) has no value: write $(firstword $(forgotten))=...))

# NAME is taken from the command line alone: some shells set it to the computer's name.
ifneq ($(origin NAME),command line)
NAME :=
endif

# Values reach the command byte for byte, through the environment: make does not expand them
# (`value`), and the shell sees nothing but "$BOOK".
define pass
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach v,$(variables),$(eval $(call pass,$(v))))

# Those of the target that is made.
options = $(shell awk '{ printf "$${%s:+--%s=\"$$%s\"} ", $$1, tolower($$1), $$1 }' $(call list,$@))

.DEFAULT_GOAL := help
.PHONY: help report study exercise grade verify compare archive test test-long lab book bench sync lint format lock setup setup-dev clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
		if ($$1 == "report") sub(/its variables/, "$(report_takes)"); \
		if ($$1 == "study") sub(/its variables/, "$(study_takes)"); \
		if ($$1 == "exercise") sub(/its variables/, "$(exercise_takes)"); \
		if ($$1 == "grade") sub(/its variables/, "$(grade_takes)"); \
		if ($$1 == "verify") sub(/its variables/, "$(verify_takes)"); \
		if ($$1 == "compare") sub(/its variables/, "$(compare_takes)"); \
		if ($$1 == "archive") sub(/its variables/, "$(archive_takes)"); \
		printf "make %-9s %s\n", $$1, $$2 }' Makefile

report: setup ## Make the report of a book (its variables)
	@$(python) -m rnn.report $(options)

study: have-python ## Train many settings on a book, and compare them (its variables)
	@$(set_up) requirements.txt requirements-study.txt
	@$(python) -m rnn.study $(options)

exercise: setup ## Write a folder for doing the assignment, with a check (its variables)
	@$(python) -m rnn.exercise $(options)

grade: setup ## Grade what students hand in, each in a process of its own (its variables)
	@$(python) -m rnn.exercise.grade $(options)

verify: setup ## Make a finished report again from what it carries, and compare (its variables)
	@$(python) -m rnn.report.verify $(options)

compare: setup ## Compare two reports or studies by their meaning (its variables)
	@$(python) -m rnn.report.compare $(options)

archive: setup ## Pack a finished report with all that makes it again, to be deposited (its variables)
	@$(python) -m rnn.report.archive $(options)

test: lint ## Lint, then run all tests
	@$(python) -m pytest -q -n 2 --dist loadscope

test-long: setup-dev ## Run the long tests: faults, load and hostile input at full size
	@$(python) -m pytest -q -n 3 tests/long

# The words of LAB_ARGS, unexpanded, come last: they override what the user has set elsewhere.
lab: setup ## Open the notebooks in JupyterLab, with the options LAB_ARGS
	@set -f; $(python) -m jupyterlab --ServerApp.root_dir="$$PWD" \
		--LabApp.default_url=/lab/tree/notebooks/01_data.ipynb $$LAB_ARGS

book: setup ## Fetch the public-domain book NAME into data/; without NAME, list them
	@$(python) -m rnn.files.fetch $${NAME:+"$$NAME"}

bench: .venv-bench/installed ## Measure side by side with PyTorch, JAX and the usual NumPy loops
	@.venv-bench/bin/python -m benchmarks.run
	@.venv-bench/bin/python -m benchmarks.whole

.venv-bench/installed: requirements.txt benchmarks/requirements.txt | have-python
	@echo "Setting up .venv-bench (PyTorch, JAX and OpenBLAS) ..." >&2
	@rm -rf .venv-bench
	@$(PYTHON) -m venv .venv-bench
	@PIP_USER=0 .venv-bench/bin/python -m pip install -q --require-hashes --only-binary :all: -r requirements.txt
	@PIP_USER=0 .venv-bench/bin/python -m pip install -q --only-binary :all: -r benchmarks/requirements.txt
	@touch $@

# Each notebook once: by its .py or, where it has none yet, by its .ipynb.
sources := $(wildcard notebooks/*.py)
paired = $(sources) $(filter-out $(sources:.py=.ipynb),$(wildcard notebooks/*.ipynb))
sync: setup ## Synchronise each notebook's .py and .ipynb, and update docs/parameters.md
	@$(python) -m tools.parameters
	@$(python) -m jupytext --quiet --sync $(paired)
	@$(python) -m nbconvert --log-level=WARN --clear-output --inplace notebooks/*.ipynb

lint: setup-dev ## Check style, formatting, types and imports
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy
	@.venv/bin/lint-imports --no-cache --no-logo >.venv/imports.log || { cat .venv/imports.log; exit 1; }

format: setup-dev ## Format the code
	@$(python) -m ruff check --fix
	@$(python) -m ruff format

compile := uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--only-binary :all: --generate-hashes --custom-compile-command "make lock"

# The extra alone: uv would lock it together with all that the report needs.
study_needs := $(PYTHON) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	print(*project["optional-dependencies"]["study"], sep="\n")'

lock: ## Update the locks to the newest versions (needs uv)
	@command -v uv >/dev/null || { echo "make: uv is not on the PATH: pip install uv" >&2; exit 1; }
	@$(compile) pyproject.toml -o requirements.txt
	@$(compile) --group dev -c requirements.txt -o requirements-dev.txt
	@$(study_needs) | $(compile) - -c requirements.txt -c requirements-dev.txt -o requirements-study.txt

setup: have-python ## Make .venv, or update it, for the report
	@$(set_up) requirements.txt

setup-dev: have-python
	@$(set_up) requirements.txt requirements-study.txt requirements-dev.txt

.PHONY: have-python
have-python:
	@command -v "$(PYTHON)" >/dev/null || \
		{ echo "make: there is no $(PYTHON): install Python 3.11 to 3.13 or name one with PYTHON=" >&2; exit 1; }

clean: ## Remove .venv, .venv-bench, the caches and unfinished reports, but no reports or books
	@test ! -x .venv/bin/python || $(python) -m rnn.report.leftovers 2>/dev/null || true # without packages
	@rm -rf .venv .venv.lock .venv.log .venv-bench .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
