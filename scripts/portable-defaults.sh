#!/usr/bin/env bash
# Computes the defaults that searches begin with on software devices, from searches of small workloads on two of them, Mesa's
# lavapipe and SwiftShader (as Debian's chromium package brings it), and writes src/predict/defaults.jsonl anew.
#
#   scripts/portable-defaults.sh [FOLDER]      what the folder has already is not searched again
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
folder=${1:-$(mktemp -d)}
cargo build --release --quiet
for device in llvmpipe SwiftShader; do
  winners=winners-${device,,}
  benches/winners.py --device "$device" --time 15s --db "$folder/kernels.db" --out "$folder/$winners" workloads/kernels.txt
  sed "s|$folder/||g" "$folder/$winners.md" > "results/$winners.md"
done
target/release/wgtune default --json --db "$folder/kernels.db" > "$folder/defaults.jsonl"
mv "$folder/defaults.jsonl" src/predict/defaults.jsonl
{ echo "$ wgtune default" && target/release/wgtune default --db "$folder/kernels.db"; } | tee results/portable-defaults.txt
