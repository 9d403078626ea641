//! The `wgtune` command.

fn main() {}
