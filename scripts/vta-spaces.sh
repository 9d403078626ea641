#!/usr/bin/env bash
# Records all cuts of the convolutions in workloads/vta.txt on a simulated VTA: as AutoTVM has them, and whatever can be encoded.
#
#   scripts/vta-spaces.sh FOLDER [DEVICE]      what the folder has already is not recorded again; DEVICE is vta where none is named
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 device=${2:-vta}
mkdir -p "$folder"
cargo build --release --quiet
grep -v '^#' workloads/vta.txt | while read -r workload; do
  sizes=${workload#*:n1} sizes=${sizes%%+*}
  for template in vta_tvm vta_direct; do
    output=$folder/$sizes-${template#vta_}.json
    [ -e "$output" ] || target/release/wgtune record "$workload" --device "$device" --template "$template" --output "$output"
  done
done
