# Every act of development. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# maturin finds the environment by this variable; cargo may be installed but not on the PATH yet.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(BIN):$(PATH):$(HOME)/.cargo/bin
TEST_PROFILE := dev-fast
# Tests run two at a time: many start processes of two threads, and some measure how long they take.
TEST_WORKERS := 2

.DEFAULT_GOAL := help
.PHONY: help venv cargo build build-release demo test test-wheel test-slow test-nightly wheel wheels oldest doc docs test-train lint check format fuzz nightly sanitize bench bench-dedup bench-tokenizer clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

venv: $(VENV)/.stamp ## make .venv with everything the tests and lints need

# The lock holds for Python 3.11 and later; on 3.10, maturin resolves the `dev` extra by itself.
$(VENV)/.stamp: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo 'error: expected Python 3.10 or later, found' "$$($(PYTHON) --version 2>&1)" >&2; \
		     echo 'hint: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo 'hint: on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@if $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; \
	then $(BIN)/python -m pip install --quiet --requirement requirements-dev.lock; \
	else $(BIN)/python -m pip install --quiet maturin==1.16.0; fi
	@touch $@

cargo:
	@command -v cargo >/dev/null || { \
		echo 'error: cargo not found: the native module needs a Rust toolchain, 1.89 or later' >&2; \
		echo "hint: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" >&2; exit 1; }
	@command -v cc >/dev/null || { \
		echo 'error: cc not found: the native module needs a C compiler' >&2; \
		echo 'hint: on Debian and Ubuntu: apt install gcc' >&2; exit 1; }

build: venv cargo ## build the native module into .venv, near release speed, quickly
	maturin develop --quiet --profile $(TEST_PROFILE) --extras dev

build-release: venv cargo ## build the native module into .venv at full speed
	maturin develop --quiet --release --extras dev

demo: build-release ## the whole recipe on a bilingual sample made on the spot
	@$(BIN)/python -m glmdata.sample demo/crawl
	@cd demo && $(BIN)/glmdata run glm4 --input crawl/

# README_PROGRAMS names the folder of the programs that the README is tried with; unset: those of .venv.
export README_PROGRAMS
# The workspace with glmdata-python, which has no Rust tests: Arrow keeps the features it was just built with.
test: build ## all tests but the long ones
	cargo test --quiet --profile $(TEST_PROFILE) --workspace
	$(BIN)/python -m pytest -q --ignore tests/train --ignore tests/site -m 'not slow and not bench' -n $(TEST_WORKERS) --dist worksteal

test-slow: build-release ## the long tests: kills, memory, millions of documents
	cargo test --quiet --release --workspace -- --ignored
	$(BIN)/python -m pytest -q --ignore tests/train --ignore tests/site -m slow --timeout 7200

