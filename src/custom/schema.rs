//! The JSON Schema of kernel files, made from the types that read them.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

use super::description::Description;

/// The JSON Schema (draft 7, which editors know) of kernel files. It says which keys there are and of what form their
/// values are; whether they make sense together only [`CustomKernel::load`](super::CustomKernel::load) can tell.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Description>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.insert("title".to_owned(), json!("A wgtune kernel file"));
    schema.insert("description".to_owned(), json!(ABOUT));
    schema.to_value()
}

const ABOUT: &str = "Describes a WGSL kernel: what it is launched with, what may be tuned, and how its results are checked. \
                     docs/kernel-file.md explains each part.";

/// TOML has no null: what may be left out is left out.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.retain(|one| *one != json!({ "type": "null" }));
        if any.len() == 1 {
            let one = schema.remove("anyOf").expect("it is there");
            schema.insert("allOf".to_owned(), one);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}
