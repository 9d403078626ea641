//! The first laps: all contenders in their order, each for as long as it takes to know whether it goes on.

use super::aim::Aim;
use super::decide::CLEARLY;
use super::pace::{Divisible, Pace};
use crate::gpu::Error;

/// What laps are run on.
pub(super) trait Laps<R> {
    /// Seconds since the first of them was begun.
    fn elapsed(&self) -> f64;

    /// Does what a contender does once for constant weights.
    fn prepare(&self, runner: &R) -> Result<(), Error>;

    /// How long one lap takes, in seconds.
    fn lap(&self, runner: &R) -> Result<f64, Error>;
}

/// How fast contenders are; nothing of those whom there was no time for.
pub(super) struct Field<R> {
    pub paces: Vec<Option<Pace<R>>>,
    default: usize,
    /// What each may take of the budget, in seconds.
    share: f64,
}

/// Who takes this many times as long as the fastest on the first lap does not go on: he cannot win.
const HOPELESS: f64 = 4.0;

impl<R: Divisible> Field<R> {
    /// Runs each contender within its share of the budget, about, those first that are first in the list: the later ones are given
    /// up as soon as they are clearly slower. Once the budget is spent none begins any more, but for the default, and for one
    /// other to compare it with.
    ///
    /// Errors as `laps` do.
    pub fn find(runners: &[R], default: usize, budget: f64, laps: &impl Laps<R>) -> Result<Self, Error> {
        let mut field = Self { paces: Vec::new(), default, share: budget / runners.len() as f64 };
        for (at, runner) in runners.iter().enumerate() {
            let is_late = laps.elapsed() >= budget && field.others() > 0 && at != default;
            let aim = Aim::new(budget, runners.len(), field.best(), at == default);
            let run = || {
                laps.prepare(runner)?;
                Pace::find(runner, &aim, |part| laps.lap(part))
            };
            field.paces.push(if is_late { None } else { Some(run()?) });
        }
        Ok(field)
    }

    /// Who goes on: the default, and who is not hopelessly slower than the fastest. Where laps take all of a contender's share
    /// there would be time for few rounds, in which only who is clearly faster wins.
    pub fn going(&self) -> Vec<(usize, &Pace<R>)> {
        let best = self.best();
        let goes_on = |at: usize, pace: &Pace<R>| {
            let behind = if pace.lap >= self.share { CLEARLY } else { HOPELESS };
            at == self.default || pace.seconds <= behind * best
        };
        let run = self.paces.iter().enumerate().filter_map(|(at, pace)| Some((at, pace.as_ref()?)));
        run.filter(|(at, pace)| goes_on(*at, pace)).collect()
    }

    /// What the fastest whole run takes; infinite before there is one.
    fn best(&self) -> f64 {
        self.paces.iter().flatten().map(|pace| pace.seconds).fold(f64::INFINITY, f64::min)
    }

    /// How many have run beside the default.
    fn others(&self) -> usize {
        let run = self.paces.iter().enumerate().filter(|(at, pace)| *at != self.default && pace.is_some());
        run.count()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::gpu::race::decide::{Lap, Times, winner};
    use crate::gpu::race::work::Work;

    /// Laps that take no time, and are written down.
    #[derive(Default)]
    struct Book(RefCell<Vec<Work>>);

    impl Laps<Work> for Book {
        fn elapsed(&self) -> f64 {
            self.0.borrow().iter().map(Work::takes).sum()
        }

        fn prepare(&self, _: &Work) -> Result<(), Error> {
            Ok(())
        }

        fn lap(&self, work: &Work) -> Result<f64, Error> {
            self.0.borrow_mut().push(*work);
            Ok(work.takes())
        }
    }

    /// The laps of a race for 80 ms whose last contender is the default, and its winner's place after so many rounds without
    /// noise.
    fn race(contenders: &[Work], rounds: usize) -> (Book, usize) {
        let (book, default) = (Book::default(), contenders.len() - 1);
        let field = Field::find(contenders, default, 80e-3, &book).unwrap();
        let times = field.paces.iter().map(|pace| match pace {
            Some(pace) => Times::of_first_lap(1e9 * pace.seconds, pace.doubt),
            None => Times::none(),
        });
        let mut times: Vec<Times> = times.collect();
        if rounds > 0 {
            field.going().into_iter().for_each(|(at, pace)| times[at].rounds = vec![1e9 * pace.seconds; rounds]);
        }
        let names = (0..).zip(&times).map(|(at, own)| (at.to_string(), own));
        let laps: Vec<Lap> = names.map(|(name, own)| Lap::new(&name, own, &times[default])).collect();
        let winner = winner(&laps, default).parse().unwrap();
        (book, winner)
    }

    /// What races, the default last; workgroups of each lap; who wins, and how long all laps take, at most.
    type Outcome<'a> = (&'a str, &'a [Work], &'a [u32], usize, f64);

