//! Hardware configurations of VTA: block sizes, data widths and buffers, as `vta_config.json` has them, and what follows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A configuration of the hardware: all sizes as logarithms to base 2, by the names of `vta_config.json`.
///
/// Made by [`Hardware::default`] or [`Hardware::from_json`], so that every one in hand can be encoded and simulated.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Config", into = "Config")]
pub struct Hardware {
    config: Config,
}

/// The keys of `vta_config.json` that decide what the machine is; others, such as `TARGET`, say where it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Config {
    log_inp_width: u32,
    log_wgt_width: u32,
    log_acc_width: u32,
    log_batch: u32,
    log_block: u32,
    log_uop_buff_size: u32,
    log_inp_buff_size: u32,
    log_wgt_buff_size: u32,
    log_acc_buff_size: u32,
}

/// Why a configuration cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum HardwareError {
    #[error("a VTA configuration is a JSON object with LOG_INP_WIDTH and eight more numbers, and this is none: {0}")]
    Json(String),
    #[error(
        "`{0}` names no hardware; write it as 1x16_i8w8a32_15_15_18_17: batch, block, widths in bits, and buffers as powers of two"
    )]
    Name(String),
    #[error("{key} is {value}, and wgtune simulates {allowed}; change it in the configuration")]
    Value { key: &'static str, value: u32, allowed: &'static str },
    #[error(
        "the {memory} buffer of 2^{log_bytes} bytes has no room for one element of {element} bytes; make it larger"
    )]
    NoElement { memory: Memory, log_bytes: u32, element: u64 },
    #[error("the fields of {what} take {bits} bits of {room}; make the buffers smaller")]
    Fields { what: &'static str, bits: u32, room: u32 },
}

/// A memory on the chip, by the number that instructions have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Memory {
    /// Micro-ops.
    Uop,
    /// Weights.
    Wgt,
    /// Inputs.
    Inp,
    /// Accumulators.
    Acc,
    /// Outputs, the low bits of accumulators.
    Out,
    /// Accumulators that are as wide as inputs in DRAM; only the functional simulator of VTA has them.
    AccNarrow,
}

impl Memory {
    /// All, in the order of their numbers in instructions.
    pub const ALL: [Self; 6] = [Self::Uop, Self::Wgt, Self::Inp, Self::Acc, Self::Out, Self::AccNarrow];

    /// The number in instructions.
    pub fn number(self) -> u128 {
        Self::ALL.iter().position(|memory| *memory == self).expect("all are listed") as u128
    }

    /// The memory of a number in an instruction.
    pub fn of_number(number: u128) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uop => "uop",
            Self::Wgt => "wgt",
            Self::Inp => "inp",
            Self::Acc => "acc",
            Self::Out => "out",
            Self::AccNarrow => "acc8",
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Hardware {
    /// Reads the text of a `vta_config.json`.
    ///
    /// # Errors
    /// When it is no such object, or a configuration that cannot be encoded or is not simulated.
    pub fn from_json(text: &str) -> Result<Self, HardwareError> {
        let config: Config = serde_json::from_str(text).map_err(|error| HardwareError::Json(error.to_string()))?;
        Self::try_from(config)
    }

    /// Rows of a matrix that one micro-op takes together.
    pub fn batch(&self) -> usize {
        1 << self.config.log_batch
    }

    /// Input channels, and output channels, that one micro-op takes together.
    pub fn block(&self) -> usize {
        1 << self.config.log_block
    }

    /// Bits of an input, which outputs have too.
    pub fn inp_bits(&self) -> u32 {
        1 << self.config.log_inp_width
    }

    /// Bits of a weight.
    pub fn wgt_bits(&self) -> u32 {
        1 << self.config.log_wgt_width
    }

    /// Lanes of one element of a memory: the numbers that it holds.
    pub fn lanes(&self, memory: Memory) -> usize {
        match memory {
            Memory::Uop => 1,
            Memory::Wgt => self.block() * self.block(),
            Memory::Inp | Memory::Acc | Memory::Out | Memory::AccNarrow => self.batch() * self.block(),
        }
    }

    /// Bytes of one element of a memory in DRAM.
    pub fn element_bytes(&self, memory: Memory) -> u64 {
        let bits = match memory {
            Memory::Uop | Memory::Acc => 32,
            Memory::Wgt => self.wgt_bits(),
            Memory::Inp | Memory::Out | Memory::AccNarrow => self.inp_bits(),
        };
        self.lanes(memory) as u64 * u64::from(bits) / 8
    }

    /// Elements that a memory holds.
    pub fn depth(&self, memory: Memory) -> usize {
        1 << self.index_bits(memory)
    }

    /// Bits of an index into a memory.
    pub fn index_bits(&self, memory: Memory) -> u32 {
        self.log_bytes(memory).saturating_sub(self.element_bytes(memory).ilog2())
    }

    /// The logarithm of a memory's bytes. Outputs shadow accumulators, element by element.
    fn log_bytes(&self, memory: Memory) -> u32 {
        let config = &self.config;
        match memory {
            Memory::Uop => config.log_uop_buff_size,
            Memory::Wgt => config.log_wgt_buff_size,
            Memory::Inp => config.log_inp_buff_size,
            Memory::Acc => config.log_acc_buff_size,
            Memory::Out | Memory::AccNarrow => config.log_acc_buff_size + config.log_inp_width - config.log_acc_width,
        }
    }
}

impl Default for Hardware {
    /// What all samples of VTA have: 1×16×16, i8 and i32, buffers of 32, 32, 256 and 128 KiB.
    fn default() -> Self {
        Self {
            config: Config {
                log_inp_width: 3,
                log_wgt_width: 3,
                log_acc_width: 5,
                log_batch: 0,
                log_block: 4,
                log_uop_buff_size: 15,
                log_inp_buff_size: 15,
                log_wgt_buff_size: 18,
                log_acc_buff_size: 17,
            },
        }
    }
}

/// The name that VTA's tools give a configuration, such as `1x16_i8w8a32_15_15_18_17`.
impl fmt::Display for Hardware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (batch, block, inp, wgt) = (self.batch(), self.block(), self.inp_bits(), self.wgt_bits());
        let Config { log_uop_buff_size, log_inp_buff_size, log_wgt_buff_size, log_acc_buff_size, .. } = &self.config;
        write!(f, "{batch}x{block}_i{inp}w{wgt}a32_")?;
        write!(f, "{log_uop_buff_size}_{log_inp_buff_size}_{log_wgt_buff_size}_{log_acc_buff_size}")
    }
}

