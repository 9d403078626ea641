//! Several templates share a search: the best is found wherever it is, and what is told of each.

use wgtune::op::Signature;
use wgtune::record::{Mode, Numerics, Phase, Record, Stage};
use wgtune::space::Value;
use wgtune::store::{Filter, Store};
use wgtune::tune::{
    Fate, Progress, Settings, StopReason, TuneError, Tuned, Unwatched, Verdict, Watch, recheck_winners, repeat_check,
    stored_config, tune,
};

use super::common::invented::Invented;
use super::families::{Family, device, family, signature};

/// How long a program of a family and a value takes.
type Times = fn(&str, i64) -> Result<f64, Stage>;

fn settings() -> Settings {
    Settings { strategy: "random".parse().unwrap(), ..Settings::default() }
}

fn tuned(families: &[Family], times: Times, settings: &Settings) -> Result<Tuned, TuneError> {
    tune(&mut device(times), &mut Store::in_memory().unwrap(), &signature(families), settings, &mut Unwatched)
}

/// Each template's name, how its part ended, and its trials.
fn told(tuned: &Tuned) -> Vec<(&str, Fate, usize)> {
    tuned.templates.iter().map(|report| (report.template.as_str(), report.fate, report.trials)).collect()
}

fn winner(tuned: &Tuned) -> &Record {
    tuned.best(Mode::UNCHECKED).unwrap()
}

/// The smaller the value, the faster: from 1 to 2 ms in the first family, and so on.
fn ascending(name: &str, value: i64) -> Result<f64, Stage> {
    let base = match name {
        "chain/one" => 1e6,
        "chain/two" => 1.2e6,
        _ => 1.4e6,
    };
    Ok(base * (1.0 + value as f64 / 100.0))
}

fn descending(name: &str, value: i64) -> Result<f64, Stage> {
    ascending(if name == "chain/three" { "chain/one" } else { name }, value)
        .map(|ns| if name == "chain/one" { 1.4 * ns } else { ns })
}

fn three() -> [Family; 3] {
    [family("chain/one"), family("chain/two"), family("chain/three")]
}

#[test]
fn the_best_template_is_found_wherever_it_is_and_gets_most_of_the_trials() {
    use Fate::{Dropped, Searched};
    let cases = [
        (ascending as Times, "chain/one", [Searched, Dropped, Dropped], [72, 20, 8]),
        (descending, "chain/three", [Dropped, Dropped, Searched], [8, 20, 72]),
    ];
    for (times, best, fates, trials) in cases {
        let tuned = tuned(&three(), times, &settings()).unwrap();
        let names = three().map(|family| family.name);
        let want: Vec<(&str, Fate, usize)> = (0..3).map(|at| (names[at], fates[at], trials[at])).collect();
        assert_eq!((told(&tuned), tuned.trials), (want, 100));
        assert_eq!(winner(&tuned).template, best);
        assert_eq!(tuned.default(Mode::UNCHECKED).unwrap().template, "chain/one", "the reference is the first's");
        for report in &tuned.templates {
            let Value::Int(value) = report.best.as_ref().unwrap()["p"] else { panic!("{report:?}") };
            let (time, true_ns) = (report.best_ns.unwrap(), times(&report.template, value).unwrap());
            assert!(time.low <= 1.01 * true_ns && 0.99 * true_ns <= time.high, "{report:?}: {true_ns}");
            assert_eq!(report.why.is_some(), report.fate == Dropped, "{report:?}");
        }
    }
}

/// What was tried, in order, and by whom.
#[derive(Default)]
struct Seen {
    tried: Vec<(String, String)>,
    /// Stops after so many trials.
    patience: Option<usize>,
}

impl Watch for Seen {
    fn trial(&mut self, progress: &Progress) {
        assert_eq!(progress.templates, 3);
        self.tried.push((progress.template.to_owned(), progress.config.to_string()));
    }

