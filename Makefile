# The two commands that matter: `make run` and `make test`. Both set up what they need.

PYTHON ?= python3
BIN := .venv/bin
# Compiled once here, not at every start: importing TensorFlow takes 4 s with bytecode, 14 s without
export UV_COMPILE_BYTECODE := 1
# bash's `set -e` for every line, so that a failed step is never passed over
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help run training test test-long test-s3 check audit format bench lighthouse slug-size teacher originals networks samples docs css texts lock clean

help: ## What there is to make
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 12

run: .venv/.run ## Serve on http://127.0.0.1:5000 (HOST, PORT), trainer included
	exec $(BIN)/gunicorn "main:create_app()"

training: .venv/.training ## Install TensorFlow, which training originals and networks takes

# Several processes; JOBS=0 runs all tests in one.
JOBS ?= auto
PYTEST = $(BIN)/python -m pytest --numprocesses $(JOBS) --maxprocesses 4 --dist worksteal
test: .venv/.test ## Run all tests but the long ones, in a real browser too
	$(PYTEST) -m "not long" $(PYTEST_ARGS)

test-long: .venv/.test ## Run the long tests: full data, every case of the faults, Firefox
	bin/install-firefox
	$(PYTEST) -m long $(PYTEST_ARGS)

test-s3: export TEST_S3_ENDPOINT_URL := $(S3_ENDPOINT_URL)
test-s3: export TEST_S3_BUCKET := $(S3_BUCKET)
test-s3: .venv/.test ## Run the object store's tests on your S3: S3_ENDPOINT_URL=… [S3_BUCKET=…] and AWS_*
	@[ -n "$(S3_ENDPOINT_URL)" ] || { echo 'Name the server: make test-s3 S3_ENDPOINT_URL=https://…' >&2; exit 1; }
	$(BIN)/python -m pytest -k s3 tests/storage/test_battery.py tests/storage/test_together.py $(PYTEST_ARGS)

check: .venv/.test ## Only style and types: ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: .venv/.test ## Ask whether a library has a known vulnerability, where its data is in reach
	$(BIN)/python bin/audit

format: .venv/.test ## Let ruff put the code in its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.test ## Measure the figures of docs/benchmarks.md and write them there
	$(BIN)/python -m benchmarks

lighthouse: .venv/.test ## Have Lighthouse look at every page, and write docs/lighthouse.md (npm)
	cd benchmarks/node && npm ci --silent
	$(BIN)/python -m benchmarks.lighthouse

slug-size: .venv/.test ## Build the tree that Heroku would, weigh it, and teach a digit to it (Linux)
	$(BIN)/python -m benchmarks.slug

# Give DRAWINGS="file …": pen drawings, and labelled images as folders or .npz; MNIST=file or folder
# where it is at hand, MNIST= to do without it; UNSEEN="file …", drawings to measure on alone.
# Stopped, both go on. EPOCHS=1 GENERATED=40 is for trying whether all of it works.
MNIST ?= download
MODELS ?= models
DATA = $(MNIST:%=--mnist %) $(DRAWINGS:%=--drawings %)
# Labelled images are learned from, all but a few: a figure of them would flatter.
MEASURED = $(MNIST:%=--mnist %) $(patsubst %,--drawings %,$(filter %.ndjson %.json %.gz,$(DRAWINGS)))
TRAINING = $(EPOCHS:%=--epochs %) $(GENERATED:%=--generated %)
TEACHER ?= instance/teacher
teacher: .venv/.test ## Train the larger net that the originals learn from
	@[ -n "$(DRAWINGS)" ] || { echo 'Name stroke files: make teacher DRAWINGS="file …"' >&2; exit 1; }
	$(BIN)/inkling train teacher $(DATA) $(TRAINING) --keep-variations --out $(TEACHER)

originals: export MODELS_FOLDER := $(MODELS)
originals: .venv/.test ## Train, measure, draw and describe the originals
	@[ -n "$(DRAWINGS)" ] || { echo 'Name stroke files: make originals DRAWINGS="file …"' >&2; exit 1; }
	@[ -f $(TEACHER)/teacher.npz ] || { echo 'They learn from a larger net: `make teacher` first.' >&2; exit 1; }
	$(BIN)/inkling train cnn $(DATA) $(TRAINING) --teacher $(TEACHER) --keep-variations
	$(BIN)/inkling train unlike-digits $(DATA) $(TRAINING) --keep-variations
	$(BIN)/inkling train fnn $(DATA) $(TRAINING) --teacher $(TEACHER)
	$(BIN)/inkling evaluate $(MEASURED) $(UNSEEN:%=--unseen %) --weights original --robustness --json > $(MODELS)/evaluation.json.part
	mv $(MODELS)/evaluation.json.part $(MODELS)/evaluation.json
	for net in fnn cnn; do for dark in "" -dark; do \
	  $(BIN)/inkling plot diagram $$net $${dark:+-$$dark} --out $(MODELS)/plots/$$net-diagram$$dark.svg; \
	  $(BIN)/inkling plot history $(MODELS)/$$net.history.json $${dark:+-$$dark} \
	    --out $(MODELS)/plots/$$net-history$$dark.svg; \
	done; done
	$(BIN)/inkling card $(filter-out download,$(MNIST)) $(DRAWINGS)

samples: .venv/.test ## Draw the pictures anew that the client sends where none is named
	$(BIN)/python -m inkling.pretraining.sample_pictures

# Give DRAWINGS="file …": without, LeNet and BN-CNN learn from MNIST alone. Stopped, it goes on.
networks: .venv/.test ## Train the networks that ship, lenet and bn-cnn (DRAWINGS, MNIST, EPOCHS)
	$(BIN)/inkling network train lenet $(NETWORKS) --keep-variations
	$(BIN)/inkling network train bn-cnn $(NETWORKS)
NETWORKS = $(addprefix --data ,$(MNIST:download=mnist)) $(DRAWINGS:%=--drawings %) $(EPOCHS:%=--epochs %) \
  --out $(MODELS)

css: ## Cut Bootstrap down to what the pages use (npm)
	cd tests/node && npm ci --silent
	node tests/node/bootstrap_subset.mjs > $(BOOTSTRAP).part
	mv $(BOOTSTRAP).part $(BOOTSTRAP)
BOOTSTRAP := static/vendor/bootstrap/css/bootstrap.min.css

texts: .venv/.test ## Collect what the pages say, for each language, and tell what is not translated
	$(BIN)/python -m testing.texts

docs: .venv/.test ## Write docs/commands.md from the commands' own help
	$(BIN)/python -m inkling.cli.reference

lock: .venv/.uv ## Pin anew: requirements*.in to requirements*.txt
	$(BIN)/uv pip compile $(LOCK) requirements.in -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements.txt requirements-serving.in -o requirements-serving.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements.txt requirements-dev.in -o requirements-dev.txt
LOCK := -q --universal --python-version 3.11 --no-emit-index-url --no-header --annotation-style line

clean: ## Remove the environment; drawings and weights in instance/ stay
	rm -rf .venv

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Inkling needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv || \
	  { echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	touch $@

.venv/.run: requirements-serving.txt .venv/.uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-serving.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps \
	  --config-settings editable_mode=compat --editable .
	touch $@

.venv/.training: requirements.txt .venv/.run
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	touch $@

.venv/.test: requirements-dev.txt tests/node/package-lock.json .venv/.run
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt
	bin/install-browser
	bin/install-node-packages
	touch $@
