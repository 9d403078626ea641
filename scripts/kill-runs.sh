#!/usr/bin/env bash
# Kills runs of the tuner on a software device at random moments, a hundred unless told, and prints what became of them.
#
#   scripts/kill-runs.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
ensure_cargo
ensure_vulkan
export WGTUNE_KILLS=${1:-100} WGTUNE_REQUIRE_DEVICE=1
cargo test --quiet --test kills -- --nocapture
