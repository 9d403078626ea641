//! Grids of the tuner's kernels: their workgroups are numbered in one row, which no direction need have room for.

/// Workgroups in x, y and z that are at least as many as wanted, none above the limit of one direction: kernels of the tuner
/// number them in one row, and those beyond the last do nothing. None where the limit leaves no room for so many, as one of 0
/// does for any.
pub fn fold(count: u32, limit: u32) -> Option<[u32; 3]> {
    if limit == 0 {
        return None;
    }
    if count <= limit {
        return Some([count, 1, 1]);
    }
    let rows = count.div_ceil(limit);
    if rows <= limit {
        return Some([count.div_ceil(rows), rows, 1]);
    }
    let layers = rows.div_ceil(limit);
    (layers <= limit).then_some([limit, limit, layers])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_fold_into_the_next_direction() {
        for count in [1, 7, 65_535, 65_536, 100_000, 4_000_000, 4_294_836_225, u32::MAX] {
            let [x, y, z] = fold(count, 65_535).unwrap();
            assert!([x, y, z].iter().all(|n| (1..=65_535).contains(n)), "{count}: {x} {y} {z}");
            let total = u64::from(x) * u64::from(y) * u64::from(z);
            assert!(total >= u64::from(count), "{count}: {total}");
            assert!(z > 1 || total < u64::from(count) + u64::from(y), "{count}: {total} are too many");
        }
    }

    #[test]
    fn what_has_no_room_has_no_grid() {
        let cases = [
            (0, 0, None),
            (1, 0, None),
            (1, 1, Some([1, 1, 1])),
            (2, 1, None),
            (8, 2, Some([2, 2, 2])),
            (9, 2, None),
            (u32::MAX, 1625, None),
            (u32::MAX, 1626, Some([1626, 1626, 1625])),
        ];
        for (count, limit, want) in cases {
            assert_eq!(fold(count, limit), want, "{count} workgroups, {limit} in a direction");
        }
    }
}