/// Reads what [`Hardware`] prints.
impl FromStr for Hardware {
    type Err = HardwareError;

    fn from_str(name: &str) -> Result<Self, HardwareError> {
        let unknown = || HardwareError::Name(name.to_owned());
        let numbers: Vec<u32> = name.split(['x', '_', 'i', 'w', 'a']).map(|n| n.parse().unwrap_or(u32::MAX)).collect();
        // Between `_` and `i` there is nothing, which is no number.
        let [batch, block, _, inp, wgt, acc, uop_buffer, inp_buffer, wgt_buffer, acc_buffer] = numbers[..] else {
            return Err(unknown());
        };
        let log = |number: u32| number.is_power_of_two().then(|| number.ilog2()).ok_or_else(unknown);
        let hardware = Self::try_from(Config {
            log_inp_width: log(inp)?,
            log_wgt_width: log(wgt)?,
            log_acc_width: log(acc)?,
            log_batch: log(batch)?,
            log_block: log(block)?,
            log_uop_buff_size: uop_buffer,
            log_inp_buff_size: inp_buffer,
            log_wgt_buff_size: wgt_buffer,
            log_acc_buff_size: acc_buffer,
        })?;
        if hardware.to_string() == name { Ok(hardware) } else { Err(unknown()) }
    }
}

/// Which values a key may have: smallest, largest, and how that is said.
type Bounds = (u32, u32, &'static str);

/// Inputs and weights are whole bytes, and no wider than what the simulator multiplies.
const OPERAND: Bounds = (3, 4, "3 or 4, for 8 or 16 bits");
/// Accumulators are the width that the functional reference has.
const SUM: Bounds = (5, 5, "5, for 32 bits");
const BATCH: Bounds = (0, 6, "0 to 6");
const BLOCK: Bounds = (0, 7, "0 to 7");
/// A buffer of 16 MiB is far beyond any that was built.
const BUFFER: Bounds = (2, 24, "2 to 24");

impl TryFrom<Config> for Hardware {
    type Error = HardwareError;

    fn try_from(config: Config) -> Result<Self, HardwareError> {
        let keys = [
            ("LOG_INP_WIDTH", config.log_inp_width, OPERAND),
            ("LOG_WGT_WIDTH", config.log_wgt_width, OPERAND),
            ("LOG_ACC_WIDTH", config.log_acc_width, SUM),
            ("LOG_BATCH", config.log_batch, BATCH),
            ("LOG_BLOCK", config.log_block, BLOCK),
            ("LOG_UOP_BUFF_SIZE", config.log_uop_buff_size, BUFFER),
            ("LOG_INP_BUFF_SIZE", config.log_inp_buff_size, BUFFER),
            ("LOG_WGT_BUFF_SIZE", config.log_wgt_buff_size, BUFFER),
            ("LOG_ACC_BUFF_SIZE", config.log_acc_buff_size, BUFFER),
        ];
        for (key, value, (least, most, allowed)) in keys {
            if !(least..=most).contains(&value) {
                return Err(HardwareError::Value { key, value, allowed });
            }
        }
        let hardware = Self { config };
        for memory in [Memory::Uop, Memory::Wgt, Memory::Inp, Memory::Acc] {
            let (log_bytes, element) = (hardware.log_bytes(memory), hardware.element_bytes(memory));
            if 1 << log_bytes < element || element == 0 {
                return Err(HardwareError::NoElement { memory, log_bytes, element });
            }
        }
        super::layout::check(&hardware)?;
        Ok(hardware)
    }
}

impl From<Hardware> for Config {
    fn from(hardware: Hardware) -> Self {
        hardware.config
    }
}