    #[test]
    fn what_takes_long_runs_no_oftener_than_it_must() {
        let whole = |seconds| Work { is_divisible: false, ..Work::new(8, seconds, 2) };
        let quick = Work::new(64, 1e-3, 2);
        let cases: [Outcome; 9] = [
            ("a default that cannot be divided", &[quick, whole(0.2)], &[2, 2, 64, 64, 8], 0, 0.21),
            ("two workgroups of the default", &[Work::new(9, 71e-3, 2), Work::new(2, 225e-3, 2)], &[9, 2], 0, 0.3),
            ("a handful, far behind", &[quick, Work::new(9, 240e-3, 2)], &[2, 2, 64, 64, 2], 0, 0.06),
            ("a handful, and the rival long", &[Work::new(9, 40e-3, 2), Work::new(16, 150e-3, 2)], &[9, 2, 8], 0, 0.2),
            ("nothing can be divided", &[whole(0.1), whole(0.16), whole(0.17), whole(0.09)], &[8, 8], 3, 0.2),
            ("rivals that are slower", &[whole(30e-3), whole(35e-3), whole(29e-3)], &[8, 8, 8], 2, 0.1),
            ("long workgroups", &[Work::new(36, 60e-3, 2), Work::new(36, 1.26, 2)], &[2, 2, 8, 2, 4], 0, 0.25),
            (
                "long workgroups side by side",
                &[Work::new(20, 60e-3, 64), Work::new(20, 70e-3, 64)],
                &[2, 4, 7, 20, 2, 4, 7, 20],
                1,
                0.6,
            ),
            ("a default that is faster", &[whole(60e-3), quick], &[8, 2, 2, 64, 64], 1, 0.07),
        ];
        for (what, contenders, workgroups, best, most) in cases {
            let (book, winner) = race(contenders, 0);
            let counts: Vec<u32> = book.0.borrow().iter().map(|work| work.count).collect();
            assert_eq!((counts.as_slice(), winner), (workgroups, best), "{what}");
            assert!(book.elapsed() <= most, "{what}: {} s", book.elapsed());
        }
    }

    /// Whatever is known of parts alone: the default does not give way to who is slower.
    #[test]
    fn the_default_gives_way_to_nobody_slower() {
        let mut wrong = Vec::new();
        for [tuned, default] in pairs(&works()) {
            for seconds in [1e-4, 1e-3, 1e-2, 5e-2, 8.13e-2, 0.1, 0.3, 1.0] {
                for (slower, rounds) in [(1.0, 0), (1.5, 0), (4.0, 0), (1.02, 7), (1.1, 7), (1.5, 7)] {
                    let [tuned, default] = [(tuned, slower * seconds), (default, seconds)];
                    let contenders = [tuned, default].map(|([count, wide], seconds)| Work::new(count, seconds, wide));
                    let (_, winner) = race(&contenders, rounds);
                    wrong.extend((winner == 0).then_some((contenders, rounds)));
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them, such as {:?}", wrong.len(), wrong[0]);
    }

    /// Workgroups of a contender, and how many run at once.
    fn works() -> Vec<[u32; 2]> {
        let counts = [1, 2, 3, 8, 9, 16, 17, 36, 37, 100, 900, 1000, 4096, 65_536];
        let wides = [1, 2, 3, 8, 9, 13, 37, 43, 64, 100, 1000];
        counts.into_iter().flat_map(|count| wides.map(|wide| [count, wide])).collect()
    }

    fn pairs(works: &[[u32; 2]]) -> impl Iterator<Item = [[u32; 2]; 2]> {
        works.iter().flat_map(|one| works.iter().map(|other| [*one, *other]))
    }
}
