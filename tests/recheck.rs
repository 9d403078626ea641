//! Rechecks on a device that was never there: what becomes of stored winners, and whom the store trusts afterwards.

mod common;

use common::invented::{Fate, Invented, own_time};
use wgtune::backend::Backend;
use wgtune::code::Program;
use wgtune::op::resolve;
use wgtune::record::{Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::space::Value;
use wgtune::store::{Filter, Store, TrialKey};
use wgtune::tune::{
    Rechecked, Settings, Tuned, Unwatched, Verdict, last_recheck, recheck_winners, stored_winners, tune,
};

const MATMUL: &str = "matmul:f32:m33n17k7";

fn settings() -> Settings {
    let templates = vec!["matmul/tiled".to_owned()];
    Settings { strategy: "random".parse().unwrap(), trials: 20, templates, ..Settings::default() }
}

fn tune_on(device: &mut Invented, store: &mut Store) -> Tuned {
    tune(device, store, &resolve(MATMUL).unwrap(), &settings(), &mut Unwatched).unwrap()
}

/// A store with one winner, which is not the default.
fn tuned() -> (Store, Tuned) {
    let mut store = Store::in_memory().unwrap();
    let tuned = tune_on(&mut Invented::new(|program| Ok(own_time(program))), &mut store);
    assert_ne!(tuned.best(Mode::UNCHECKED).map(|best| &best.code_hash), tuned.default_hash.as_ref());
    (store, tuned)
}

fn winner(tuned: &Tuned) -> Record {
    tuned.best(Mode::UNCHECKED).unwrap().clone()
}

/// A device on which the program of this hash has another fate.
fn changed(hash: &str, fate: Result<f64, Stage>) -> Invented {
    let hash = hash.to_owned();
    Invented::new(
        move |program| {
            if program.hash() == hash { fate.map(|by| by * own_time(program)) } else { Ok(own_time(program)) }
        },
    )
}

fn recheck(device: &mut Invented, store: &mut Store) -> Vec<Rechecked> {
    let found = stored_winners(store, &device.facts().identity).unwrap();
    let again = |(workload, winners): (String, Vec<Record>)| {
        recheck_winners(device, store, resolve(&workload).ok().as_ref(), winners, &Settings { seed: 2, ..settings() })
            .unwrap()
    };
    found.into_iter().flat_map(again).collect()
}

fn best(store: &Store, tuned: &Tuned) -> Option<Record> {
    store.best(MATMUL, Some(&tuned.device), Mode::UNCHECKED).unwrap()
}

#[test]
fn a_winner_is_compared_by_its_lead_over_the_default() {
    let cases = [
        (Ok(1.0), Verdict::Holds, true),
        (Ok(1.04), Verdict::Holds, true),
        (Ok(1.5), Verdict::Slower, true),
        (Ok(0.5), Verdict::Faster, true),
        (Err(Stage::Verify), Verdict::Wrong, false),
        (Err(Stage::Crash), Verdict::Fails, false),
        (Err(Stage::Compile), Verdict::Fails, false),
        (Err(Stage::Run), Verdict::Unclear, true),
    ];
    for (fate, want, is_trusted) in cases {
        let (mut store, tuned) = tuned();
        let was = winner(&tuned);
        let found = recheck(&mut changed(&was.code_hash, fate), &mut store);
        assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [want], "{fate:?}");
        assert_eq!(best(&store, &tuned).as_ref() == Some(&was), is_trusted, "{fate:?}: {want:?}");
        assert_eq!(last_recheck(&store, &was).unwrap().map(|one| one.verdict), Some(want), "{fate:?}, read again");
        assert_eq!(found[0].verdict.is_rejected(), !is_trusted);
    }
}

