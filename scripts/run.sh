#!/usr/bin/env bash
# Builds wgtune and runs it with these arguments; installs a software Vulkan device where there is no driver at all.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
ensure_cargo
ensure_vulkan
exec cargo run --release --quiet -- "$@"
