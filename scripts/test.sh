#!/usr/bin/env bash
# Runs all tests; installs what a machine without a GPU needs. With CI set, it installs Kernel Tuner and SPIR-V-Tools
# too, and whatever is missing is a failure, not a skip.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
ensure_cargo
if ! ensure_vulkan; then
  echo "Tests that need a device will be shown as skipped." >&2
fi
if [ -n "${CI:-}" ]; then
  scripts/kernel-tuner.sh
  command -v spirv-val >/dev/null || install_packages spirv-tools >&2
  export WGTUNE_REQUIRE_DEVICE=1 WGTUNE_REQUIRE_PYTHON=1 WGTUNE_REQUIRE_SPIRV_VAL=1
fi
# Test runners hide the reasons of tests that were skipped: they are collected and shown at the end.
WGTUNE_SKIPS=$(mktemp)
export WGTUNE_SKIPS
trap 'sort -u "$WGTUNE_SKIPS"; rm -f "$WGTUNE_SKIPS"' EXIT
cargo fmt --all --check
cargo clippy --workspace --all-targets -- -D warnings
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --workspace
else
  cargo test --workspace
fi
