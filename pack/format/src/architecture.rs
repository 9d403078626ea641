//! Names of architectures, as browsers give them, from what native APIs tell.
//!
//! Browsers name an architecture in `GPUAdapterInfo.architecture`. Native APIs tell numbers and names instead, and the
//! tables here make the same name of them. What is in no table has no architecture, which is a rung less and no error.

/// NVIDIA's PCI vendor number.
const NVIDIA: u32 = 0x10de;

/// The architecture of a device; none where nothing gives it away. What the API itself says (`told`) comes first.
pub fn architecture(told: Option<&str>, vendor: u32, device: u32, adapter: &str) -> Option<String> {
    let told = told.map(|name| name.trim().to_lowercase().replace(' ', "-")).filter(|name| !name.is_empty());
    told.or_else(|| by_number(vendor, device).or_else(|| by_name(adapter)).map(str::to_owned))
}

fn by_number(vendor: u32, device: u32) -> Option<&'static str> {
    let range = NVIDIA_DEVICES.iter().find(|(first, last, _)| (*first..=*last).contains(&device));
    range.filter(|_| vendor == NVIDIA).map(|(.., name)| *name)
}

fn by_name(adapter: &str) -> Option<&'static str> {
    let text = adapter.to_uppercase();
    let word = |wanted: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == wanted);
    SOFTWARE.iter().find(|(name, _)| text.contains(name)).map(|(_, architecture)| *architecture).or_else(|| {
        let makers = FAMILIES.iter().filter(|(marks, _)| marks.iter().any(|mark| text.contains(mark)));
        let mut names = makers.flat_map(|(_, names)| names.iter());
        names.find(|(codename, _)| word(codename)).map(|(_, architecture)| *architecture)
    })
}

/// First and last PCI device number of NVIDIA's chips. The blocks of 256 are those of Dawn's `gpu_info.json`; GA100, GH100,
/// GV100 and Blackwell, which it lacks, follow the list of supported devices in NVIDIA's open kernel modules.
const NVIDIA_DEVICES: &[(u32, u32, &str)] = &[
    (0x0fc0, 0x12ff, "kepler"),
    (0x1300, 0x14ff, "maxwell"),
    (0x1500, 0x15ff, "pascal"),
    (0x1600, 0x17ff, "maxwell"),
    (0x1b00, 0x1d7f, "pascal"),
    (0x1d80, 0x1dff, "volta"),
    (0x1e00, 0x1fff, "turing"),
    (0x2000, 0x20ff, "ampere"),
    (0x2100, 0x21ff, "turing"),
    (0x2200, 0x22ff, "ampere"),
    (0x2300, 0x23ff, "hopper"),
    (0x2400, 0x25ff, "ampere"),
    (0x2600, 0x28ff, "lovelace"),
    (0x2900, 0x2fff, "blackwell"),
    (0x3180, 0x31ff, "blackwell"),
];

/// Devices that are software, by a part of their name.
const SOFTWARE: &[(&str, &str)] =
    &[("LLVMPIPE", "llvmpipe"), ("SWIFTSHADER", "swiftshader"), ("MICROSOFT BASIC RENDER", "warp")];

/// A maker's marks, and what words after one of them mean.
type Family = (&'static [&'static str], &'static [(&'static str, &'static str)]);

/// Words in the names that drivers give adapters, by what marks the maker.
const FAMILIES: &[Family] = &[(&["RADV"], RADV), (&["INTEL"], INTEL), (&["APPLE"], APPLE)];

/// The codename in parentheses that Mesa's RADV adds: `AMD Radeon RX 7900 XTX (RADV NAVI31)`. The names are those of
/// `ac_get_family_name` in Mesa's `src/amd/common`, what they belong to those of its `enum amd_gfx_level`.
const RADV: &[(&str, &str)] = &[
    ("TAHITI", "gcn-1"),
    ("PITCAIRN", "gcn-1"),
    ("VERDE", "gcn-1"),
    ("OLAND", "gcn-1"),
    ("HAINAN", "gcn-1"),
    ("BONAIRE", "gcn-2"),
    ("KAVERI", "gcn-2"),
    ("KABINI", "gcn-2"),
    ("HAWAII", "gcn-2"),
    ("TONGA", "gcn-3"),
    ("ICELAND", "gcn-3"),
    ("CARRIZO", "gcn-3"),
    ("FIJI", "gcn-3"),
    ("STONEY", "gcn-3"),
    ("POLARIS10", "gcn-4"),
    ("POLARIS11", "gcn-4"),
    ("POLARIS12", "gcn-4"),
    ("VEGAM", "gcn-4"),
    ("VEGA10", "gcn-5"),
    ("VEGA12", "gcn-5"),
    ("VEGA20", "gcn-5"),
    ("RAVEN", "gcn-5"),
    ("RAVEN2", "gcn-5"),
    ("RENOIR", "gcn-5"),
    ("MI100", "cdna-1"),
    ("MI200", "cdna-2"),
    ("GFX940", "cdna-3"),
    ("NAVI10", "rdna-1"),
    ("NAVI12", "rdna-1"),
    ("NAVI14", "rdna-1"),
    ("NAVI21", "rdna-2"),
    ("NAVI22", "rdna-2"),
    ("NAVI23", "rdna-2"),
    ("NAVI24", "rdna-2"),
    ("VANGOGH", "rdna-2"),
    ("REMBRANDT", "rdna-2"),
    ("MENDOCINO", "rdna-2"),
    ("NAVI31", "rdna-3"),
    ("NAVI32", "rdna-3"),
    ("NAVI33", "rdna-3"),
    ("PHOENIX", "rdna-3"),
    ("PHOENIX2", "rdna-3"),
    ("GFX1150", "rdna-3.5"),
    ("GFX1151", "rdna-3.5"),
    ("GFX1152", "rdna-3.5"),
    ("NAVI44", "rdna-4"),
    ("NAVI48", "rdna-4"),
    ("GFX1200", "rdna-4"),
    ("GFX1201", "rdna-4"),
];

