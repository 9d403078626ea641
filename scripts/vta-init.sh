#!/usr/bin/env bash
# Judges searches that begin with what is known to be valid, on all cuts of the convolutions in workloads/vta.txt: tables to
# results/vta-init-*.txt, curves to FOLDER/*.svg. In AutoTVM's mode the compiler knows what is valid, once as far as a start asks by
# itself and once with the paper's thousand labels; in the other mode what the simulator finds without data counts as known as well.
#
#   scripts/vta-init.sh [FOLDER]      recordings that the folder has already are not made again
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
scripts/vta-spaces.sh "$folder"
judge() {
  local name=$1 mode=$2
  shift 2
  {
    echo "$ wgtune experiment vta-init --seeds 20 --compiled $* *-$mode.json"
    target/release/wgtune experiment vta-init --seeds 20 --compiled "$@" --plot "$folder/$name.svg" "$folder"/*-"$mode".json
  } | tee "results/vta-init-$name.txt"
}
judge tvm tvm --knows compile
judge tvm-labels tvm --knows compile --labels 1000
judge direct direct --knows verify
