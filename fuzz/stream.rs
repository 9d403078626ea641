//! What is asked of any stream of VTA, whoever wrote it: nothing panics, everything ends, and its parts agree.

use std::collections::BTreeSet;

use wgtune::backend::vta::{Checks, Dram, Engine, FaultKind, PROFILES, run, time};
use wgtune::code::vta::{Hardware, Layout, assemble, decode_stream, disassemble, encode_stream};

/// The usual hardware; small blocks with inputs wider than weights; a batch of wide blocks; a block of one.
pub fn machines() -> [Hardware; 4] {
    let machine = |[inp, wgt, batch, block]: [u32; 4], [uop, inputs, weights, sums]: [u32; 4]| {
        let text = format!(
            r#"{{"LOG_INP_WIDTH": {inp}, "LOG_WGT_WIDTH": {wgt}, "LOG_ACC_WIDTH": 5, "LOG_BATCH": {batch}, "LOG_BLOCK": {block},
            "LOG_UOP_BUFF_SIZE": {uop}, "LOG_INP_BUFF_SIZE": {inputs}, "LOG_WGT_BUFF_SIZE": {weights}, "LOG_ACC_BUFF_SIZE": {sums}}}"#
        );
        Hardware::from_json(&text).expect("the configurations here are written down with care")
    };
    [
        Hardware::default(),
        machine([4, 3, 1, 2], [12, 12, 12, 13]),
        machine([3, 4, 2, 5], [14, 14, 18, 16]),
        machine([3, 3, 0, 0], [8, 8, 8, 10]),
    ]
}

/// Decodes bytes, runs them on an image of DRAM with all checks, and times them. Which kinds of faults there were.
pub fn survive(hardware: &Hardware, bytes: &[u8], dram: &Dram, order: [Engine; 3]) -> BTreeSet<FaultKind> {
    let layout = Layout::new(hardware);
    let Ok(instructions) = decode_stream(&layout, bytes) else { return BTreeSet::from([FaultKind::Undecodable]) };
    let again = encode_stream(&layout, &instructions).expect("what was decoded can be encoded");
    assert_eq!(decode_stream(&layout, &again).as_ref(), Ok(&instructions), "bits are another stream");
    assert_eq!(assemble(&disassemble(&instructions)).as_ref(), Ok(&instructions), "its text is another stream");

    let (mut checked, mut plain) = (dram.clone(), dram.clone());
    let ran = run(hardware, &instructions, &mut checked, Checks::ALL, order);
    let unchecked = run(hardware, &instructions, &mut plain, Checks::default(), order);
    assert!(checked == plain && ran.counters == unchecked.counters, "checks change what is computed");
    assert!(unchecked.faults.iter().all(|fault| ran.faults.contains(fault)), "checks hide a fault");
    let mut kinds: BTreeSet<FaultKind> = ran.faults.iter().map(|fault| fault.kind).collect();
    for profile in PROFILES {
        let timed = time(hardware, &instructions, profile);
        assert!(timed.cycles.is_some() || !timed.faults.is_empty(), "no end, and nothing says why");
        kinds.extend(timed.faults.iter().map(|fault| fault.kind));
    }
    kinds
}
