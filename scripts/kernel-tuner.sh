#!/usr/bin/env bash
# Installs Kernel Tuner from PyPI, where it is not yet, for the test that has it replay what we export and for
# benches/peers/kernel_tuner. Nothing outside the build folder is touched, but for Debian's python3-venv.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${CARGO_TARGET_DIR:-target}/python/kernel-tuner
requirements=benches/peers/kernel_tuner/requirements.txt
# The copy says which requirements are installed.
cmp -s "$requirements" "$folder/requirements.txt" && exit 0

install_venv() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo"
  command -v apt-get >/dev/null && $sudo apt-get update -qq && $sudo apt-get install -y -qq python3-venv
}

rm -rf "$folder"
if ! python3 -m venv "$folder" 2>/dev/null; then
  rm -rf "$folder"
  install_venv >&2 && python3 -m venv "$folder" || {
    echo "Python 3.10 or newer with its module venv is needed (Debian: python3-venv)." >&2
    exit 1
  }
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$folder/requirements.txt"