    fn wants_to_stop(&mut self) -> bool {
        self.patience.is_some_and(|patience| self.tried.len() >= patience)
    }
}

#[test]
fn defaults_come_first_and_a_stopped_search_deals_on_as_it_would_have() {
    let run = |store: &mut Store, device: &mut Invented, patience| {
        let mut seen = Seen { patience, ..Seen::default() };
        let tuned = tune(device, store, &signature(&three()), &settings(), &mut seen).unwrap();
        (seen.tried, tuned)
    };
    let (whole, _) = run(&mut Store::in_memory().unwrap(), &mut device(ascending), None);
    let first = |name: &str| (name.to_owned(), "p=99".to_owned());
    assert_eq!(whole[..3], ["chain/one", "chain/two", "chain/three"].map(first));
    for patience in [1, 2, 7, 24, 40] {
        let mut store = Store::in_memory().unwrap();
        let (begun, stopped) = run(&mut store, &mut device(ascending), Some(patience));
        assert_eq!((stopped.stop, &begun[..]), (StopReason::Interrupted, &whole[..patience]));
        let (gone_on, tuned) = run(&mut store, &mut device(ascending), None);
        assert_eq!((tuned.remembered, gone_on == whole), (patience, true), "after {patience}");
    }
    let mut store = Store::in_memory().unwrap();
    let mut device = device(ascending);
    let (_, first) = run(&mut store, &mut device, None);
    let jobs = device.jobs;
    let (again, second) = run(&mut store, &mut device, None);
    assert_eq!((again == whole, second.remembered, device.jobs), (true, 100, jobs), "the store knows it all");
    assert_eq!(told(&first), told(&second));
}

/// Each template's before those of the next, none twice.
#[test]
fn what_else_templates_begin_with_is_tried_before_the_search() {
    let families = [
        Family { starts: &[5, 99, 7, 5], ..family("chain/one") },
        Family { starts: &[8], ..family("chain/two") },
        family("chain/three"),
    ];
    let mut seen = Seen { patience: Some(6), ..Seen::default() };
    let mut store = Store::in_memory().unwrap();
    tune(&mut device(ascending), &mut store, &signature(&families), &settings(), &mut seen).unwrap();
    let want = [("one", 99), ("one", 5), ("one", 7), ("two", 99), ("two", 8), ("three", 99)];
    assert_eq!(seen.tried, want.map(|(name, value)| (format!("chain/{name}"), format!("p={value}"))));
}

#[test]
fn what_cannot_be_searched_is_left_out_and_told_why() {
    let empty = Family { values: 0, ..family("chain/one") };
    let broken = Family { broken_from: 99, ..family("chain/two") };
    let tuned = tuned(&[empty, broken, family("chain/three"), family("chain/four")], ascending, &settings()).unwrap();
    let why = |at: usize| tuned.templates[at].why.as_deref().unwrap_or_default();
    assert_eq!((told(&tuned)[0], why(0)), (("chain/one", Fate::Excluded, 0), "no legal config on this device"));
    assert_eq!(tuned.default(Mode::UNCHECKED).unwrap().template, "chain/three", "of the first that has any");
    assert_eq!(told(&tuned)[1], ("chain/two", Fate::Excluded, 0));
    assert!(why(1).starts_with("its default is refused at validate: "), "{}", why(1));
    assert_eq!(told(&tuned)[2].2 + told(&tuned)[3].2, 100);
    assert!(winner(&tuned).template == "chain/three" || winner(&tuned).template == "chain/four");
}

