//! Packs of tuned WGSL kernels: their format, a reader and a writer, and the choice for the device at hand.
//!
#![doc = include_str!("../README.md")]
//!
//! # What is where
//!
//! [`Pack`] opens a file and chooses from it, [`Builder`] makes one. [`Manifest`] is the index with its [`Entry`]s,
//! [`Program`] and [`Evidence`] are the parts that it names. None of these touches a GPU; with the feature `wgpu` there is a
//! module that does, `gpu`. `host` tells the processor's name.

#[cfg(feature = "wgpu")]
pub mod gpu;
#[cfg(feature = "host")]
pub mod host;

pub use wgtune_pack_format::*;
