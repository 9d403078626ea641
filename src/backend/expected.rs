//! Reference results in a file: true values, the error allowed, and for large outputs which elements were sampled.
//!
//! Little-endian: the number of outputs, then per output the number of elements, whether indices follow (0 or 1), the
//! indices (u64), the values and the bounds (f64).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Approx;

/// The true values of one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Flat indices of the elements; `None` for all of them in order.
    pub indices: Option<Vec<u64>>,
    /// The true values, each with the error allowed, in the order of the indices.
    pub values: Vec<Approx>,
}

/// Where a job's expected results lie.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExpectedFile(pub PathBuf);

impl ExpectedFile {
    /// Writes what is expected of each output to a new file.
    pub fn write(path: &Path, outputs: &[Expected]) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        write_u64(&mut file, outputs.len() as u64)?;
        for output in outputs {
            write_u64(&mut file, output.values.len() as u64)?;
            write_u64(&mut file, u64::from(output.indices.is_some()))?;
            output.indices.iter().flatten().try_for_each(|index| write_u64(&mut file, *index))?;
            output.values.iter().try_for_each(|v| write_u64(&mut file, v.value.to_bits()))?;
            output.values.iter().try_for_each(|v| write_u64(&mut file, v.bound.to_bits()))?;
        }
        file.flush()?;
        Ok(Self(path.to_owned()))
    }

    /// Reads all of it back.
    pub fn read(&self) -> io::Result<Vec<Expected>> {
        let mut file = BufReader::new(File::open(&self.0)?);
        let outputs = read_u64(&mut file)?;
        (0..outputs).map(|_| read_output(&mut file)).collect()
    }
}

fn read_output(file: &mut impl Read) -> io::Result<Expected> {
    let count = read_u64(file)?;
    let sampled = read_u64(file)? == 1;
    let mut column = || (0..count).map(|_| read_u64(file)).collect::<io::Result<Vec<u64>>>();
    let indices = if sampled { Some(column()?) } else { None };
    let (values, bounds) = (column()?, column()?);
    let approx = |(value, bound): (&u64, &u64)| Approx { value: f64::from_bits(*value), bound: f64::from_bits(*bound) };
    Ok(Expected { indices, values: values.iter().zip(&bounds).map(approx).collect() })
}

fn write_u64(file: &mut impl Write, value: u64) -> io::Result<()> {
    file.write_all(&value.to_le_bytes())
}

fn read_u64(file: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_read_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = vec![
            Expected { indices: None, values: vec![Approx::exact(1.5), Approx { value: -2.0, bound: 0.25 }] },
            Expected { indices: Some(vec![7, 1 << 40]), values: vec![Approx::exact(0.0); 2] },
        ];
        let file = ExpectedFile::write(&folder.path().join("expected"), &outputs).unwrap();
        assert_eq!(file.read().unwrap(), outputs);
        assert!(ExpectedFile(folder.path().join("none")).read().is_err());
    }
}