/// What may not win is not searched for nothing; a template that is all there is, is.
#[test]
fn what_may_not_win_is_searched_only_where_that_is_allowed() {
    let unsure = Family { numerics: Numerics::Nondeterministic, ..family("chain/two") };
    let run = |families: &[Family], allow_nondeterministic, names: &[&str]| {
        let templates = names.iter().map(|name| (*name).to_owned()).collect();
        tuned(families, ascending, &Settings { allow_nondeterministic, templates, trials: 20, ..settings() })
    };
    let without = run(&[family("chain/one"), unsure], false, &[]).unwrap();
    assert_eq!(told(&without), [("chain/one", Fate::Searched, 20), ("chain/two", Fate::Excluded, 0)]);
    assert!(without.templates[1].why.as_ref().unwrap().contains("--allow-nondeterministic"));
    let with = run(&[family("chain/one"), unsure], true, &[]).unwrap();
    assert!(told(&with).iter().all(|(.., trials)| *trials > 0), "{:?}", told(&with));
    assert!(run(&[family("chain/one"), unsure], false, &["two"]).is_err());
    assert_eq!(told(&run(&[unsure], false, &[]).unwrap()), [("chain/two", Fate::Searched, 20)]);
}

#[test]
fn fixed_values_leave_out_templates_without_them() {
    let other = Family { param: "q", ..family("chain/two") };
    let short = Family { values: 5, default: 4, ..family("chain/three") };
    let families = [family("chain/one"), other, short];
    let with = |fixed: &[(&str, &[i64])]| {
        let fixed =
            fixed.iter().map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| Value::Int(*v)).collect()));
        tuned(&families, ascending, &Settings { fixed: fixed.collect(), trials: 30, ..settings() })
    };
    let of_two = with(&[("q", &[3, 4])]).unwrap();
    // The default is tried all the same, and is none of these.
    assert_eq!((of_two.trials, of_two.stop), (3, StopReason::Exhausted));
    assert_eq!(
        told(&of_two).iter().map(|(_, fate, trials)| (*fate, *trials)).collect::<Vec<_>>(),
        [(Fate::Excluded, 0), (Fate::Exhausted, 2), (Fate::Excluded, 0),]
    );
    let of_one = with(&[("p", &[50, 60])]).unwrap();
    assert_eq!(told(&of_one)[0].1, Fate::Exhausted);
    assert_eq!(of_one.templates[2].why.as_deref(), Some("`p` cannot be 50; it can be: 0, 1, 2, 3, 4"));
    let nobody = with(&[("r", &[1])]).unwrap_err().to_string();
    for part in ["chain/one: no parameter `r`; there are: p", "chain/two: no parameter `r`; there are: q"] {
        assert!(nobody.contains(part), "no `{part}` in {nobody}");
    }
    assert!(matches!(with(&[("p", &[1]), ("q", &[1])]), Err(TuneError::NoneLeft { .. })), "in no template together");
}

#[test]
fn named_templates_are_searched_alone_beside_the_default() {
    let named = |names: &[&str]| {
        let templates = names.iter().map(|name| (*name).to_owned()).collect();
        tuned(&three(), ascending, &Settings { templates, trials: 30, ..settings() })
    };
    let two = named(&["two"]).unwrap();
    // The default is one of the trials and no config of this template.
    assert_eq!((told(&two), two.trials), (vec![("chain/two", Fate::Searched, 29)], 30));
    assert_eq!(two.default(Mode::UNCHECKED).unwrap().template, "chain/one");
    let both = named(&["chain/three", "one"]).unwrap();
    assert_eq!(
        both.templates.iter().map(|report| report.template.as_str()).collect::<Vec<_>>(),
        ["chain/one", "chain/three"]
    );
    let empty = Family { values: 0, ..family("chain/two") };
    let only = Settings { templates: vec!["two".to_owned()], ..settings() };
    let error = tuned(&[family("chain/one"), empty], ascending, &only).unwrap_err().to_string();
    assert!(error.ends_with(": chain/two: no legal config on this device"), "{error}");
    for wrong in ["four", "chain/naive", "chain/", ""] {
        let error = named(&["one", wrong]).unwrap_err().to_string();
        assert!(
            error.contains(&format!("`{wrong}`")) && error.ends_with("chain/one, chain/two, chain/three"),
            "{error}"
        );
    }
}