/// The codename in parentheses that Mesa's drivers add: `Intel(R) UHD Graphics 620 (KBL GT2)`. The names are those of
/// Mesa's `include/pci_ids/iris_pci_ids.h`, what they belong to is as Chromium reports it.
const INTEL: &[(&str, &str)] = &[
    ("IVB", "gen-7"),
    ("BYT", "gen-7"),
    ("HSW", "gen-7"),
    ("BDW", "gen-8"),
    ("CHV", "gen-8"),
    ("SKL", "gen-9"),
    ("KBL", "gen-9"),
    ("AML", "gen-9"),
    ("CFL", "gen-9"),
    ("WHL", "gen-9"),
    ("CML", "gen-9"),
    ("BXT", "gen-9"),
    ("APL", "gen-9"),
    ("GLK", "gen-9"),
    ("ICL", "gen-11"),
    ("EHL", "gen-11"),
    ("JSL", "gen-11"),
    ("TGL", "gen-12lp"),
    ("RKL", "gen-12lp"),
    ("DG1", "gen-12lp"),
    ("ADL", "gen-12lp"),
    ("RPL", "gen-12lp"),
    ("MTL", "gen-12lp"),
    ("ARL", "gen-12lp"),
    ("DG2", "gen-12hp"),
    ("ACM", "gen-12hp"),
    ("LNL", "xe-2lpg"),
    ("BMG", "xe-2hpg"),
];

/// Chips in the names that Metal gives devices: `Apple M2 Max`. The families are those of Apple's Metal feature set tables.
const APPLE: &[(&str, &str)] = &[
    ("A14", "apple-7"),
    ("M1", "apple-7"),
    ("A15", "apple-8"),
    ("A16", "apple-8"),
    ("M2", "apple-8"),
    ("A17", "apple-9"),
    ("A18", "apple-9"),
    ("M3", "apple-9"),
    ("M4", "apple-9"),
    ("A19", "apple-10"),
    ("M5", "apple-10"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_have_the_names_of_browsers() {
        let cases = [
            (Some("Ampere"), 0, 0, "", Some("ampere")),
            (Some("gen-12lp"), 0x8086, 0, "Intel (SKL GT2)", Some("gen-12lp")),
            (Some(" "), 0x10de, 0x2684, "NVIDIA GeForce RTX 4090", Some("lovelace")),
            (None, 0x10de, 0x2204, "NVIDIA GeForce RTX 3090", Some("ampere")),
            (None, 0x10de, 0x20b0, "NVIDIA A100-SXM4-40GB", Some("ampere")),
            (None, 0x10de, 0x2330, "NVIDIA H100 80GB HBM3", Some("hopper")),
            (None, 0x10de, 0x1db1, "Tesla V100-SXM2-16GB", Some("volta")),
            (None, 0x10de, 0x1d01, "NVIDIA GeForce GT 1030", Some("pascal")),
            (None, 0x10de, 0x2b85, "NVIDIA GeForce RTX 5090", Some("blackwell")),
            (None, 0x10de, 0x0001, "NVIDIA", None),
            (None, 0x1002, 0x744c, "AMD Radeon RX 7900 XTX (RADV NAVI31)", Some("rdna-3")),
            (None, 0x1002, 0x15bf, "AMD Radeon 780M (RADV PHOENIX)", Some("rdna-3")),
            (None, 0x1002, 0x66af, "AMD Radeon VII (RADV VEGA20)", Some("gcn-5")),
            (None, 0x1002, 0x744c, "AMD Radeon RX 7900 XTX", None),
            (None, 0x8086, 0x9a49, "Intel(R) Iris(R) Xe Graphics (TGL GT2)", Some("gen-12lp")),
            (None, 0x8086, 0x56a0, "Intel(R) Arc(tm) A770 Graphics (DG2)", Some("gen-12hp")),
            (None, 0x106b, 0, "Apple M2 Max", Some("apple-8")),
            (None, 0x10005, 0, "llvmpipe (LLVM 15.0.6, 256 bits)", Some("llvmpipe")),
            (None, 0x1ae0, 0xc0de, "SwiftShader Device (LLVM 10.0.0)", Some("swiftshader")),
            (None, 0, 0, "", None),
        ];
        for (told, vendor, device, adapter, want) in cases {
            assert_eq!(architecture(told, vendor, device, adapter).as_deref(), want, "{told:?} {adapter}");
        }
    }

    #[test]
    fn ranges_are_in_order_and_apart() {
        for pair in NVIDIA_DEVICES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:x?}");
        }
    }
}
