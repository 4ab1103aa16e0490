# Two commands: `make book` reads, `make test` proves. Each does its own set-up in .venv.

PYTHON ?= python3
PORT ?= 8231
SHELL := /bin/sh
export OPENBLAS_NUM_THREADS := 1

# Other images than the book's own (DATA=cifar10, DATA_PATH=file) get a site of their own.
OTHER := $(filter-out fashion-mnist,$(DATA))
# The edition without our code (EDITION=student) as well.
SITE := _build/html$(addprefix -,$(OTHER))$(addprefix -,$(EDITION))
ifneq ($(and $(OTHER),$(filter test,$(MAKECMDGOALS))),)
$(error `make test` proves the book on its own images; DATA is for `make book` and `make site`)
endif

KEY := $(shell $(PYTHON) .ci/setup_key.py)
ifeq ($(KEY),)
$(error this needs Python 3.11 or later; `make PYTHON=/path/to/python3.11` names another one)
endif
READY := .venv/ready-$(KEY)
RUN := .venv/bin/python
# A file at a time, in the order of conftest.py: the longest first. Chapters keep two cores busy;
# tests often wait for a browser or a child, so one worker more pays.
PYTEST = $(RUN) -m pytest -q --dist loadfile --no-loadscope-reorder
CHAPTERS = $(PYTEST) -n 2 book
# After a failure nothing is left of it: Sphinx would not read again the page that it warned of.
SPHINX = $(RUN) -m sphinx -b html -n -W --keep-going -q -c . book $(SITE) \
	|| { rm -rf $(SITE)/.doctrees; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help book site test old prove setup tangle trace check-tangle stitch accept lint bench versions clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: site  ## prove the chapters, build the site and serve it on localhost
	@$(RUN) -m book._ext.serve --port $(PORT) $(SITE)

site: $(READY)  ## the same into _build/html, without serving (DATA=cifar10, EDITION=student: beside it)
	@$(RUN) -m book._ext.tangle --check
	@$(CHAPTERS) --book-new || { [ $$? -eq 5 ] && echo "Every chapter is proved already."; }
	@$(SPHINX)
	@echo "The site is in $(SITE)."

test: $(READY) lint  ## the tests that prove the project, in under 10 minutes
	@echo "Chapters"
	@$(CHAPTERS)
	@echo "Site"
	@$(SPHINX)
	@echo "Tests"
	@$(PYTEST) -n 3 tests

old: $(READY)  ## prove the chapters on the BLAS kernels of an old processor (x86; CI does)
	@$(CHAPTERS) --book-old

versions: $(READY)  ## the tests of checks and reference on Python 3.11 to 3.13, oldest and newest NumPy
	@$(RUN) .ci/versions $(ONLY)

prove: $(READY)  ## the long counts: 200 seeds, all mutants, attacks (about 40 minutes; goes on where it was stopped)
	@$(RUN) -m prove $(PART)

setup: $(READY)  ## only .venv

$(READY):
	@echo "Setting up .venv (about a minute; once)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(RUN) -m pip install -q -c constraints.txt hatchling editables
	@$(RUN) -m pip install -q -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

tangle: $(READY)  ## write reference/*.py from the chapters
	@$(RUN) -m book._ext.tangle

check-tangle: $(READY)  ## fail where reference/*.py is not what the chapters say
	@$(RUN) -m book._ext.tangle --check

stitch: $(READY)  ## take an edit of reference/*.py home into the chapters (CHECK=1 only shows it)
	@$(RUN) -m book._ext.stitch$(if $(CHECK), --check)

accept: $(READY)  ## run the chapters and record what they print (CHAPTER=affine for one)
	@$(RUN) -m pytest book$(if $(CHAPTER),/$(CHAPTER).md) -q --book-accept

trace: $(READY)  ## write book/traceability.md: equation, code, evaluation, checks
	@$(RUN) -m book._ext.trace

lint: $(READY)  ## style, types, imports, spelling, and the tangle
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/codespell
	@$(RUN) -m book._ext.tangle --check

bench: $(READY)  ## measure side by side, and write benchmarks/results
	@$(RUN) -m benchmarks

clean:  ## remove what was built (.venv stays)
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
