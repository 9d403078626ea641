//! The JSON Schema of what a pack holds, made from the types that read it.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::{Evidence, Manifest, Program, Signature};

/// Every file of a pack that is JSON, by its name.
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "only its schema is made")]
struct Files {
    /// `manifest.json`: the index.
    manifest: Manifest,
    /// `manifest.sig`: who vouches for it.
    signature: Signature,
    /// `programs/<hash>.json`: the program of an entry.
    program: Program,
    /// `evidence/<hash>.json`: how an entry came about.
    evidence: Evidence,
}

/// The JSON Schema (draft 7) of the files of a pack: each is a property of the root, and a definition of its own.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Files>();
    schema.insert("title".to_owned(), json!("The files of a .wgpack"));
    schema.insert("description".to_owned(), json!("docs/pack-format.md explains each of them."));
    schema.to_value()
}
