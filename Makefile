# `make demo` does the main job on real data; `make test` is what every change passes.

CARGO_DENY = 0.20.2
GUEST = wasm32-wasip2
ANCHORHOLD = target/debug/anchorhold
DEMO = target/demo

.PHONY: demo test bench toolchain format lint doc deny check clean

demo: toolchain
	@echo "building anchorhold; the first time it takes about ten minutes"
	cargo build --package anchorhold
	$(ANCHORHOLD) algorithm build algorithms/secure-sum
	./tests/data/split-lung.sh $(DEMO)
	$(ANCHORHOLD) algorithm run target/$(GUEST)/release/secure_sum.wasm \
	    --data $(DEMO)/north.csv --data $(DEMO)/middle.csv --data $(DEMO)/south.csv \
	    --arguments @tests/data/lung-arguments.json --trace

test: toolchain format lint doc deny check

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	cargo clippy --target $(GUEST) --quiet --lib --examples --features anchorhold-test-guests/component \
	    --package anchorhold-sdk --package secure-sum --package secure-average \
	    --package anchorhold-test-guests --package anchorhold-bench-kernels -- --deny warnings

doc:
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet

# The advisories come from a database that not every machine reaches.
deny:
	command -v cargo-deny >/dev/null || cargo install cargo-deny --version $(CARGO_DENY) --locked --quiet
	cargo deny --log-level error check licenses bans sources
	cargo deny --log-level error fetch 2>/dev/null \
	    && cargo deny --log-level error check advisories \
	    || echo "advisories: their database cannot be reached, not checked"

check:
	cargo test --workspace --quiet

bench: toolchain
	cargo bench --package anchorhold-tests

# Installs what rust-toolchain.toml names, where it is not there yet.
toolchain:
	rustup toolchain install
