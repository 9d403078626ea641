#!/usr/bin/env bash
# Prints what a kernel file with 10⁸ combinations of values costs: `wgtune check` of it, from start to end, the first config
# that a search asks for, and the memory of both at its highest. Wants Linux, Python for the first, and a quiet machine.
#
#   scripts/large-space.sh
set -euo pipefail
cd "$(dirname "$0")/.."
file=benches/custom/large.toml
cargo build --release --quiet
target/release/wgtune check "$file"
for _ in 1 2 3; do
  python3 - target/release/wgtune check "$file" <<'PYTHON'
import resource, subprocess, sys, time

begin = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - begin
# In KiB on Linux; that of the largest child.
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"check: {seconds * 1e3:.0f} ms, memory at most {memory:.1f} MiB")
PYTHON
done
for _ in 1 2 3; do
  cargo bench --quiet --bench custom -- large
done
