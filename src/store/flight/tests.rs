//! Flights that did not land: who is to blame after each kind of end, and who is let go.

use std::path::PathBuf;

use super::*;
use crate::record::Phase;
use crate::store::Filter;
use crate::store::tests::record;

const NOW: Option<&str> = Some("this start");
const BEFORE: Option<&str> = Some("the one before");

fn flight(trial: u64, isolated: bool) -> Flight {
    let code_hash = format!("{trial}");
    Flight { record: Record { code_hash, ..record(trial) }, isolated, trusted: trial == 0 }
}

fn race(trials: std::ops::Range<u64>) -> Vec<Flight> {
    trials.map(|trial| flight(trial, true)).collect()
}

/// A folder with a store that processes use one after the other.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("trials.db")
    }

    fn open(&self) -> Store {
        Store::open(self.path()).unwrap()
    }

    /// A process that set out and was killed.
    fn killed(&self, flights: &[Flight], boot: Option<&str>) {
        let mut store = self.open();
        store.try_depart(flights, boot).unwrap();
        // What a kill does: the lock ends, and nobody takes anything back.
        store.owner = None;
    }

    /// The trials that a further process takes for crashes, with the reason of the first.
    fn blamed(&self, boot: Option<&str>) -> (Vec<u64>, String) {
        let crashed = self.open().recover_in(boot).unwrap();
        let why = crashed.first().map(|record| match &record.outcome {
            Outcome::Rejected(Rejection { stage: Stage::Crash, why }) => why.clone(),
            other => panic!("{other:?} is no crash"),
        });
        (crashed.iter().map(|record| record.trial).collect(), why.unwrap_or_default())
    }

    fn kept(&self) -> Vec<u64> {
        self.open().query(&Filter::default()).unwrap().iter().map(|record| record.trial).collect()
    }

    /// How many are in flight or suspected.
    fn aloft(&self) -> usize {
        rows(&self.open().connection).unwrap().len()
    }

    /// Files of owners, dead or alive.
    fn signs(&self) -> usize {
        let files = std::fs::read_dir(self.0.path()).unwrap();
        files.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".flight-")).count()
    }
}

#[test]
fn a_single_flight_is_judged_by_how_its_process_ended() {
    let cases: [(bool, Option<&str>, Option<&str>, &str); 8] = [
        (true, NOW, NOW, ""),
        (false, NOW, NOW, "the program ended while it ran; it may have been killed by hand"),
        (true, BEFORE, NOW, "the machine went down while it ran"),
        (false, BEFORE, NOW, "the machine went down while it ran"),
        (true, None, None, "the machine or the program ended while it ran"),
        (false, None, None, "the machine or the program ended while it ran"),
        (true, NOW, None, "the machine or the program ended while it ran"),
        (true, None, NOW, "the machine or the program ended while it ran"),
    ];
    for (isolated, then, now, want) in cases {
        let what = format!("isolated {isolated}, {then:?}, {now:?}");
        let place = Place::new();
        place.killed(&[flight(3, isolated)], then);
        let (blamed, why) = place.blamed(now);
        assert!(why.starts_with(want) && why.is_empty() == want.is_empty(), "{what}: {why}");
        assert_eq!(blamed, place.kept(), "{what}: what is told is kept");
        assert_eq!(blamed.len(), usize::from(!want.is_empty()), "{what}");
        assert_eq!((place.aloft(), place.signs()), (0, 0), "{what}: settled");
        assert_eq!(place.blamed(now).0, [0; 0], "{what}: once is enough");
    }
}

