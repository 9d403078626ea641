//! The one read port of the core: five clients with a command each, sixteen commands under way, answers in their order.

use std::collections::VecDeque;

use super::profile::{LEAST_LATENCY, Profile};

/// Who reads, by the priority of their commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Fetch,
    Uop,
    Inp,
    Wgt,
    Acc,
}

impl Client {
    pub const ALL: [Self; 5] = [Self::Fetch, Self::Uop, Self::Inp, Self::Wgt, Self::Acc];
}

/// A time that does not come.
pub const NEVER: u64 = u64::MAX;

/// Commands under way at most.
const MOST_IN_FLIGHT: usize = 16;

/// The port with what is under way.
pub struct Port<'a> {
    profile: &'a Profile,
    /// From when a client's command may be issued, and its beats; no more than one waits.
    waiting: [(u64, u64); 5],
    /// The cycles of the last beats of commands under way.
    in_flight: VecDeque<u64>,
    /// When the last beat of all commands so far is over.
    busy_until: u64,
}

/// A command that was issued, and the cycles of its first and last beat at the port.
#[derive(Clone, Copy, Debug)]
pub struct Issued {
    pub client: Client,
    pub beats: u64,
    pub first: u64,
    pub last: u64,
}

impl<'a> Port<'a> {
    pub fn new(profile: &'a Profile) -> Self {
        Self { profile, waiting: [(NEVER, 0); 5], in_flight: VecDeque::new(), busy_until: 0 }
    }

    /// Takes a client's command in this cycle; it may be issued from the next on.
    pub fn take(&mut self, client: Client, cycle: u64, beats: u64) {
        self.waiting[client as usize] = (cycle + 1, beats);
    }

    /// The first cycle from this one on in which a command can be issued, if any waits.
    pub fn next(&self, now: u64) -> u64 {
        let first = self.waiting.iter().map(|(from, _)| *from).min().unwrap_or(NEVER);
        if first == NEVER { NEVER } else { first.max(now) }
    }

    /// Issues a command in this cycle, or says when it can be tried again.
    pub fn issue(&mut self, now: u64) -> Result<Issued, u64> {
        while self.in_flight.front().is_some_and(|last| *last < now) {
            self.in_flight.pop_front();
        }
        // No command leaves in the cycle of a last beat, and the place of one is free in the next.
        if self.in_flight.front() == Some(&now) {
            return Err(now + 1);
        }
        if self.in_flight.len() >= MOST_IN_FLIGHT {
            return Err(self.in_flight[0] + 1);
        }
        // In the order in which they came; those that came together by their priority.
        let ready = Client::ALL.into_iter().filter(|client| self.waiting[*client as usize].0 <= now);
        let client = ready.min_by_key(|client| self.waiting[*client as usize].0);
        let Some(client) = client else { return Err(self.next(now)) };
        let (_, beats) = std::mem::replace(&mut self.waiting[client as usize], (NEVER, 0));
        let latency = self.profile.latency.max(LEAST_LATENCY);
        let first = (now + latency).max(self.busy_until + self.profile.gap);
        self.busy_until = first + self.profile.span(beats);
        let last = self.busy_until - 1;
        self.in_flight.push_back(last);
        Ok(Issued { client, beats, first, last })
    }
}
