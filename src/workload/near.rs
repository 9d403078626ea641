//! How near two workloads are: whether what is fast for one may say something of the other.

use super::Workload;

impl Workload {
    /// How many doublings or halvings of sizes lie between two workloads that are alike in everything else; `None` if
    /// they differ in more than sizes. The sum of |log2 of the ratio| over the dims.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        let resized = Self { dims: other.dims.clone(), ..self.clone() };
        if resized != *other || self.dims.0.len() != other.dims.0.len() {
            return None;
        }
        let pairs = self.dims.0.iter().zip(&other.dims.0);
        pairs.map(|((name, a), (other, b))| if name == other { doublings(*a, *b) } else { None }).sum()
    }
}

/// None lie between nothing and something: a padding of 0 is unlike any other.
fn doublings(a: u64, b: u64) -> Option<f64> {
    match (a, b) {
        _ if a == b => Some(0.0),
        (0, _) | (_, 0) => None,
        _ => Some((a as f64 / b as f64).log2().abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_make_a_distance() {
        let cases = [
            ("matmul:f32:m64n64k64+relu", "matmul:f32:m64n64k64+relu", Some(0.0)),
            ("matmul:f32:m64n64k64", "matmul:f32:m128n16k64", Some(3.0)),
            ("matmul:f32:m64n64k64", "matmul:f16:m64n64k64", None),
            ("matmul:f32:m64n64k64", "matmul:f32:m64n64k64:nt", None),
            ("matmul:f32:m64n64k64", "matmul:f32:m64n64k64+relu", None),
            ("matmul:f32:m64n64k64+scale0.5", "matmul:f32:m64n64k64+scale0.25", None),
            ("matmul:f32:m64n64k64", "matmul:f32:b2m64n64k64", None),
            ("matmul:f32:m64n64k64", "matmul:f32:m64n64q64", None),
            ("conv2d:f32:n1c8h8w8o8k3p0", "conv2d:f32:n1c8h8w8o8k3p1", None),
            ("conv2d:f32:n1c8h8w8o8k3p1", "conv2d:f32:n1c8h8w32o8k3p1", Some(2.0)),
            ("chain:f32:r64c64:x+y", "chain:f32:r32c64:x+y", Some(1.0)),
            ("chain:f32:r64c64:x+y", "chain:f32:r64c64:x*y", None),
        ];
        for (a, b, want) in cases {
            let [a, b] = [a, b].map(|text| text.parse::<Workload>().unwrap());
            assert_eq!((a.distance(&b), b.distance(&a)), (want, want), "{a} and {b}");
        }
    }
}
