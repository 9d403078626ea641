# Short names for commands; no logic lives here.

default:
    @just --list

# Build and run wgtune
run *args:
    scripts/run.sh {{args}}

# All tests, as continuous integration runs them
test:
    scripts/test.sh

# Write the goldens anew; review the difference before committing it
bless:
    WGTUNE_BLESS=1 cargo test --test goldens --test command_line --test chaos --test mutants

# Our own CPU cost: emitting, checking, opening spaces, searching, isolating
bench:
    cargo bench --bench candidate --bench search --bench worker

# What takes too long for every run: the operator contract with many more configs, a hundred killed runs, fuzzed streams
long: fuzz
    WGTUNE_SAMPLES=60 cargo test --release --test operator_contract
    scripts/kill-runs.sh

# Streams of VTA and bytes of packs from libFuzzer, each for so many seconds, where cargo-fuzz is installed
fuzz seconds="600":
    ! command -v cargo-fuzz >/dev/null || ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run vta -- -max_total_time={{seconds}} -max_len=4096 -timeout=60
    mkdir -p fuzz/corpus/pack
    ! command -v cargo-fuzz >/dev/null || cargo +nightly fuzz run pack fuzz/corpus/pack pack/tests/corpus -- -max_total_time={{seconds}} -max_len=16384 -timeout=60

# Searches on VTA that begin with what is known to be valid, against those that do not
vta-init *folder:
    scripts/vta-init.sh {{folder}}

# Kernel Tuner's own strategies on recorded spaces, for comparison with `wgtune replay`
peers *files:
    scripts/kernel-tuner.sh
    target/python/kernel-tuner/bin/python benches/peers/kernel_tuner/compare.py {{files}}

# Our own matrix products on the processor against the best libraries, with one thread and with two
bench-cpu-matmul *threads:
    cargo run --release --manifest-path benches/peers/cpu/Cargo.toml -- {{threads}}

# The tuner's winners on the processor against gemm, faer, matrixmultiply and ONNX Runtime, with one thread and with two
bench-cpu-peers *threads:
    scripts/cpu-peers.sh {{threads}}
