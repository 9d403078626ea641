//! The one pool of threads, made when it is first needed.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// How many threads can work at once: the caller's own and those of the pool.
pub fn most_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Calls `work` once for each number below `threads`, on as many threads if there are so many, and returns when all calls
/// have. The caller's thread takes part, so that one thread means no other is woken. The calls may come one after another:
/// none may wait for a later one.
pub fn for_each_thread(threads: usize, work: impl Fn(usize) + Sync) {
    let Some(pool) = pool().filter(|_| threads > 1) else {
        return (0..threads).for_each(work);
    };
    let work = &work;
    pool.in_place_scope(|scope| {
        for number in 1..threads {
            scope.spawn(move |_| work(number));
        }
        work(0);
    });
}

/// None where there is one processor only, or threads cannot be made.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let others = || most_threads().checked_sub(1).filter(|&others| others > 0);
    let made =
        || ThreadPoolBuilder::new().num_threads(others()?).thread_name(|number| format!("cpu-{number}")).build().ok();
    POOL.get_or_init(made).as_ref()
}
