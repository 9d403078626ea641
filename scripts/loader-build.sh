#!/bin/sh
# How long an application with wgpu takes to build anew, and how much longer with the loader of packs: three times in turn.
# Keep the machine quiet meanwhile. Packages are fetched before anything is timed.
set -eu
cd "$(dirname "$0")/.."
here=$PWD
app=$(mktemp -d)
trap 'rm -rf "$app"' EXIT
mkdir "$app/src"
cat > "$app/Cargo.toml" <<END
[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dependencies]
wgpu = "30"
pollster = "1"
wgtune-pack = { path = "$here/pack", features = ["wgpu"], optional = true }

[features]
pack = ["dep:wgtune-pack"]

[workspace]
END
cat > "$app/src/main.rs" <<END
fn main() {
    let instance = wgpu::Instance::default();
    println!("{}", pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all())).len());
}
END
cp Cargo.lock "$app"
cd "$app"
export CARGO_TARGET_DIR="$app/target"
cargo fetch --quiet
seconds() {
    rm -rf target
    start=$(date +%s.%N)
    cargo build --quiet --offline "$@"
    echo "$start $(date +%s.%N)" | awk '{ print $2 - $1 }'
}
for _ in 1 2 3; do
    without=$(seconds)
    with=$(seconds --features pack)
    echo "$without $with" | awk '{ printf "without %.1f s, with the loader %.1f s, %.1f s more\n", $1, $2, $2 - $1 }'
done
