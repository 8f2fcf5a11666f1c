# Two commands do everything on a machine with a Python (3.12 or 3.13), git and make:
#   make run    set up and start the proxy on embedded defaults
#   make test   set up and run all checks
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# What is compiled is kept, also where a Python is told to keep nothing: else each process compiles all of it again
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

.PHONY: help run demo test slow fuzz check docs bench evasion chaos soak image kerberos real real-models train lock clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.12 or 3.13; none was found. Set PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# pip compiles with one core; files for another Python do not compile, and need not; what libraries warn of is not ours
COMPILE = PYTHONWARNINGS=ignore $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the proxy needs (a minute or two, once) …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/run.txt
	@$(COMPILE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing what demo and checks need (a minute or two, once) …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/run.stamp ## Set up and start the proxy; ARGS="--config sluice.yaml" for your settings
	@$(BIN)/sluice run $(ARGS)

demo: $(VENV)/dev.stamp ## Show the main job on this machine alone, with stand-in services
	@$(BIN)/sluice demo

check: $(VENV)/dev.stamp ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: around
around:
	@.ci/system-packages
	@.ci/node-packages
	@$(COMPILE)

# One more than there are cores: a test end to end waits for processes and browsers half of its time
WORKERS ?= 3
test: $(VENV)/dev.stamp ## Set up and run all checks
	@+$(MAKE) --no-print-directory -j 2 check around  # mypy has one core, all else the other
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -o console_output_style=classic --durations 40

slow: $(VENV)/dev.stamp ## Run all tests, the slow ones too, with every cut of a stream, all examples and all texts, each proxy begun cold (an hour)
	SLUICE_TESTS=thorough $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -o console_output_style=classic --durations 40 -o timeout=1200 $(ARGS)

.fuzz/site/fuzz.stamp: tests/fuzz/requirements.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target .fuzz/site --upgrade -r $<
	@touch $@

SECONDS ?= 60
ENGINE ?= changes
fuzz: $(VENV)/dev.stamp $(if $(filter atheris,$(ENGINE)),.fuzz/site/fuzz.stamp) ## Feed every parser broken input for SECONDS=60 each; ENGINE=atheris, ARGS="json head"
	PYTHONPATH=.fuzz/site $(BIN)/python -m tests.fuzz --seconds $(SECONDS) --engine $(ENGINE) $(ARGS)

docs: $(VENV)/dev.stamp ## Write the reference of the policy language anew
	$(BIN)/python -m policies.reference
	$(BIN)/python -m detectors.secrets_page
	$(BIN)/python -m detectors.detectors_page
	$(BIN)/python -m proxy.coverage_page
	$(BIN)/python -m proxy.chat_pages
	$(BIN)/sluice policy schema > policies/schema.json

bench/.venv/bench.stamp: bench/requirements.txt
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.12 or 3.13; none was found. Set PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv bench/.venv
	bench/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bench/requirements.txt
	@touch $@

WHAT ?= decide detect
bench: bench/.venv/bench.stamp $(VENV)/dev.stamp ## Measure beside peers; WHAT=detect ARGS="--rounds 3"
	@for what in $(WHAT); do case $$what in \
		decide) bench/.venv/bin/python -m bench.decide $(ARGS) ;; \
		detect) $(BIN)/python -m bench.detect $(ARGS) ;; \
		hostile) $(BIN)/python -m bench.hostile $(ARGS) ;; \
		trail) $(BIN)/python -m bench.trail $(ARGS) ;; \
		capacity) $(BIN)/python -m bench.capacity $(ARGS) ;; \
		workers) $(BIN)/python -m bench.workers $(ARGS) ;; \
		exchange) $(BIN)/python -m bench.exchange $(ARGS) ;; \
	esac; done

evasion: bench/.venv/bench.stamp $(VENV)/dev.stamp ## Measure ways round the filter; writes docs/evasion.md
	$(BIN)/python -m bench.evasion $(ARGS)

chaos: $(VENV)/dev.stamp ## Break single parts of the real proxy, the long faults too (docs/chaos.md); some need root
	$(BIN)/python -m pytest -m "chaos or not chaos" tests/chaos $(ARGS)

MINUTES ?= 30
soak: $(VENV)/dev.stamp ## Keep the real proxy busy for MINUTES=30, with reloads and restarts; goes on where soak.jsonl ends
	$(BIN)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

BUILD ?=
export IMAGE_RUNTIME ?= runc
image: $(VENV)/dev.stamp ## Build the container image and try it as compose.yaml runs it (root, podman, runc or IMAGE_RUNTIME=crun); BUILD="--network host"
	podman --runtime $(IMAGE_RUNTIME) build --format docker $(BUILD) -f deploy/container/Containerfile -t sluice:0.1.0 .
	$(BIN)/python -m pytest tests/deploy/test_image.py $(ARGS)

.kerberos/site/kerberos.stamp: tests/kerberos/requirements.txt $(VENV)/dev.stamp
	@.ci/kerberos-packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target .kerberos/site --upgrade -r $<
	@touch $@

kerberos: .kerberos/site/kerberos.stamp ## Test logins by Kerberos with a real KDC (Debian, as root: installs one, and a compiler for its libraries)
	PYTHONPATH=$(CURDIR)/.kerberos/site $(BIN)/python -m pytest tests/e2e/test_kerberos.py tests/proxy/identity/test_tickets.py $(ARGS)

.venv-real/real.stamp: tests/real/requirements.txt
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.12 or 3.13; none was found. Set PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv .venv-real
	.venv-real/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/real/requirements.txt
	@touch $@

real: .venv-real/real.stamp $(VENV)/dev.stamp ## Test with a real model server (downloads some 70 MB, once)
	$(BIN)/python -m pytest -m real tests/e2e/test_internal_real.py

.venv-models/models.stamp:
	python3.12 -m venv .venv-models
	.venv-models/bin/python -m pip install --quiet --disable-pip-version-check "mlserver==1.7.1" "nvidia-pytriton==0.7.0" onnxruntime
	@touch $@

real-models: .venv-models/models.stamp $(VENV)/dev.stamp ## Test with real servers for models (Python 3.12; downloads some 200 MB, once)
	MODEL_SERVERS=$(CURDIR)/.venv-models $(BIN)/python -m pytest -m real tests/real

TRAINING := detectors/ner/train
.venv-train/train.stamp: $(TRAINING)/requirements.txt
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.12 or 3.13; none was found. Set PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check -r $(TRAINING)/requirements.txt
	@touch $@

train: .venv-train/train.stamp ## Train the models for names anew, from data to ONNX (hours; goes on where it stopped)
	.venv-train/bin/python -m detectors.ner.train $(ARGS)

lock: $(VENV)/dev.stamp ## Write the lock files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml requirements/build.in -o requirements/dev.txt

clean: ## Remove what was made here
	rm -rf $(VENV) bench/.venv .venv-real .venv-models .venv-train .fuzz .kerberos .mypy_cache .ruff_cache .hypothesis build ./*.egg-info
