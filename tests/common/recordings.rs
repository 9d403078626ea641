//! Made-up recordings of a small space, written as Kernel Tuner writes its cache files.

use serde_json::{Map, Value, json};

/// What the made-up kernel can be.
const PARAMS: [(&str, &[i64]); 4] = [
    ("block_size_x", &[8, 16, 32, 64, 128]),
    ("block_size_y", &[1, 2, 4, 8]),
    ("tile", &[1, 2, 3, 4, 6]),
    ("padding", &[0, 1]),
];

/// A made-up machine.
#[derive(Clone, Copy)]
pub struct Machine {
    /// How many invocations it likes in a workgroup.
    pub invocations: i64,
    /// The largest product of tile and invocations that compiles.
    pub registers: i64,
}

/// Two machines that are alike, as two of one maker are.
pub const SMALL: Machine = Machine { invocations: 128, registers: 1024 };
pub const LARGE: Machine = Machine { invocations: 256, registers: 1536 };

/// Nothing compiles on it.
pub const BROKEN: Machine = Machine { invocations: 128, registers: 0 };

/// The cache file of a run over all configs of at most 512 invocations.
pub fn cache(machine: Machine) -> String {
    let names: Vec<&str> = PARAMS.iter().map(|(name, _)| *name).collect();
    let entries: Map<String, Value> = configs().into_iter().map(|values| entry(machine, &names, &values)).collect();
    let file = json!({
        "device_name": "a made-up machine",
        "kernel_name": "made_up_kernel",
        "problem_size": [4096, 4096],
        "tune_params_keys": names,
        "tune_params": PARAMS.iter().map(|(name, values)| (name.to_string(), json!(values))).collect::<Map<_, _>>(),
        "objective": "time",
        "cache": entries,
    });
    serde_json::to_string_pretty(&file).unwrap()
}

/// How many configs there are, and how many of them fail.
pub fn counts(machine: Machine) -> (usize, usize) {
    let configs = configs();
    (configs.len(), configs.iter().filter(|values| time_ms(machine, values).is_none()).count())
}

fn configs() -> Vec<Vec<i64>> {
    let longer = |rows: Vec<Vec<i64>>, values: &[i64]| {
        rows.iter().flat_map(|row| values.iter().map(|value| [&row[..], &[*value]].concat())).collect()
    };
    let all = PARAMS.iter().fold(vec![vec![]], |rows, (_, values)| longer(rows, values));
    all.into_iter().filter(|values| values[0] * values[1] <= 512).collect()
}

fn entry(machine: Machine, names: &[&str], values: &[i64]) -> (String, Value) {
    let key = values.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let mut entry: Map<String, Value> =
        names.iter().zip(values).map(|(name, value)| (name.to_string(), json!(value))).collect();
    match time_ms(machine, values) {
        Some(ms) => {
            entry.insert("time".to_owned(), json!(ms));
            entry.insert("times".to_owned(), json!([ms, ms]));
        }
        None => drop(entry.insert("time".to_owned(), json!("CompilationFailedConfig"))),
    }
    for (name, value) in [("compile_time", 100.0), ("verification_time", 0.0), ("benchmark_time", 10.0)] {
        entry.insert(name.to_owned(), json!(value));
    }
    entry.insert("strategy_time".to_owned(), json!(0.0));
    entry.insert("framework_time".to_owned(), json!(1.0));
    entry.insert("timestamp".to_owned(), json!("2024-01-01 00:00:00+00:00"));
    (key, Value::Object(entry))
}

/// Smooth, with an optimum inside, and rougher where padding does not fit the tile.
fn time_ms(machine: Machine, values: &[i64]) -> Option<f64> {
    let [x, y, tile, padding] = values else { unreachable!("four parameters") };
    let invocations = x * y;
    let far = (invocations as f64 / machine.invocations as f64).log2().powi(2) + (*tile as f64 - 3.0).powi(2) / 4.0;
    let rough = if (tile + padding) % 2 == 0 { 0.3 } else { 0.0 } + 0.05 * (*y as f64).log2();
    (tile * invocations <= machine.registers).then_some(1.0 + 0.4 * far + rough)
}
