# Sourced by the scripts beside it: sees to it that some Vulkan driver is here, by installing Mesa's software one where
# there is none. Says what to do where it can't.

has_vulkan_driver() {
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
  # Not `grep -q`: under pipefail the closed pipe would count as a failure.
  ldconfig -p 2>/dev/null | grep libvulkan.so.1 >/dev/null || return 1
  local folder
  for folder in /usr/share /usr/local/share /etc; do
    compgen -G "$folder/vulkan/icd.d/*.json" >/dev/null && return 0
  done
  return 1
}

# Debian's packages of these names.
install_packages() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo"
  $sudo apt-get update -qq && $sudo apt-get install -y -qq "$@"
}

install_software_vulkan() {
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo="sudo"
  if command -v apt-get >/dev/null; then
    install_packages libvulkan1 mesa-vulkan-drivers
  elif command -v dnf >/dev/null; then
    $sudo dnf install -y -q vulkan-loader mesa-vulkan-drivers
  elif command -v pacman >/dev/null; then
    $sudo pacman -S --noconfirm --needed vulkan-icd-loader vulkan-swrast
  else
    return 1
  fi
}

ensure_vulkan() {
  [ "$(uname -s)" = Linux ] || return 0
  has_vulkan_driver && return 0
  echo "No Vulkan driver was found: installing Mesa's software one." >&2
  if ! install_software_vulkan >&2; then
    echo "It could not be installed. Install Mesa's Vulkan drivers (Debian: mesa-vulkan-drivers) or your GPU's, and run this again." >&2
    return 1
  fi
}

ensure_cargo() {
  command -v cargo >/dev/null && return 0
  echo "cargo was not found. Install Rust 1.95 or newer by https://rustup.rs and run this again." >&2
  return 1
}
