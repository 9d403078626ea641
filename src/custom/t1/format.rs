//! The parts of a T1 file that matter here, by their names in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct File {
    #[serde(default)]
    pub general: General,
    pub configuration_space: Space,
    pub kernel_specification: Kernel,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct General {
    #[serde(default)]
    pub benchmark_name: String,
    #[serde(default)]
    pub output_format: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Space {
    pub tuning_parameters: Vec<Parameter>,
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    pub name: String,
    #[serde(rename = "Type", default)]
    pub kind: String,
    /// A list, or Python that makes one.
    pub values: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub default: Value,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Condition {
    pub expression: String,
    #[serde(default)]
    pub parameters: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Kernel {
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub benchmark_name: String,
    pub kernel_name: String,
    #[serde(default)]
    pub kernel_file: String,
    #[serde(default)]
    pub global_size_type: String,
    #[serde(default)]
    pub local_size: Extents,
    #[serde(default)]
    pub global_size: Extents,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_div_x: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_div_y: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_div_z: Option<Vec<String>>,
    #[serde(default)]
    pub problem_size: Vec<i64>,
    #[serde(default)]
    pub arguments: Vec<Argument>,
}

/// An expression for each direction.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Extents {
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub x: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub y: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub z: Value,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Argument {
    pub name: String,
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(default)]
    pub memory_type: String,
    #[serde(default)]
    pub access_type: String,
    #[serde(default)]
    pub fill_type: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub size: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub fill_value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub output: i64,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}
