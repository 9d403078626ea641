//! Reductions over teams of invocations, as `shaders/reduction.wgsl` writes them.

use serde::Serialize;

use crate::base::DeviceFacts;

/// The values of a team of invocations become one. What the fields mean is said in `shaders/reduction.wgsl`.
#[derive(Clone, Debug, Serialize)]
pub struct Reduction {
    /// The name of its workgroup arrays.
    pub name: &'static str,
    /// The WGSL type of a value.
    #[serde(rename = "type")]
    pub value: String,
    /// `+`, `*`, or a WGSL function of two values.
    pub combine: &'static str,
    /// Invocations whose values become one.
    pub team: i64,
    /// Distance of neighbours of a team.
    pub stride: i64,
    /// Invocations of the workgroup.
    pub workgroup: i64,
    /// Whether by subgroup operations.
    pub subgroups: bool,
}

impl Reduction {
    /// Workgroup memory to reduce so many values of so many bytes at a time.
    pub fn bytes([team, workgroup, subgroups]: [i64; 3], values: i64, bytes: i64) -> i64 {
        let slots = match (team, subgroups) {
            (1, _) | (2..=4, 1) => 0,
            (_, 1) => workgroup / 4,
            _ => workgroup,
        };
        slots * values * bytes
    }
}

/// The choices of how teams reduce: in workgroup memory everywhere (0), by subgroup operations where there are any (1).
pub fn reductions(device: &DeviceFacts) -> Vec<i64> {
    if device.features.subgroups { vec![0, 1] } else { vec![0] }
}

/// Whether a workgroup of so many invocations has full subgroups only: then these number its invocations without gaps.
pub fn has_full_subgroups(workgroup: i64, device: &DeviceFacts) -> bool {
    workgroup % i64::from(device.features.subgroup_size[1].max(1)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::wgsl::WgslTemplate;

    static PROBE: WgslTemplate = WgslTemplate::new(
        "probe",
        "{% import 'reduction.wgsl' as reduction %}{{ reduction.memory(r, 1) }}\n{{ reduction.parameters(r) }}\n\
         {{ reduction.rank(r) }}\n{{ reduction.reduce(r, ['sum'], again=true) }}\n",
    );

    #[derive(Serialize)]
    struct Values {
        r: Reduction,
    }

    fn text(combine: &'static str, [team, stride, workgroup]: [i64; 3], subgroups: bool) -> String {
        let value = "f32".to_owned();
        PROBE.render(Values { r: Reduction { name: "parts", value, combine, team, stride, workgroup, subgroups } })
    }

    #[test]
    fn a_tree_halves_until_two_are_left() {
        let tree = text("+", [8, 4, 64], false);
        for line in [
            "var<workgroup> parts_0: array<f32, 64>;",
            "parts_0[rank] = parts_0[rank] + parts_0[rank + 16u];",
            "parts_0[rank] = parts_0[rank] + parts_0[rank + 8u];",
            "sum = parts_0[first] + parts_0[first + 4u];",
        ] {
            assert!(tree.contains(line), "{line}:\n{tree}");
        }
        assert_eq!(tree.matches("workgroupBarrier").count(), 4, "{tree}");
        assert!(text("merge", [2, 1, 64], false).contains("sum = merge(parts_0[first], parts_0[first + 1u]);"));
    }

    #[test]
    fn subgroups_use_their_own_operation_where_there_is_one() {
        // Combine, team, and what must be there and must not.
        let cases = [
            ("+", 64, "sum = subgroupAdd(sum);", "Shuffle"),
            ("max", 16, "sum = max(sum, subgroupShuffleXor(sum, 8u));", "subgroupShuffleXor(sum, 16u)"),
            ("merge", 64, "if (subgroup_size > 32u) {", "subgroup_size > 64u"),
            ("+", 4, "subgroupShuffleXor(sum, 2u)", "workgroup"),
        ];
        for (combine, team, with, without) in cases {
            let text = text(combine, [team, 1, 64], true);
            assert!(text.contains(with) && !text.contains(without), "{combine} {team}:\n{text}");
        }
    }

    #[test]
    fn a_team_of_one_does_nothing() {
        for subgroups in [false, true] {
            let text = text("+", [1, 1, 64], subgroups);
            assert!(!text.contains("sum") && !text.contains("var<workgroup>"), "{text}");
        }
    }
}
