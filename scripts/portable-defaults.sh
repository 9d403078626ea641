#!/usr/bin/env bash
# Computes the defaults that searches begin with on software devices, from searches of small workloads on two of them, Mesa's
# lavapipe and SwiftShader (as Debian's chromium package brings it), and writes src/predict/defaults.jsonl anew.
#
#   scripts/portable-defaults.sh [STORE]      what the store has already is not measured again
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
store=${1:-$(mktemp -d)/trials.db}
mapfile -t workloads < <(grep -v '^#' workloads/kernels.txt)
cargo build --release --quiet
for device in llvmpipe SwiftShader; do
  for workload in "${workloads[@]}"; do
    target/release/wgtune tune "$workload" --device "$device" --time 20s --no-warm-start --db "$store" ||
      echo "$workload has no result on $device" >&2
  done
done
target/release/wgtune default --json --db "$store" > src/predict/defaults.jsonl
target/release/wgtune default --db "$store"
