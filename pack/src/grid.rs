//! Grids of the tuner's kernels: their workgroups are numbered in one row, which no direction need have room for.

/// Workgroups in x, y and z that are at least as many as wanted, none above the limit of one direction: kernels of the tuner
/// number them in one row, and those beyond the last do nothing.
pub fn fold(count: u32, limit: u32) -> [u32; 3] {
    if count <= limit {
        return [count, 1, 1];
    }
    let rows = count.div_ceil(limit);
    if rows <= limit {
        return [count.div_ceil(rows), rows, 1];
    }
    [limit, limit, rows.div_ceil(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_fold_into_the_next_direction() {
        for count in [1, 7, 65_535, 65_536, 100_000, 4_000_000, 4_294_836_225, u32::MAX] {
            let [x, y, z] = fold(count, 65_535);
            assert!([x, y, z].iter().all(|n| (1..=65_535).contains(n)), "{count}: {x} {y} {z}");
            let total = u64::from(x) * u64::from(y) * u64::from(z);
            assert!(total >= u64::from(count), "{count}: {total}");
            assert!(z > 1 || total < u64::from(count) + u64::from(y), "{count}: {total} are too many");
        }
    }
}
