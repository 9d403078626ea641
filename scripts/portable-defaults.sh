#!/usr/bin/env bash
# Computes the defaults that searches begin with on software devices, from searches of small workloads on two of them, Mesa's
# lavapipe and SwiftShader (as Debian's chromium package brings it), and writes src/predict/defaults.jsonl anew.
#
#   scripts/portable-defaults.sh [STORE]      results/winners-*.json have what is done: the same command goes on
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
store=${1:-$(mktemp -d)/trials.db}
cargo build --release --quiet
for device in llvmpipe SwiftShader; do
  benches/winners.py --device "$device" --time 15s --db "$store" --out "results/winners-${device,,}" workloads/kernels.txt
done
target/release/wgtune default --json --db "$store" > src/predict/defaults.jsonl
target/release/wgtune default --db "$store" | tee results/portable-defaults.txt
