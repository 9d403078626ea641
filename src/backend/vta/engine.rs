//! The three engines of the core, and the links between them that tokens go over.

use crate::code::vta::{Memory, Operation, Tokens};

/// An engine, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Loads inputs and weights.
    Load,
    /// Loads micro-ops and accumulators, multiplies, computes, finishes.
    Compute,
    /// Stores outputs.
    Store,
}

/// A queue of tokens from one engine to its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    LoadToCompute,
    ComputeToLoad,
    ComputeToStore,
    StoreToCompute,
}

impl Engine {
    /// All, in the order in which they stand.
    pub const ALL: [Self; 3] = [Self::Load, Self::Compute, Self::Store];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Compute => "compute",
            Self::Store => "store",
        }
    }

    /// The engine that executes something.
    pub fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Load(transfer) if matches!(transfer.memory, Memory::Inp | Memory::Wgt) => Self::Load,
            Operation::Store(_) => Self::Store,
            _ => Self::Compute,
        }
    }

    /// The links that an instruction takes tokens from. Flags that lead nowhere, such as those of `Load` to a previous
    /// engine, are ignored as the machine does.
    pub fn pops(self, tokens: &Tokens) -> impl Iterator<Item = Link> + use<> {
        let [previous, next] = match self {
            Self::Load => [None, Some(Link::ComputeToLoad)],
            Self::Compute => [Some(Link::LoadToCompute), Some(Link::StoreToCompute)],
            Self::Store => [Some(Link::ComputeToStore), None],
        };
        chosen([(tokens.pop_previous, previous), (tokens.pop_next, next)])
    }

    /// The links that an instruction gives tokens to at its end.
    pub fn pushes(self, tokens: &Tokens) -> impl Iterator<Item = Link> + use<> {
        let [previous, next] = match self {
            Self::Load => [None, Some(Link::LoadToCompute)],
            Self::Compute => [Some(Link::ComputeToLoad), Some(Link::ComputeToStore)],
            Self::Store => [Some(Link::StoreToCompute), None],
        };
        chosen([(tokens.push_previous, previous), (tokens.push_next, next)])
    }
}

fn chosen(links: [(bool, Option<Link>); 2]) -> impl Iterator<Item = Link> {
    links.into_iter().filter_map(|(flag, link)| link.filter(|_| flag))
}

impl Link {
    pub const ALL: [Self; 4] = [Self::LoadToCompute, Self::ComputeToLoad, Self::ComputeToStore, Self::StoreToCompute];

    /// Who takes tokens from it.
    pub fn reader(self) -> Engine {
        match self {
            Self::ComputeToLoad => Engine::Load,
            Self::LoadToCompute | Self::StoreToCompute => Engine::Compute,
            Self::ComputeToStore => Engine::Store,
        }
    }

    /// Its ends, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoadToCompute => "load to compute",
            Self::ComputeToLoad => "compute to load",
            Self::ComputeToStore => "compute to store",
            Self::StoreToCompute => "store to compute",
        }
    }
}
