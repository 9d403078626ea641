#!/usr/bin/env bash
# Tunes workloads/processor.txt on the processor and races the winners against libraries (benches/peers/processor.py), with
# each number of threads. For products our own kernels are also tuned without the libraries.
#
#   scripts/cpu-peers.sh [THREADS ...]      1 and 2 unless named; prints the races
#
# TIME is how long each search may take, STORES the folder of the stores: what is tuned there is not tuned again.
# results/cpu-winners-*.md say what won and how it compares with the default.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${TIME:-15s} stores=${STORES:-$(mktemp -d)}
[ "$#" -gt 0 ] || set -- 1 2
cargo build --release --quiet
cargo build --release --quiet --manifest-path benches/peers/cpu/Cargo.toml
[ -d benches/peers/onnxruntime/venv ] || benches/peers/setup.sh onnxruntime
ours=$(cargo bench --quiet --bench peer --no-run --message-format json |
  python3 -c 'import json,sys; print(next(m["executable"] for m in map(json.loads, sys.stdin) if m.get("target", {}).get("name") == "peer"))')
for threads in "$@"; do
  export WGTUNE_THREADS=$threads MATMUL_NUM_THREADS=$threads
  all=$stores/all-$threads.db own=$stores/own-$threads.db
  benches/winners.py --device cpu --time "$time" --db "$all" --out "$stores/winners-$threads" workloads/processor.txt
  sed "s|$stores/||g" "$stores/winners-$threads.md" > "results/cpu-winners-$threads.md"
  if [ ! -f "$own" ]; then
    for workload in $(grep '^matmul:' workloads/processor.txt); do
      templates=(--template matmul/native)
      [[ $workload =~ :m[0-9]n ]] && templates+=(--template matmul/native_skinny)
      target/release/wgtune tune "$workload" --device cpu --time "$time" "${templates[@]}" --no-warm-start --db "$own" >&2
    done
  fi
  echo "$ benches/peers/processor.py --threads $threads"
  benches/peers/processor.py --threads "$threads" --db "$all" --own-db "$own" --ours "$ours"
done
