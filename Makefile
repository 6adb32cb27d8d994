# `make demo` does the main job on real data; `make test` is what every change passes.

CARGO_DENY = 0.20.2
GUEST = wasm32-wasip2
# What `anchorhold algorithm build` adds, as far as the code depends on it.
GUEST_FLAGS = RUSTFLAGS=-Ctarget-feature=+simd128
GARBLED = algorithms/garbled-millionaires
ANCHORHOLD = target/debug/anchorhold
DEMO = target/demo
VERTICAL = target/vertical
VECTORS = host/seal/tests/vectors
PYTHON = target/python/bin/python
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: demo vertical test bench peers differential toolchain tools format lint doc deny check garbled vectors clean

demo: toolchain
	@echo "building anchorhold; the first time it takes about ten minutes"
	cargo build --package anchorhold
	$(ANCHORHOLD) algorithm build algorithms/secure-sum
	./tests/data/split-lung.sh $(DEMO)
	$(ANCHORHOLD) demo target/$(GUEST)/release/secure_sum.wasm \
	    --data $(DEMO)/north.csv --data $(DEMO)/middle.csv --data $(DEMO)/south.csv \
	    --arguments @tests/data/lung-arguments.json

# Two organizations match their patients, and fit a model on columns of both: two tasks of one run.
vertical: toolchain
	cargo build --package anchorhold
	$(ANCHORHOLD) algorithm build algorithms/psi
	$(ANCHORHOLD) algorithm build algorithms/secure-regression
	rm -rf $(VERTICAL)
	./tests/data/split-breast-cancer.sh $(VERTICAL)
	$(ANCHORHOLD) algorithm run target/$(GUEST)/release/psi.wasm --run $(VERTICAL)/run \
	    --data $(VERTICAL)/clinic.csv --data $(VERTICAL)/laboratory.csv --role modeller --role pod \
	    --arguments '{"keys":["patient"],"link":true}'
	$(ANCHORHOLD) algorithm run target/$(GUEST)/release/secure_regression.wasm --run $(VERTICAL)/run \
	    --data $(VERTICAL)/clinic.csv --data $(VERTICAL)/laboratory.csv --data - \
	    --role holder --role holder --role provider --arguments @tests/data/vertical-arguments.json

test: toolchain tools format lint doc deny check garbled vectors differential

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	$(GUEST_FLAGS) cargo clippy --target $(GUEST) --quiet --lib --examples --features anchorhold-test-guests/component \
	    --package anchorhold-test-guests -- --deny warnings
	$(GUEST_FLAGS) cargo clippy --target $(GUEST) --quiet --lib \
	    --package anchorhold-sdk --package secure-sum --package secure-average --package shamir-sum --package millionaires \
	    --package private-inference --package secure-dot --package secure-median --package psi --package secure-regression \
	    --package glm --package coxph --package secure-aggregation --package federated-training \
	    --package anchorhold-bench-kernels --package anchorhold-bench-protocols -- --deny warnings

doc:
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet

# The advisories come from a database that not every machine reaches.
deny:
	command -v cargo-deny >/dev/null || cargo install cargo-deny --version $(CARGO_DENY) --locked --quiet
	cargo deny --log-level error check licenses bans sources
	cargo deny --log-level error --manifest-path $(GARBLED)/Cargo.toml check licenses bans sources
	if cargo deny --log-level error fetch 2>/dev/null; then \
	    cargo deny --log-level error check advisories \
	    && cargo deny --log-level error --manifest-path $(GARBLED)/Cargo.toml check advisories; \
	else echo "advisories: their database cannot be reached, not checked"; fi

check:
	cargo test --workspace --quiet

# A workspace of its own, built in a folder of its own by the configuration in it.
garbled:
	cd $(GARBLED) && cargo fmt --all --check
	cd $(GARBLED) && cargo clippy --workspace --all-targets --quiet -- --deny warnings
	cd $(GARBLED) && cargo clippy --target $(GUEST) --quiet --lib -- --deny warnings
	cd $(GARBLED) && RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet
	cd $(GARBLED) && cargo test --workspace --quiet

# The test vectors of sealed messages, read by a decoder that shares nothing with the code.
vectors: $(PYTHON)
	$(PYTHON) $(VECTORS)/decoder.py $(VECTORS)/suite-1.json

$(PYTHON):
	python3 -m venv --system-site-packages target/python
	$(PYTHON) -c "import cryptography" 2>/dev/null \
	    || $(PYTHON) -m pip install --quiet "cryptography>=41"

bench: toolchain
	cargo bench --package anchorhold-tests

# Makes the environments of the peers that benchmarks stand beside, 1 GB; needs Python 3.10 or 3.11.
peers:
	./tests/peers/environments.sh

# Lets MPyC compute again what our protocols computed on random numbers, and compares.
SEED ?= 1
differential:
	./tests/peers/environments.sh mpyc
	cargo run --quiet --package anchorhold-bench-protocols --example differential $(SEED) > target/differential.json
	target/peers/mpyc/bin/python tests/peers/differential.py target/differential.json

# Installs what the tests call, where it is not there yet.
tools:
	command -v openssl >/dev/null && python3 -c "import ensurepip" 2>/dev/null \
	    || { $(SUDO) apt-get update --quiet=2 && $(SUDO) apt-get install --quiet=2 --yes openssl python3-venv; }

# Installs what rust-toolchain.toml names, where it is not there yet.
toolchain:
	rustup toolchain install
