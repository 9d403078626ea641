//! One worker process: started, listened to, and ended, whatever state it is in.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::protocol::{Reply, Request};

/// What to start as a worker: a program that calls [`serve`](super::serve).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables that its environment has beside those of this process.
    pub envs: Vec<(OsString, OsString)>,
}

/// How much of a worker's standard error is kept for the day that it dies.
const LAST_WORDS: usize = 4096;

/// How long a worker whose output has ended may take to end by itself: some systems write a core file first.
const DYING: Duration = Duration::from_secs(5);

/// How long a killed worker is waited for; a driver can hold it longer, and then a thread waits.
const REAPING: Duration = Duration::from_secs(5);

/// How long its last words are waited for, where a process that it has started holds the pipe.
const SPEAKING: Duration = Duration::from_millis(200);

/// Windows' flag of that name.
#[cfg(windows)]
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

/// A process that may die at any time.
pub(super) struct Worker {
    /// Taken only when it is ended.
    child: Option<Child>,
    /// To a thread that writes: a worker that does not read must not stop the supervisor.
    requests: Sender<String>,
    replies: Receiver<Result<Reply, String>>,
    stderr: Stderr,
    /// Jobs that it was given.
    pub jobs: u64,
}

impl Worker {
    pub fn spawn(command: &WorkerCommand) -> io::Result<Self> {
        let mut child = prepared(command).spawn()?;
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = Stderr::keep(child.stderr.take().expect("it is piped"));
        Ok(Self { child: Some(child), requests: write_to(stdin), replies: read_from(stdout), stderr, jobs: 0 })
    }

    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Asks for something. One that is gone does not answer, and that is noticed.
    pub fn ask(&self, request: &Request) {
        let _ = self.requests.send(request.line());
    }

    /// The next reply, or what it garbled; an error where there is none yet, or never will be.
    pub fn next_reply(&self, patience: Duration) -> Result<Result<Reply, String>, RecvTimeoutError> {
        self.replies.recv_timeout(patience)
    }

    /// How it ended, in words, now that its output has.
    pub fn obituary(mut self) -> String {
        let child = self.child.take().expect("it is taken once");
        let status = wait(child, DYING).map(|status| format!(" ({status})")).unwrap_or_default();
        let words = self.stderr.last_words();
        format!("the worker process died{status}{}{words}", if words.is_empty() { "" } else { "; its last words:\n" })
    }
}

impl Drop for Worker {
    /// Kills it, never asks: it may be stuck in a driver.
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            wait(child, Duration::ZERO);
        }
    }
}

fn prepared(command: &WorkerCommand) -> Command {
    let WorkerCommand { program, args, envs } = command;
    let mut command = Command::new(program);
    command.args(args).envs(envs.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Mesa's drivers print an error for each device where this variable is unset.
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    }
    // Ctrl-C in a terminal goes to a whole group, and is meant for the tuner, which ends the current trial first.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, CREATE_NEW_PROCESS_GROUP);
    command
}

/// Gives a process some time to end, then kills and reaps it. No status where even that takes too long: a thread goes on
/// waiting, so that no zombie is left.
fn wait(mut child: Child, patience: Duration) -> Option<ExitStatus> {
    if let Some(status) = ended_within(&mut child, patience) {
        return Some(status);
    }
    // An error means that it has just ended.
    let _ = child.kill();
    let status = ended_within(&mut child, REAPING);
    if status.is_none() {
        log::warn!("a worker process has been killed and still does not end; a driver may hold it");
        thread::spawn(move || child.wait());
    }
    status
}

fn ended_within(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    loop {
        let status = child.try_wait().ok().flatten();
        if status.is_some() || started.elapsed() >= patience {
            return status;
        }
        sleep(Duration::from_millis(1));
    }
}

fn write_to(mut stdin: ChildStdin) -> Sender<String> {
    let (sender, receiver) = channel::<String>();
    thread::spawn(move || receiver.iter().try_for_each(|line| stdin.write_all(line.as_bytes())));
    sender
}

/// Passes on what the worker says, and logs what others print.
fn read_from(stdout: impl Read + Send + 'static) -> Receiver<Result<Reply, String>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            let (foreign, ours) = Reply::read(&line);
            if !foreign.trim().is_empty() {
                log::debug!("a worker printed: {}", foreign.trim_end());
            }
            if ours.is_some_and(|ours| sender.send(ours).is_err()) {
                break;
            }
        }
    });
    receiver
}

/// Reads a worker's standard error to its end.
struct Stderr {
    tail: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Stderr {
    fn keep(stderr: impl Read + Send + 'static) -> Self {
        let tail = Arc::new(Mutex::new(Vec::new()));
        let kept = tail.clone();
        let reader = thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                // What the worker logs has passed the filter there already.
                log::warn!("a worker says: {}", String::from_utf8_lossy(&line).trim_end());
                let mut kept = kept.lock().expect("who holds it does not panic");
                kept.extend(line.iter().chain(b"\n"));
                let surplus = kept.len().saturating_sub(LAST_WORDS);
                kept.drain(..surplus);
            }
        });
        Self { tail, reader }
    }

    /// What it said last.
    fn last_words(&self) -> String {
        let started = Instant::now();
        while !self.reader.is_finished() && started.elapsed() < SPEAKING {
            sleep(Duration::from_millis(1));
        }
        let tail = self.tail.lock().expect("who holds it does not panic");
        String::from_utf8_lossy(&tail).trim().to_owned()
    }
}
