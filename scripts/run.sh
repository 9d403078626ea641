#!/usr/bin/env bash
# Builds wgtune and runs it with these arguments. No driver is needed: where there is no GPU, the processor is the device.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
ensure_cargo
exec cargo run --release --quiet -- "$@"
