#!/usr/bin/env bash
# Makes a pack of what a store knows of two software Vulkan devices, and says how near to each device's own best its parts come:
# results/packs-software.txt. With recordings of one kernel on several devices, what portfolios come to there:
# results/packs-recorded.txt.
#
#   scripts/packs.sh STORE [RECORDINGS…]      the store as `benches/winners.py --db` fills it on both devices
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
store=$1
shift
cargo build --release --quiet
wgtune=$PWD/target/release/wgtune
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# What a device can do is in the store since it was last tuned.
for device in llvmpipe SwiftShader; do
  "$wgtune" tune chain:f32:n1000:x+1 --trials 2 --device "$device" --db "$store" >"$folder/tune.log" 2>&1
done
show() { echo "$ wgtune $*"; }
{
  show pack build --from kernels.db --workloads kernels -o kernels.wgpack
  "$wgtune" pack build --from "$store" --workloads kernels -o "$folder/kernels.wgpack" 2>&1 | sed "s|$folder/||"
  show pack verify kernels.wgpack
  "$wgtune" pack verify "$folder/kernels.wgpack" 2>&1
} | tee results/packs-software.txt
if [ $# -gt 0 ]; then
  {
    show pack portfolio "${@##*/}"
    "$wgtune" pack portfolio "$@"
  } | tee results/packs-recorded.txt
fi