# An environment that knows nothing of this folder, for the README; of the profile that was built already.
CLEAN := $(CURDIR)/dist/clean
$(CLEAN)/bin: build
	@rm -rf $(CLEAN) && maturin build --quiet --profile $(TEST_PROFILE) --out $(CLEAN)/wheel
	@$(PYTHON) -m venv $(CLEAN) && $(CLEAN)/bin/python -m pip install --quiet $(CLEAN)/wheel/*.whl

test-wheel: $(CLEAN)/bin ## the README as printed, with a wheel in an empty environment
	README_PROGRAMS=$(CLEAN)/bin $(BIN)/python -m pytest -q tests/e2e/test_readme.py -k printed

wheel: venv cargo ## a release wheel in dist/
	maturin build --quiet --release --out dist

# zig compiles C for another processor and links against the glibc of manylinux_2_28 (RHEL 8, Debian 11 and later),
# whatever glibc this machine has. The wheels are of the stable ABI: one for all Pythons.
WHEEL_TARGETS ?= x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu
wheels: venv cargo ## release wheels for Linux on x86-64 and ARM64, and the source distribution, in dist/
	$(BIN)/python -m pip install --quiet ziglang==0.15.2
	@set -e; for target in $(WHEEL_TARGETS); do \
		rustup target add $$target; \
		maturin build --quiet --release --zig --target $$target --compatibility manylinux_2_28 --out dist; \
	done
	maturin sdist --out dist

# The oldest Python that pyproject.toml promises, in an environment of its own.
OLDEST_PYTHON ?= python3.10
oldest: wheel ## the wheel under the oldest Python: unit tests and the commands of the README
	@command -v $(OLDEST_PYTHON) >/dev/null || { \
		echo 'error: $(OLDEST_PYTHON) not found' >&2; \
		echo 'hint: make oldest OLDEST_PYTHON=/path/to/python3.10' >&2; exit 1; }
	rm -rf dist/oldest && $(OLDEST_PYTHON) -m venv dist/oldest
	dist/oldest/bin/python -m pip install --quiet --find-links dist "glmdata[dev]"
	dist/oldest/bin/python -m pytest -q -p no:cacheprovider tests/unit tests/e2e/test_readme.py

doc: cargo ## the documentation of the crates, where a broken link is an error
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps --document-private-items

$(VENV)/.docs-stamp: $(VENV)/.stamp requirements-docs.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'error: the site needs Python 3.11 or later' >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --requirement requirements-docs.lock
	@touch $@

docs: build $(VENV)/.docs-stamp ## the site, in dist/docs: guides, and a reference made of the declarations
	$(BIN)/python -m docs.site.build
	$(BIN)/python -m pytest -q tests/site

test-nightly: ## the long tests, training, the demo, a release wheel, the oldest Python, the documentation
	$(MAKE) test-slow
	$(MAKE) test-train
	$(MAKE) demo
	$(MAKE) wheel
	$(MAKE) oldest
	$(MAKE) doc
	$(MAKE) docs

$(VENV)/.train-stamp: $(VENV)/.stamp requirements-train.lock
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; \
	then $(BIN)/python -m pip install --quiet --requirement requirements-train.lock; \
	else maturin develop --quiet --profile $(TEST_PROFILE) --extras dev,train; fi
	@touch $@

# TRAIN_TESTS="-m 'not slow'" trains 60 steps instead of 300.
test-train: build $(VENV)/.train-stamp ## loader and example under torch, which this installs
	$(BIN)/python -m pytest -q tests/train $(TRAIN_TESTS)

# FUZZ_TARGETS="parquet arrow" runs these alone. A finding ends the run; `fuzz/README.md` says what to do.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= records packed parquet arrow own vocabulary text encode
fuzz: build nightly ## look for inputs that break a promise, FUZZ_SECONDS for each target
	@cargo fuzz --version >/dev/null 2>&1 || { \
		echo 'error: cargo-fuzz not found' >&2; \
		echo 'hint: cargo install cargo-fuzz --locked' >&2; exit 1; }
	cargo run --quiet --profile $(TEST_PROFILE) -p glmdata-hostile --example seeds -- fuzz/corpus
	@set -e; for target in $(FUZZ_TARGETS); do \
		mkdir -p fuzz/corpus/$$target fuzz/cases/$$target; \
		cargo +nightly fuzz run $$target fuzz/corpus/$$target fuzz/cases/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 -timeout=20 -max_len=8192 -print_final_stats=1; \
	done
	$(BIN)/python -m tests.fuzz.settings $(FUZZ_SECONDS)

nightly: cargo
	@cargo +nightly --version >/dev/null 2>&1 || { \
		echo 'error: this needs the nightly compiler beside the stable one' >&2; \
		echo 'hint: rustup toolchain install nightly --component miri' >&2; exit 1; }

# An explicit target, so that build scripts and macros are built without the sanitizer.
sanitize: nightly ## tests of the crates with unsafe code under AddressSanitizer
	RUSTFLAGS=-Zsanitizer=address cargo +nightly test --quiet -p glmdata-text -p glmdata-bpe --lib \
		--target $(shell rustc -vV | sed -n 's/^host: //p') --target-dir target/sanitize

lint: build ## formats, lints, types, spelling, and the stub against the binary
	cargo fmt --all --check
	cargo clippy --quiet --profile $(TEST_PROFILE) --workspace --all-targets -- -D warnings
	ruff check .
	ruff format --check .
	mypy
	codespell --skip glmdata/filter/lexicons *.md */README.md docs examples glmdata Makefile pyproject.toml
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml glmdata._native

check: lint $(CLEAN)/bin ## what continuous integration runs: the README with a wheel, all else with the sources, the site
	$(MAKE) test README_PROGRAMS=$(CLEAN)/bin
	$(MAKE) docs

format: venv ## rewrite sources in the one format
	cargo fmt --all
	ruff check --fix .
	ruff format .

bench-dedup: build-release ## measure against rivals, in an environment of their own
	$(BIN)/python benches/run.py dedup

bench-tokenizer: build-release ## the same for the tokenizer
	$(BIN)/python benches/run.py tokenizer

bench: build-release ## all of them in one run, and a table: ours beside each rival
	$(BIN)/python benches/run.py all

clean: ## remove what make makes
	rm -rf target fuzz/target fuzz/corpus fuzz/artifacts demo dist glmdata/_native.*.so .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf $(VENV) benches/.venv
