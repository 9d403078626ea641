//! The threads that routines run on: one pool for each number of them, made once.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The pools that there are.
#[derive(Default)]
pub(super) struct Pools(HashMap<usize, Arc<ThreadPool>>);

impl Pools {
    /// The pool of so many threads.
    ///
    /// # Errors
    /// When the system gives no more threads; in its words.
    pub fn of(&mut self, threads: usize) -> Result<Arc<ThreadPool>, String> {
        if let Some(pool) = self.0.get(&threads) {
            return Ok(pool.clone());
        }
        let built = ThreadPoolBuilder::new().num_threads(threads).thread_name(|number| format!("cpu {number}")).build();
        let pool = Arc::new(built.map_err(|error| error.to_string())?);
        self.0.insert(threads, pool.clone());
        Ok(pool)
    }
}
