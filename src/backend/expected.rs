//! Reference results in a file: true values, the error allowed, and for large outputs which elements were sampled.
//!
//! Little-endian: the number of outputs, then per output the number of elements, whether indices follow (0 or 1), the
//! indices (u64), the values and the bounds (f64), the number of projections, and of each its three extents,
//! the seed of its weights, its sums (f64).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::{Approx, Projection};

/// The true values of one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Flat indices of the elements; `None` for all of them in order.
    pub indices: Option<Vec<u64>>,
    /// The true values, each with the error allowed, in the order of the indices.
    pub values: Vec<Approx>,
    /// Weighted sums of all elements, where only some are known: a mistake hides in each with a chance of one half.
    pub projections: Vec<Projection>,
}

impl Expected {
    /// All elements in order.
    pub fn all(values: Vec<Approx>) -> Self {
        Self { indices: None, values, projections: Vec::new() }
    }
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
            write_u64(&mut file, output.projections.len() as u64)?;
            output.projections.iter().try_for_each(|projection| write_projection(&mut file, projection))?;
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

fn write_projection(file: &mut impl Write, projection: &Projection) -> io::Result<()> {
    let Projection { outer, mid, inner, weights, expected } = projection;
    [*outer, *mid, *inner, weights.seed.into()].into_iter().try_for_each(|number| write_u64(file, number))?;
    expected.iter().try_for_each(|sum| write_u64(file, sum.to_bits()))
}

fn read_projection(file: &mut impl Read) -> io::Result<Projection> {
    let [outer, mid, inner, seed] = [read_u64(file)?, read_u64(file)?, read_u64(file)?, read_u64(file)?];
    let sums = (0..outer * inner).map(|_| Ok(f64::from_bits(read_u64(file)?)));
    let expected = sums.collect::<io::Result<_>>()?;
    Ok(Projection { expected, ..Projection::new([outer, mid, inner], seed as u32) })
}

fn read_output(file: &mut impl Read) -> io::Result<Expected> {
    let count = read_u64(file)?;
    let sampled = read_u64(file)? == 1;
    let mut column = || (0..count).map(|_| read_u64(file)).collect::<io::Result<Vec<u64>>>();
    let indices = if sampled { Some(column()?) } else { None };
    let (values, bounds) = (column()?, column()?);
    let approx = |(value, bound): (&u64, &u64)| Approx { value: f64::from_bits(*value), bound: f64::from_bits(*bound) };
    let values = values.iter().zip(&bounds).map(approx).collect();
    let projections = (0..read_u64(file)?).map(|_| read_projection(file)).collect::<io::Result<_>>()?;
    Ok(Expected { indices, values, projections })
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
            Expected::all(vec![Approx::exact(1.5), Approx { value: -2.0, bound: 0.25 }]),
            Expected { indices: Some(vec![7, 1 << 40]), ..Expected::all(vec![Approx::exact(0.0); 2]) },
            Expected {
                projections: vec![Projection { expected: vec![3.0, -1.0], ..Projection::new([1, 5, 2], 7) }; 2],
                ..Expected::all(vec![Approx::exact(0.5)])
            },
        ];
        let file = ExpectedFile::write(&folder.path().join("expected"), &outputs).unwrap();
        assert_eq!(file.read().unwrap(), outputs);
        assert!(ExpectedFile(folder.path().join("none")).read().is_err());
    }
}
