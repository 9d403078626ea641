#!/usr/bin/env bash
# Records the small spaces that searches are replayed on: a matmul, a convolution and a chain on Mesa's lavapipe, and the
# matmul on SwiftShader too (as Debian's chromium package brings it). Wants a quiet machine. What was stopped goes on
# where it was; what is there already stays.
#
#   scripts/record-spaces.sh [FOLDER [OPTION…]]     such as: scripts/record-spaces.sh /tmp/spaces --limit 20
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/software-vulkan.sh
. scripts/both-software-devices.sh
folder=${1:-tests/data/recorded}
[ $# -gt 0 ] && shift
options=("$@")
mkdir -p "$folder"
cargo build --release --quiet

# Odd enough that tiles do not fit, small enough that a run takes about a millisecond.
matmul=("matmul:f32:m100n132k68" --fix wx=8,16 --fix wy=4,8 --fix bk=4,16 --fix vec_k=1 --fix pad=0 --fix unroll=4 --fix baked=1)
conv2d=("conv2d:f32:n1c12h22w25o24k3p1" --fix wx=8,16 --fix wy=4 --fix wz=1,2 --fix tw=1,2,4 --fix to=2,4,8 --fix bc=1,4
  --fix pad=0 --fix unroll=1 --fix baked=1)
chain=("chain:f32:r400c500:gelu(x*w[c]+b[c])")

# NAME DEVICE WORKLOAD AND FIXES…
record() {
  local name=$1 device=$2
  shift 2
  [ -f "$folder/$name.json.gz" ] && return
  if [ ! -f "$folder/$name.json" ]; then
    target/release/wgtune record "$@" --device "$device" --output "$folder/$name.json" "${options[@]}"
  fi
  gzip -9n "$folder/$name.json"
  ls -l "$folder/$name.json.gz"
}

record matmul-lavapipe llvmpipe "${matmul[@]}"
record conv2d-lavapipe llvmpipe "${conv2d[@]}"
record chain-lavapipe llvmpipe "${chain[@]}"
record matmul-swiftshader SwiftShader "${matmul[@]}"
