//! Repeat checks on the software device: what is told of each seed, and that the next run is as if there had been none.

use crate::tool::{Place, has_software_device};

const TUNE: [&str; 6] = ["tune", "matmul:f32:m33n17k7", "--trials", "3", "--repeat-check", "2"];

#[test]
fn the_winners_of_further_seeds_are_told_beside_each_other() {
    if has_software_device().is_err() {
        return;
    }
    let place = Place::new();
    let text = place.run_on_software(&TUNE).good();
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let spaced = words.map(|line| line + "\n").collect::<String>();
    for part in [
        "repeat check: the winners of 2 further seeds in one race, unchecked\n",
        "\nabove ",
        "\n1 3 ",
        "\n2 3 ",
        "\ndefault ",
        "\nsame winner as above: ",
        "\ntied with the best of the race within its interval: ",
        "\nselection regret (how much slower a seed's winner is than the best): median ",
    ] {
        assert!(spaced.contains(part), "no `{part}` in\n{text}");
    }
    let best = || place.run(&["show", TUNE[1], "--json"]).json().remove(0)["best"].take();
    let before = best();
    let told = place.run_on_software(&[&TUNE[..], &["--json"]].concat()).json().remove(0);
    let repeats = told["repeat_check"]["repeats"].as_array().unwrap();
    assert_eq!(repeats.iter().map(|repeat| repeat["seed"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(told["repeat_check"]["worst_regret"].as_f64().unwrap() >= 0.0, "{told}");
    assert_eq!((&told["run"]["remembered"], best()), (&3.into(), before), "repeats are recalled by nobody");
    let kept = place.run(&["trials", "--phase", "repeat", "--json", "--limit", "0"]).json();
    assert!(kept.len() >= 2 * 2 * 3, "{} records", kept.len());
}
