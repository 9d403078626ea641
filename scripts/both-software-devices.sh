# Sourced by scripts that compare two software Vulkan devices: lets the loader see Mesa's lavapipe and SwiftShader (as
# Debian's chromium package brings it), and nothing else.
lavapipe=${LAVAPIPE_ICD:-$(ls /usr/share/vulkan/icd.d/lvp_icd*.json | head -n 1)}
swiftshader=${SWIFTSHADER_ICD:-/usr/lib/chromium/vk_swiftshader_icd.json}
for icd in "$lavapipe" "$swiftshader"; do
  [ -f "$icd" ] || { echo "There is no Vulkan driver file $icd; on Debian: apt-get install mesa-vulkan-drivers chromium" >&2; exit 1; }
done
export VK_DRIVER_FILES="$lavapipe:$swiftshader"
