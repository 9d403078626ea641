//! What the check refuses costs no trial.

use wgtune::record::{Outcome, Phase, Record, Stage};
use wgtune::search::Init;
use wgtune::space::Value;
use wgtune::tune::StopReason;

use super::bench::{Bench, healthy};

/// Short loops leave some configs without a chance, which is known before a trial.
#[test]
fn what_the_check_refuses_costs_no_trial_and_is_kept() {
    let mut bench = Bench::of("matmul:f32:m33n17k997");
    bench.facts.limits.loop_iterations = Some(1500);
    let (first, jobs) = bench.run(20, 0, healthy);
    let refused = first.prechecks.refused;
    assert_eq!((first.trials, jobs), (20, 22), "{:?}", first.rejected);
    assert!(refused > 3, "{refused} refused");
    assert!(first.rejected.is_empty(), "no trial was rejected: {:?}", first.rejected);
    assert_eq!((first.refused.len(), first.refused[&Stage::Limits].count), (1, refused));
    let is_refused = |record: &Record| matches!(record.outcome, Outcome::Rejected(_));
    let kept = bench.records(Phase::Search);
    assert_eq!((kept.len(), kept.iter().filter(|record| is_refused(record)).count()), (20 + refused, refused));
    let (second, jobs) = bench.run(20, 0, healthy);
    assert_eq!((second.remembered, second.prechecks.refused, jobs), (20, refused, 0));
    assert_eq!(bench.records(Phase::Search).len(), kept.len(), "refused once, kept once");
}

/// A start that knows about validity asks the check beforehand. That costs no trial either, and is repeated without one.
#[test]
fn a_start_by_validity_asks_the_check_and_spends_no_trial() {
    let mut bench = Bench::of("matmul:f32:m33n17k997");
    bench.facts.limits.loop_iterations = Some(1500);
    bench.settings.init = Init::Validity;
    let (first, jobs) = bench.run(20, 0, healthy);
    assert_eq!((first.trials, jobs), (20, 22), "{:?}", first.rejected);
    assert!(first.rejected.is_empty() && first.prechecks.calls > 20, "{:?}", first.prechecks);
    let (second, jobs) = bench.run(20, 0, healthy);
    assert_eq!((second.remembered, second.prechecks.calls, jobs), (20, first.prechecks.calls, 0));
}

/// No loop may turn even twice: everything is refused, though not everything was asked for.
#[test]
fn a_search_that_only_meets_refusals_says_so() {
    let mut bench = Bench::of("matmul:f32:m33n17k997");
    bench.facts.limits.loop_iterations = Some(1);
    let (tuned, _) = bench.run(20, 0, healthy);
    let refused: usize = tuned.refused.values().map(|refused| refused.count).sum();
    assert_eq!((tuned.stop, tuned.trials, refused), (StopReason::Refused, 1, 1000));
    bench.settings.fixed = only_one(&bench);
    assert_eq!(bench.run(20, 0, healthy).0.stop, StopReason::Exhausted, "nothing is left of one config");
}

/// The values of a config that was asked for, as a narrowing that leaves no other.
fn only_one(bench: &Bench) -> Vec<(String, Vec<Value>)> {
    let record = bench.records(Phase::Search).remove(0);
    record.values.into_iter().map(|(name, value)| (name, vec![value])).collect()
}
