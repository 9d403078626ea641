//! Parameters, rules and the configs that obey them.

mod value;

pub use value::Value;
