//! Two runs at once on one store: both succeed, and each finds its own trials there.

use crate::tool::{Place, Ran, has_software_device, report, start};

const WORKLOADS: [&str; 2] = ["matmul:f32:m33n17k7", "chain:f32:r33c17:gelu(x*w[c]+b[c])"];

#[test]
fn two_runs_share_one_store() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let lines = WORKLOADS.map(|workload| ["tune", workload, "--device", "software", "--trials", "5"]);
    let children = lines.map(|line| (line, start(&place.with(&line))));
    for (line, child) in children {
        Ran::of(&line, child.wait_with_output().unwrap()).good();
    }
    let trials = place.trials();
    let of = |workload: &'static str| trials.iter().filter(move |trial| trial["workload"] == workload);
    let failures = WORKLOADS.into_iter().filter_map(|workload| {
        let searched = of(workload).filter(|trial| trial["phase"] == "search").count();
        let raced = of(workload).filter(|trial| trial["phase"] == "final").count();
        (searched != 5 || raced == 0).then(|| format!("{workload}: {searched} trials, {raced} in the race"))
    });
    report(failures.collect());
    let runs = WORKLOADS.map(|workload| of(workload).next().map(|trial| trial["run"].clone()));
    assert_ne!(runs[0], runs[1], "each run has its number");
}
