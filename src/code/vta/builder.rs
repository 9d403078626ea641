//! Builds a stream: engines exchange tokens, micro-op lists are loaded when they are first used, and the end waits for all.

use super::{AluOperation, Instruction, Memory, MicroOp, Operation, Tokens, Transfer};

/// An engine, by its place in the row of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Load,
    Compute,
    Store,
}

/// What a list of micro-ops is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    Clear,
    Multiply,
    Bias,
    Compute(AluOperation),
}

/// A stream that is being built.
#[derive(Default)]
pub(super) struct Builder {
    pub instructions: Vec<Instruction>,
    /// All micro-ops, as they lie in DRAM.
    pub micro_ops: Vec<MicroOp>,
    stages: Vec<Stage>,
    /// Tokens that the next instruction of each engine waits for: from the previous and from the next engine.
    pending: [[bool; 2]; 3],
    /// Whether equal lists are one, whatever they are for.
    shares: bool,
    /// The lists that are on the chip: what for, the list, where it begins.
    lists: Vec<(Site, Vec<MicroOp>, u32)>,
}

impl Builder {
    /// An empty stream; whether equal lists of micro-ops are loaded once, or once for each site.
    pub fn new(shares: bool) -> Self {
        Self { shares, ..Self::default() }
    }

    /// An instruction of an engine, which takes the tokens that it was told to wait for.
    pub fn add(&mut self, stage: Stage, operation: Operation) {
        let [pop_previous, pop_next] = std::mem::take(&mut self.pending[stage as usize]);
        let tokens = Tokens { pop_previous, pop_next, ..Tokens::default() };
        self.instructions.push(Instruction { tokens, operation });
        self.stages.push(stage);
    }

    /// What an engine does next waits for a token from its neighbour.
    pub fn wait(&mut self, stage: Stage, from: Stage) {
        let side = usize::from(from > stage);
        if self.pending[stage as usize][side] {
            self.nothing(stage);
        }
        self.pending[stage as usize][side] = true;
    }

    /// What an engine did last gives its neighbour a token.
    pub fn signal(&mut self, stage: Stage, to: Stage) {
        let waits = self.pending[stage as usize] != [false; 2];
        let has_room = |instruction: &&mut Instruction| {
            let tokens = &instruction.tokens;
            if to > stage { !tokens.push_next } else { !tokens.push_previous }
        };
        let is_last = self.stages.last() == Some(&stage) && !waits;
        if !is_last || self.instructions.last_mut().filter(has_room).is_none() {
            self.nothing(stage);
        }
        if let Some(Instruction { tokens, .. }) = self.instructions.last_mut() {
            if to > stage { tokens.push_next = true } else { tokens.push_previous = true }
        }
    }

    /// Where a list of micro-ops lies on the chip; it is loaded if it does not yet.
    pub fn list(&mut self, site: Site, list: Vec<MicroOp>) -> [u32; 2] {
        let count = list.len() as u32;
        let mut known = self.lists.iter();
        if let Some((.., begin)) = known.find(|(of, known, _)| *known == list && (self.shares || *of == site)) {
            return [*begin, begin + count];
        }
        let begin = self.micro_ops.len() as u32;
        // Where the list lies in DRAM is known at the end.
        self.add(Stage::Compute, Operation::Load(Transfer::plain(Memory::Uop, begin, begin, [1, count], count)));
        self.micro_ops.extend(&list);
        self.lists.push((site, list, begin));
        [begin, begin + count]
    }

    /// Ends the stream: FINISH waits for whatever the other engines do, and no token is left.
    pub fn finish(&mut self) {
        self.signal(Stage::Store, Stage::Compute);
        self.signal(Stage::Load, Stage::Compute);
        self.wait(Stage::Compute, Stage::Store);
        self.wait(Stage::Compute, Stage::Load);
        // FINISH itself may not wait.
        self.nothing(Stage::Compute);
        self.add(Stage::Compute, Operation::Finish);
    }

    /// An instruction that moves tokens and does nothing else.
    fn nothing(&mut self, stage: Stage) {
        let operation = match stage {
            Stage::Load => Operation::Load(Transfer::nothing(Memory::Inp)),
            Stage::Compute => Operation::Load(Transfer::nothing(Memory::Uop)),
            Stage::Store => Operation::Store(Transfer::nothing(Memory::Out)),
        };
        self.add(stage, operation);
    }
}
