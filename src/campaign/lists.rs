//! Lists of workloads: those that go by a name, made from what operators list, and those of files.

use crate::op::{OPERATORS, Operator, resolve};

/// A list that goes by a name of its own; each operator's name stands for its workloads besides.
struct List {
    name: &'static str,
    workloads: fn() -> Vec<&'static str>,
}

const LISTS: &[List] = &[
    List { name: "quick", workloads: cheapest },
    List { name: "all", workloads: || of(|_| true) },
    List { name: "gemm", workloads: || of(|operator| operator.name() == "matmul") },
    List { name: "conv", workloads: || of(|operator| operator.name().starts_with("conv")) },
];

/// The workloads of a list; `None` where no list has that name.
pub fn named(name: &str) -> Option<Vec<&'static str>> {
    let list = LISTS.iter().find(|list| list.name == name).map(|list| (list.workloads)());
    let operator = OPERATORS.iter().find(|operator| operator.name() == name);
    list.or_else(|| operator.map(|operator| operator.workloads().to_vec()))
}

/// The names of all lists.
pub fn names() -> Vec<&'static str> {
    LISTS.iter().map(|list| list.name).chain(OPERATORS.iter().map(|operator| operator.name())).collect()
}

/// The workloads of a file with their line numbers: one on each line, `#` and what follows it left out.
pub fn lines(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()));
    lines.filter(|(_, line)| !line.is_empty()).collect()
}

fn of(is_meant: impl Fn(&dyn Operator) -> bool) -> Vec<&'static str> {
    OPERATORS
        .iter()
        .filter(|operator| is_meant(**operator))
        .flat_map(|operator| operator.workloads())
        .copied()
        .collect()
}

/// Of each operator the workload that moves and computes least.
fn cheapest() -> Vec<&'static str> {
    let cost = |workload: &&str| resolve(workload).map_or(f64::INFINITY, |s| s.work.flops + s.work.bytes);
    let least =
        |operator: &&dyn Operator| operator.workloads().iter().copied().min_by(|a, b| cost(a).total_cmp(&cost(b)));
    OPERATORS.iter().filter_map(least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_workloads_that_mean_something_each_once() {
        for name in names() {
            let workloads = named(name).unwrap();
            assert!(!workloads.is_empty(), "{name}");
            for (at, workload) in workloads.iter().enumerate() {
                assert!(resolve(workload).is_ok() && !workloads[..at].contains(workload), "{name}: {workload}");
            }
        }
        assert_eq!(named("quick").unwrap().len(), OPERATORS.len());
        assert_eq!(named("gemm"), named("matmul"));
        assert!(named("conv").unwrap().iter().all(|workload| named("all").unwrap().contains(workload)));
        assert_eq!(named("nonsense"), None);
    }

    #[test]
    fn comments_and_empty_lines_are_left_out() {
        let text = "# mine\n\nmatmul:f32:m8n8k8  # small\n   \nstencil.toml:w64h64";
        assert_eq!(lines(text), [(3, "matmul:f32:m8n8k8"), (5, "stencil.toml:w64h64")]);
    }
}