/// Each step is a race that was lost with the machine, and who is blamed for it.
#[test]
fn of_a_race_nobody_is_blamed_before_the_second_loss() {
    type Steps<'a> = &'a [(std::ops::Range<u64>, &'a [u64])];
    let cases: [(&str, Steps); 5] = [
        ("the same race", &[(0..4, &[]), (0..4, &[1, 2, 3])]),
        ("a race that some were in before", &[(0..4, &[]), (2..6, &[2, 3]), (4..7, &[4, 5])]),
        ("others", &[(1..3, &[]), (3..6, &[]), (6..8, &[])]),
        ("the default alone, in two modes", &[(0..1, &[0])]),
        ("the default as the last", &[(0..2, &[]), (0..2, &[1]), (0..1, &[0])]),
    ];
    for (what, steps) in cases {
        let place = Place::new();
        for (at, (trials, want)) in steps.iter().enumerate() {
            place.killed(&race(trials.clone()), BEFORE);
            let (blamed, why) = place.blamed(NOW);
            assert_eq!(&blamed, want, "{what}, race {at}");
            assert!(trials.end - trials.start == 1 || want.is_empty() || why.ends_with("for the second time"), "{why}");
        }
    }
}

#[test]
fn only_trusted_ones_are_no_excuse_for_each_other() {
    let place = Place::new();
    let checked = |flight: Flight| {
        let mode = crate::record::Mode::CHECKED;
        Flight { record: Record { mode, trial: 9, ..flight.record }, ..flight }
    };
    let both = [flight(0, true), checked(flight(0, true))];
    place.killed(&both, BEFORE);
    assert_eq!(place.blamed(NOW).0, [0; 0]);
    place.killed(&both, BEFORE);
    assert_eq!(place.blamed(NOW).0, [0, 9]);
}

#[test]
fn a_suspect_that_lands_is_free() {
    let place = Place::new();
    place.killed(&race(0..3), BEFORE);
    assert_eq!((place.blamed(NOW).0.len(), place.aloft()), (0, 3));
    let mut store = place.open();
    store.depart(&race(1..2)).unwrap();
    store.land(&[flight(1, true).record]).unwrap();
    assert_eq!(place.aloft(), 2);
    place.killed(&race(0..3), BEFORE);
    assert_eq!(place.blamed(NOW).0, [2], "neither the default nor who landed since");
}

#[test]
fn a_race_that_somebody_ended_blames_nobody() {
    let place = Place::new();
    for _ in 0..3 {
        place.killed(&race(0..3), NOW);
        assert_eq!((place.blamed(NOW).0.len(), place.aloft()), (0, 0));
    }
}

#[test]
fn who_is_alive_is_left_alone() {
    let place = Place::new();
    let mut ours = place.open();
    ours.try_depart(&[flight(1, false)], NOW).unwrap();
    for boot in [NOW, BEFORE, None] {
        assert_eq!((place.blamed(boot).0.len(), ours.recover_in(boot).unwrap().len()), (0, 0), "{boot:?}");
    }
    assert_eq!((place.aloft(), place.signs()), (1, 1));
    ours.land(&[flight(1, false).record]).unwrap();
    drop(ours);
    assert_eq!((place.kept(), place.aloft(), place.signs()), (vec![1], 0, 0));
}

/// A run that fails in between, as on a full disk, blames nobody; nor does the next departure.
#[test]
fn who_was_given_up_is_forgotten() {
    let place = Place::new();
    let mut store = place.open();
    store.depart(&[flight(1, false)]).unwrap();
    store.depart(&[flight(2, false)]).unwrap();
    assert_eq!(place.aloft(), 1);
    drop(store);
    assert_eq!((place.aloft(), place.blamed(NOW).0.len()), (0, 0));
    let mut memory = Store::in_memory().unwrap();
    memory.depart(&[flight(1, false)]).unwrap();
    assert_eq!(memory.recover().unwrap(), [], "nobody else can open it");
}

#[test]
fn landing_keeps_all_and_ends_the_flight_or_neither() {
    let place = Place::new();
    let mut store = place.open();
    store.depart(&race(1..3)).unwrap();
    store
        .connection
        .execute_batch("CREATE TRIGGER t BEFORE INSERT ON trial WHEN NEW.trial = 2 BEGIN SELECT RAISE(FAIL, 'no'); END")
        .unwrap();
    let records: Vec<Record> = race(1..3).into_iter().map(|flight| flight.record).collect();
    store.land(&records).unwrap_err();
    assert_eq!((place.kept().len(), place.aloft()), (0, 2));
    store.connection.execute_batch("DROP TRIGGER t").unwrap();
    store.land(&records).unwrap();
    assert_eq!((place.kept(), place.aloft()), (vec![2, 1], 0));
}

/// A later version may add fields to records; one that set out under an older one is forgotten, not an error.
#[test]
fn a_flight_of_another_version_is_forgotten() {
    let place = Place::new();
    place.killed(&[flight(1, false)], NOW);
    place.open().connection.execute("UPDATE flight SET record = '{}'", []).unwrap();
    assert_eq!(place.blamed(NOW).0, [0; 0]);
}

#[test]
fn a_flight_can_be_kept_as_it_is() {
    let mut store = Store::in_memory().unwrap();
    let record = Record { values: [("tile".to_owned(), crate::space::Value::Real(f64::NAN))].into(), ..record(3) };
    let error = store.depart(&[Flight { record, isolated: false, trusted: false }]).unwrap_err().to_string();
    assert!(error.contains("tile = NaN"), "{error}");
}

#[test]
fn the_quarantine_has_the_last_words_of_those_that_crashed_or_hung() {
    let ended =
        |trial, stage| Record { outcome: Outcome::Rejected(Rejection::new(stage, "")), ..flight(trial, true).record };
    let mut store = Store::in_memory().unwrap();
    let again = Record { phase: Phase::Final, ..ended(3, Stage::Crash) };
    let imported = Record { phase: Phase::Imported, ..ended(7, Stage::Crash) };
    let records = [
        flight(1, true).record,
        ended(2, Stage::Verify),
        ended(3, Stage::Crash),
        ended(4, Stage::Timeout),
        ended(5, Stage::Crash),
        flight(5, true).record,
        flight(6, true).record,
        ended(6, Stage::Timeout),
        imported,
        again,
    ];
    store.insert_all(&records).unwrap();
    let listed = |filter: Filter| {
        let records = store.query(&Filter { quarantined: true, ..filter }).unwrap();
        records.iter().map(|record| record.trial).collect::<Vec<_>>()
    };
    assert_eq!(listed(Filter::default()), [3, 6, 4, 3]);
    assert_eq!(listed(Filter { phase: Some(Phase::Final), ..Filter::default() }), [3]);
    assert_eq!(listed(Filter { limit: Some(2), ..Filter::default() }), [3, 6]);
}
