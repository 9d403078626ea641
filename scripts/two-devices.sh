#!/usr/bin/env bash
# Tunes the README's three workloads on two software Vulkan devices, Mesa's lavapipe and SwiftShader (as Debian's
# chromium package brings it), and then times on each the other one's winner too.
#
#   scripts/two-devices.sh [STORE]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
store=${1:-$(mktemp -d)/trials.db}
workloads=("matmul:f32:m256n256k256" "conv2d:f32:n1c64h28w28o64k3p1" "chain:f32:n1048576:gelu(x*w+b)")
cargo build --release --quiet
for device in llvmpipe SwiftShader; do
  target/release/wgtune tune "${workloads[@]}" --device "$device" --strategy random --no-warm-start --db "$store"
done
target/release/wgtune bench "${workloads[@]}" --device llvmpipe --also-from SwiftShader --db "$store"
target/release/wgtune bench "${workloads[@]}" --device SwiftShader --also-from llvmpipe --db "$store"
