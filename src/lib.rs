//! Tunes GPU compute kernels written in WGSL for the machine they will run on.
//!
//! A line of text says what to compute ([`op::resolve`]), a device runs it ([`backend::wgpu::WgpuBackend`]), a file keeps
//! every trial ([`store::Store`]), and [`tune::tune`] finds the fastest config that is right:
//!
//! ```no_run
//! use wgtune::backend::DeviceChoice;
//! use wgtune::backend::wgpu::WgpuBackend;
//! use wgtune::record::Mode;
//! use wgtune::tune::{Settings, Unwatched, tune};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let signature = wgtune::op::resolve("matmul:f32:m512n512k256+bias+relu")?;
//! let mut device = WgpuBackend::open(&DeviceChoice::Automatic)?;
//! let mut store = wgtune::store::Store::open("trials.db")?;
//! let tuned = tune(&mut device, &mut store, &signature, &Settings::default(), &mut Unwatched)?;
//! println!("{:?}", tuned.best(Mode::UNCHECKED).map(|best| &best.values));
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

pub mod backend;
pub mod base;
pub mod campaign;
pub mod check;
pub mod cli;
pub mod code;
pub mod custom;
pub mod interchange;
pub mod measure;
pub mod model;
pub mod op;
pub mod pack;
pub mod predict;
pub mod probe;
pub mod record;
pub mod replay;
pub mod report;
pub mod search;
pub mod space;
pub mod store;
pub mod tune;
pub mod vendor;
pub mod workload;
