#!/usr/bin/env bash
# Fetches and builds the peers of benches/peers, each apart from wgtune's own workspace: Burn, tinygrad and wonnx on
# devices with WebGPU, ONNX Runtime on the CPU.
# Usage: benches/peers/setup.sh [burn|tinygrad|wonnx|onnxruntime ...]     (all unless named)
set -euo pipefail
cd "$(dirname "$0")"

# Burn's SPIR-V crashes inside Mesa's software driver. Its crate `cubecl-wgpu` falls back to WGSL where a device lacks
# what SPIR-V needs; this makes it believe so of every device. Whoever quotes figures must say that it was patched.
burn() {
  local version=0.11.3 source
  if [ ! -d burn/patched ]; then
    mkdir -p burn/fetched/src && : > burn/fetched/src/lib.rs
    printf '[package]\nname = "fetched"\nversion = "0.0.0"\n[workspace]\n[dependencies]\ncubecl-wgpu = "=%s"\n' \
      "$version" > burn/fetched/Cargo.toml
    cargo fetch --quiet --manifest-path burn/fetched/Cargo.toml
    source=$(cargo metadata --format-version 1 --manifest-path burn/fetched/Cargo.toml |
      python3 -c 'import json,os,sys; print(next(os.path.dirname(p["manifest_path"])
        for p in json.load(sys.stdin)["packages"] if p["name"] == "cubecl-wgpu"))')
    cp -r "$source" burn/patched
    rm -rf burn/fetched
    sed -i 's/mem_model && device_address && storage_class/false \&\& mem_model \&\& device_address \&\& storage_class/' \
      burn/patched/src/backend/vulkan/features.rs
    grep -q 'false && mem_model' burn/patched/src/backend/vulkan/features.rs
  fi
  cargo build --release --manifest-path burn/Cargo.toml
}

tinygrad() {
  python3 -m venv tinygrad/venv
  tinygrad/venv/bin/pip install --quiet tinygrad==0.14.0 dawn-python==0.3.0 numpy==2.4.6
}

wonnx() {
  python3 -m venv wonnx/venv
  wonnx/venv/bin/pip install --quiet onnx==1.23.2 numpy==2.4.6
  cargo build --release --manifest-path wonnx/Cargo.toml
}

onnxruntime() {
  python3 -m venv onnxruntime/venv
  onnxruntime/venv/bin/pip install --quiet --requirement onnxruntime/requirements.txt
}

for peer in "${@:-burn tinygrad wonnx onnxruntime}"; do
  for one in $peer; do "$one"; done
done
