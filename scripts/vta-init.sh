#!/usr/bin/env bash
# Judges searches that begin with what is known to be valid, on all cuts of the convolutions in workloads/vta.txt, and writes the tables
# and curves to results/vta-init-{tvm,direct}.{txt,svg}. In AutoTVM's mode the compiler knows what is valid; in the other one what the
# simulator finds without data counts as known as well.
#
#   scripts/vta-init.sh [FOLDER]      recordings that the folder has already are not made again
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
scripts/vta-spaces.sh "$folder"
for mode in tvm direct; do
  knows=compile
  [ "$mode" = tvm ] || knows=verify
  {
    echo "$ wgtune experiment vta-init --seeds 20 --knows $knows *-$mode.json"
    target/release/wgtune experiment vta-init --seeds 20 --knows "$knows" --plot "results/vta-init-$mode.svg" "$folder"/*-"$mode".json
  } | tee "results/vta-init-$mode.txt"
done