/// Found once, not found again: a bad moment.
#[test]
fn drift_that_is_not_found_twice_is_none() {
    let (mut store, tuned) = tuned();
    let was = winner(&tuned);
    let mut times = 0;
    let mut moody = Invented::new(move |program| {
        let is_slow = program.hash() == was.code_hash && times == 0;
        times += usize::from(program.hash() == was.code_hash);
        Ok(if is_slow { 2.0 } else { 1.0 } * own_time(program))
    });
    let found = recheck(&mut moody, &mut store);
    assert_eq!((moody.jobs, found[0].verdict), (2, Verdict::Holds));
}

/// All programs at half the pace, as on a busy machine: nothing has changed.
#[test]
fn a_slower_machine_is_no_drift() {
    let (mut store, _) = tuned();
    let found = recheck(&mut Invented::new(|program| Ok(2.0 * own_time(program))), &mut store);
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Holds]);
}

/// On a default that fails nobody has a lead.
#[test]
fn without_a_default_it_is_unclear() {
    let (mut store, tuned) = tuned();
    let found = recheck(&mut changed(tuned.default_hash.as_ref().unwrap(), Err(Stage::Crash)), &mut store);
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Unclear]);
}

/// A device that went away overturns nobody.
#[test]
fn a_race_in_which_nobody_was_timed_overturns_nobody() {
    let (mut store, tuned) = tuned();
    recheck(&mut Invented::new(|_| Err(Stage::Crash)), &mut store);
    assert_eq!(best(&store, &tuned), Some(winner(&tuned)));
    recheck(&mut Invented::new(|_| Err(Stage::Verify)), &mut store);
    assert_ne!(best(&store, &tuned), Some(winner(&tuned)), "wrong results are wrong");
}

/// The search measures it again, the race is run again, and a good word there is the last.
#[test]
fn an_overturned_winner_is_measured_again_and_may_come_back() {
    let (mut store, first) = tuned();
    let was = winner(&first);
    recheck(&mut changed(&was.code_hash, Err(Stage::Verify)), &mut store);
    assert_eq!(store.find(&TrialKey::of(&was)).unwrap(), None);
    let mut still_wrong = changed(&was.code_hash, Err(Stage::Verify));
    let second = tune_on(&mut still_wrong, &mut store);
    assert_eq!((second.remembered, second.rejected.len()), (19, 1));
    assert_ne!(winner(&second).code_hash, was.code_hash);
    let mut store = {
        let (mut store, _) = tuned();
        recheck(&mut changed(&was.code_hash, Err(Stage::Verify)), &mut store);
        store
    };
    let mut healed = Invented::new(|program| Ok(own_time(program)));
    let third = tune_on(&mut healed, &mut store);
    // It, the knockout and the race.
    assert_eq!((third.remembered, healed.jobs, winner(&third).code_hash), (19, 3, was.code_hash));
}

/// A recheck under another driver has its own identity: it finds the winner, and says nothing of the old driver.
#[test]
fn winners_of_an_older_driver_are_rechecked_under_the_new_one() {
    let (mut store, tuned) = tuned();
    let was = winner(&tuned);
    let mut device = changed(&was.code_hash, Err(Stage::Verify));
    device.facts.identity.driver_info = "another version".to_owned();
    let found = recheck(&mut device, &mut store);
    assert_eq!((found.len(), found[0].verdict), (1, Verdict::Wrong));
    assert_eq!(best(&store, &tuned), Some(was.clone()), "it was right there");
    assert_eq!(last_recheck(&store, &was).unwrap().unwrap().verdict, Verdict::Wrong, "but people are told");
    let mut other = Invented::new(|program| Ok(own_time(program)));
    other.facts.identity.adapter = "another device".to_owned();
    assert_eq!(recheck(&mut other, &mut store).len(), 0);
}

