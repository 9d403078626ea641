//! Kernels that users bring: described in a file or by a builder, checked, tuned and stored as our own.
//!
//! A [`Description`] is plain data that says what a kernel is launched with and what may be tuned. Made sense of, it is a
//! [`CustomKernel`]: an operator whose templates emit the user's WGSL. What is wrong is a [`Problem`], shown at its place in
//! the user's file.

mod block;
mod buffer;
mod builder;
mod caps;
mod contents;
mod description;
mod digest;
mod formula;
mod kernel;
mod load;
mod parameter;
mod pass;
mod plan;
mod printable;
mod problem;
mod schema;
mod sound;
mod starter;
mod survey;
mod t1;
mod template;
#[cfg(test)]
mod tests;
mod truth;
mod wgsl;

pub use builder::Builder;
pub use description::{Description, Fill};
pub use kernel::CustomKernel;
pub use load::read_text;
pub use parameter::Choices;
pub use problem::{Checked, Problem};
pub use schema::schema;
pub use starter::{is_name, write_starter};
pub use survey::{Amount, Cut, Survey};
pub use t1::{Exported, Imported, read_t1, write_t1};
pub use truth::Arrays;
