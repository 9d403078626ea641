//! Numbered tasks shared out among workers, each of which takes the next one as soon as it is done.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does `tasks` tasks, each with one of the workers' belongings: the first worker is the calling thread, the others run on
/// the pool of threads that it belongs to, or else on the one that all share.
pub fn share<T: Send>(workers: &mut [T], tasks: usize, work: impl Fn(usize, &mut T) + Sync) {
    let (first, others) = workers.split_first_mut().expect("somebody has to do it");
    let count = others.len().min(tasks.saturating_sub(1));
    let others = &mut others[..count];
    if others.is_empty() {
        (0..tasks).for_each(|task| work(task, first));
        return;
    }
    let next = AtomicUsize::new(0);
    let drain = |worker: &mut T| {
        loop {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                return;
            }
            work(task, worker);
        }
    };
    let drain = &drain;
    rayon::in_place_scope(|scope| {
        for worker in others {
            scope.spawn(move |_| drain(worker));
        }
        drain(first);
    });
}

/// Memory that several threads write, each its own part.
pub struct Target<T>(*mut T);

impl<T> Clone for Target<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Target<T> {}

// SAFETY: whoever writes through it promises to write what no other thread touches meanwhile.
unsafe impl<T: Send> Send for Target<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Target<T> {}

impl<T> Target<T> {
    /// All of `values`.
    pub fn of(values: &mut [T]) -> Self {
        Self(values.as_mut_ptr())
    }

    /// Where the element `index` lies.
    ///
    /// # Safety
    /// It must be an element of the slice that this was made of, and the caller must not share it.
    #[inline(always)]
    pub unsafe fn at(self, index: usize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(index) }
    }

    /// `count` elements from `first` on.
    ///
    /// # Safety
    /// They must be elements of the slice that this was made of, which must live, and the caller must not share them.
    #[inline(always)]
    pub unsafe fn slice<'a>(self, first: usize, count: usize) -> &'a mut [T] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(first), count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once() {
        for (workers, tasks) in [(1, 5), (2, 1), (3, 100), (2, 0)] {
            let mut done = vec![Vec::new(); workers];
            share(&mut done, tasks, |task, done: &mut Vec<usize>| done.push(task));
            let mut done = done.concat();
            done.sort_unstable();
            assert_eq!(done, (0..tasks).collect::<Vec<_>>(), "{tasks} tasks, {workers} workers");
        }
    }
}