#[test]
fn what_this_version_does_not_know_is_gone() {
    let with_wx = |record: &Record, wx: i64| {
        let mut values = record.values.clone();
        values.insert("wx".to_owned(), Value::Int(wx));
        values
    };
    let (_, tuned) = tuned();
    let was = winner(&tuned);
    let cases = [
        (Record { template: "matmul/none".to_owned(), ..was.clone() }, "no template has that name"),
        (Record { values: with_wx(&was, 7), ..was.clone() }, "is unknown to this version"),
        (Record { values: [].into(), ..was.clone() }, "is unknown to this version"),
        (Record { workload: "gemm:f32:m33n17k7".to_owned(), ..was }, "no operator computes"),
    ];
    for (record, part) in cases {
        let mut store = Store::in_memory().unwrap();
        store.insert(&record).unwrap();
        let found = recheck(&mut Invented::new(|program| Ok(own_time(program))), &mut store);
        let told: Vec<_> = found.iter().map(|one| (one.verdict, one.why.clone().unwrap_or_default())).collect();
        let right = matches!(&told[..], [(Verdict::Gone, why)] if why.contains(part));
        assert!(right, "{part}: {told:?}");
    }
}

/// The default has no lead over itself, and takes part once.
#[test]
fn a_default_that_won_holds_as_long_as_it_is_right() {
    let fastest: fn(&str) -> Fate = |hash| {
        let hash = hash.to_owned();
        Box::new(move |program: &Program| Ok(if program.hash() == hash { 1.0 } else { own_time(program) }))
    };
    let default = tuned().1.default_hash.unwrap();
    let mut device = Invented { fate: fastest(&default), ..Invented::new(|_| Ok(1.0)) };
    let mut store = Store::in_memory().unwrap();
    assert_eq!(winner(&tune_on(&mut device, &mut store)).code_hash, default);
    let found = recheck(&mut device, &mut store);
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Holds]);
    let raced = store.query(&Filter { phase: Some(Phase::Recheck), ..Filter::default() }).unwrap();
    assert_eq!(raced.len(), 3, "the naive kernel, and the default with its twin");
}

/// A search that never came to its race has a best, which was raced against nobody.
#[test]
fn a_winner_that_was_never_raced_is_unclear() {
    let (_, tuned) = tuned();
    let mut store = Store::in_memory().unwrap();
    store.insert(&Record { phase: Phase::Search, ..winner(&tuned) }).unwrap();
    let found = recheck(&mut Invented::new(|program| Ok(own_time(program))), &mut store);
    assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Unclear]);
    assert!(found[0].speedup.is_some() && found[0].claimed.is_none());
}

/// What is rejected, when, and whether the trial before it is trusted still.
#[test]
fn the_newest_word_counts() {
    let rejected = |stage| Outcome::Rejected(Rejection::new(stage, "on command"));
    let (_, tuned) = tuned();
    let was = winner(&tuned);
    let later = |outcome: Outcome| Record { phase: Phase::Recheck, run: was.run + 1, outcome, ..was.clone() };
    let wrong = || later(rejected(Stage::Verify));
    let timed = || later(was.outcome.clone());
    let cases: [(&str, Vec<Record>, bool); 8] = [
        ("nothing", vec![], true),
        ("wrong", vec![wrong()], false),
        ("wrong, then right", vec![wrong(), timed()], true),
        ("right, then wrong", vec![timed(), wrong()], false),
        ("wrong, then a bad moment", vec![wrong(), later(rejected(Stage::Run))], false),
        ("wrong in another mode", vec![Record { mode: Mode::CHECKED, ..wrong() }], true),
        ("wrong as another config", vec![Record { values: Default::default(), ..wrong() }], true),
        ("wrong from other code", vec![Record { code_hash: "0".repeat(64), ..wrong() }], false),
    ];
    for (what, since, is_trusted) in cases {
        let mut store = Store::in_memory().unwrap();
        store.insert(&was).unwrap();
        store.insert_all(&since).unwrap();
        let found = [
            best(&store, &tuned).is_some(),
            store.find(&TrialKey::of(&was)).unwrap().is_some(),
            !store.race(was.run, MATMUL, Phase::Final).unwrap().is_empty(),
        ];
        assert_eq!(found, [is_trusted; 3], "{what}");
    }
}
