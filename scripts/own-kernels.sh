#!/usr/bin/env bash
# Tunes the kernels of examples/kernels by their files alone on two software Vulkan devices, Mesa's lavapipe and SwiftShader
# (as Debian's chromium package brings it).
#
#   scripts/own-kernels.sh [STORE]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
store=${1:-$(mktemp -d)/trials.db}
cargo build --release --quiet
for device in llvmpipe SwiftShader; do
  for kernel in stencil histogram reduction scan nbody blur; do
    target/release/wgtune tune "examples/kernels/$kernel.toml" --device "$device" --trials 60 --no-warm-start --db "$store"
    echo
  done
done
