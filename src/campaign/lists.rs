//! Lists of workloads that go by a name: made from what operators list, and those of real models and benchmarks.

use crate::op::{LISTS as MODELS, OPERATORS, Operator, find_list, resolve};

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
    let of_operator = || operator.map(|operator| operator.workloads().to_vec());
    list.or_else(of_operator).or_else(|| find_list(name).map(|list| list.workloads()))
}

/// The names of all lists.
pub fn names() -> Vec<&'static str> {
    let operators = OPERATORS.iter().map(|operator| operator.name());
    LISTS.iter().map(|list| list.name).chain(operators).chain(MODELS.iter().map(|list| list.name)).collect()
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
}