/// The first family has so many configs that are faster than the best of the second that no other would get a place.
#[test]
fn the_best_of_each_template_that_is_near_meets_the_others_side_by_side() {
    let times: Times = |name, value| {
        Ok(match name {
            "chain/one" => 1e6 + value as f64,
            "chain/two" => 1.3e6 + 1e4 * value as f64,
            _ => 2.5e6,
        })
    };
    let mut store = Store::in_memory().unwrap();
    tune(&mut device(times), &mut store, &signature(&three()), &settings(), &mut Unwatched).unwrap();
    let knockout = store.query(&Filter { phase: Some(Phase::Knockout), ..Filter::default() }).unwrap();
    let of = |name: &str| knockout.iter().filter(|record| record.template == name).count();
    assert!(of("chain/one") > 10, "{}", of("chain/one"));
    assert_eq!((of("chain/two"), of("chain/three")), (1, 0));
}

#[test]
fn a_search_is_over_when_every_config_of_every_template_was_tried() {
    let small = |name, values| Family { values, default: values - 1, ..family(name) };
    let families = [small("chain/one", 7), small("chain/two", 30), small("chain/three", 3)];
    let tuned = tuned(&families, ascending, &settings()).unwrap();
    assert_eq!((tuned.stop, tuned.trials), (StopReason::Exhausted, 40));
    assert_eq!(
        told(&tuned).iter().map(|(_, fate, trials)| (*fate, *trials)).collect::<Vec<_>>(),
        [(Fate::Exhausted, 7), (Fate::Exhausted, 30), (Fate::Exhausted, 3),]
    );
}

/// Whose configs all fail gets a few trials, and what fails at the check none.
#[test]
fn templates_whose_configs_fail_cost_little() {
    let times: Times = |name, value| match name {
        "chain/one" => Err(Stage::Verify),
        _ => ascending(name, value),
    };
    let broken = Family { default: 0, broken_from: 1, ..family("chain/two") };
    let tuned = tuned(&[family("chain/one"), broken, family("chain/three")], times, &settings()).unwrap();
    assert_eq!(
        told(&tuned),
        [("chain/one", Fate::Dropped, 4), ("chain/two", Fate::Exhausted, 1), ("chain/three", Fate::Searched, 95),]
    );
    assert_eq!((tuned.templates[0].rejected, tuned.templates[1].refused, tuned.templates[2].rejected), (4, 99, 0));
    assert_eq!(tuned.templates[0].why.as_deref(), Some("dropped after 4 trials, of which none was right and timed"));
    assert_eq!(winner(&tuned).template, "chain/two", "its default is the fastest of all");
}

/// Nothing that is done with a winner asks which template is the first.
#[test]
fn winners_of_any_template_are_emitted_rechecked_and_repeated() {
    let (mut store, mut device, signature): (Store, Invented, Signature) =
        (Store::in_memory().unwrap(), device(descending), signature(&three()));
    let tuned = tune(&mut device, &mut store, &signature, &settings(), &mut Unwatched).unwrap();
    let winner = winner(&tuned).clone();
    assert_eq!(winner.template, "chain/three");
    let (template, config) = stored_config(&signature, &winner).unwrap();
    assert_eq!(template.emit(&signature, &config).unwrap().hash(), winner.code_hash);
    let rechecked =
        recheck_winners(&mut device, &mut store, Some(&signature), vec![winner.clone()], &settings()).unwrap();
    assert_eq!(rechecked.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Holds]);
    let repeats =
        repeat_check(&mut device, &mut store, &signature, &settings(), &winner, 2, &mut Unwatched).unwrap().unwrap();
    let templates: Vec<&str> =
        repeats.repeats.iter().map(|one| one.winner.as_ref().unwrap().record.template.as_str()).collect();
    assert_eq!(templates, ["chain/three", "chain/three"]);
}
