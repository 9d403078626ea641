//! The worker's side: opens a device, executes jobs, and says each step before it begins.

use std::fmt::Display;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::memory::end_this_process;
use super::protocol::{Answer, Reply, Request};
use crate::backend::{Backend, DeviceChoice, Step, Steps};

/// The same step is not said again so soon; deadlines have to allow for as much.
pub(super) const QUIET: Duration = Duration::from_millis(50);

/// Serves the supervisor at the other end of standard input and output until standard input ends.
///
/// The process ends with it, at once and wherever it is: when the supervisor is gone nobody else would end a worker that
/// is stuck in a driver.
///
/// # Errors
/// When a request cannot be read or an answer not be written. Whoever calls this ends the process then.
pub fn serve<E: Display>(open: impl FnOnce(&DeviceChoice) -> Result<Box<dyn Backend>, E>) -> io::Result<()> {
    be_taken_first();
    let requests = listen();
    let Request::Open(choice) = next(&requests)? else { return Err(io::Error::other("nothing is open yet")) };
    let mut backend = match open(&choice) {
        Ok(backend) => backend,
        Err(error) => return say(&Reply::NoDevice(error.to_string())),
    };
    say(&Reply::Facts(Box::new(backend.facts().clone())))?;
    loop {
        match next(&requests)? {
            Request::Execute(job) => {
                let report = backend.execute(&job, &mut Announcer::default());
                say(&Reply::Report(Answer { report, lost: backend.is_lost() }))?;
            }
            Request::Vendor => say(&Reply::Vendor(backend.vendor()))?,
            Request::Open(_) => return Err(io::Error::other("a device is open already")),
        }
    }
}

/// When memory runs out, Linux is to end this process and not the tuner.
fn be_taken_first() {
    if cfg!(target_os = "linux")
        && let Err(error) = std::fs::write("/proc/self/oom_score_adj", "500")
    {
        log::debug!("this process could not be made the first to go when memory runs out: {error}");
    }
}

/// Reads requests in a thread of its own, which also sees the end of input while this one is stuck in a driver.
fn listen() -> Receiver<Result<Request<'static>, String>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let request = line.map_err(|error| error.to_string()).and_then(|line| Request::read(&line));
            let _ = sender.send(request);
        }
        end_this_process();
    });
    receiver
}

fn next(requests: &Receiver<Result<Request<'static>, String>>) -> io::Result<Request<'static>> {
    let request = requests.recv().map_err(|error| error.to_string()).flatten();
    request.map_err(io::Error::other)
}

/// Writes a reply in one piece, so that nothing comes between its parts.
fn say(reply: &Reply) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(reply.line().as_bytes())?;
    stdout.flush()
}

/// Says steps to the supervisor.
#[derive(Default)]
struct Announcer {
    last: Option<(Step, Instant)>,
}

impl Announcer {
    /// Whether the supervisor knows already.
    fn has_said(&self, step: Step) -> bool {
        self.last.is_some_and(|(last, at)| last == step && at.elapsed() < QUIET)
    }
}

impl Steps for Announcer {
    fn begin(&mut self, step: Step) {
        if self.has_said(step) {
            return;
        }
        self.last = Some((step, Instant::now()));
        if say(&Reply::Step(step)).is_err() {
            // Nobody listens any more.
            end_this_process();
        }
    }
}
