//! What any bytes must survive: being opened, chosen from, and looked into.

use wgtune_pack::{Device, Mode, Pack, Wish, Workload};

/// Workloads that packs of tests and corpora have entries for, and some that they have not.
const WORKLOADS: [&str; 4] =
    ["matmul:f32:m256n256k256", "matmul:f32:b2m512n256k256", "conv2d:f16:n1c64h56w56o64k3p1+relu", "chain:f32:n1:x"];

/// Opens these bytes as a pack, and uses everything that it offers to these devices.
pub fn survive(bytes: &[u8], devices: &[Device]) {
    let Ok(pack) = Pack::open(bytes.to_vec()) else { return };
    for entry in &pack.manifest().entries {
        let _ = pack.evidence(entry);
    }
    for device in devices {
        for text in WORKLOADS {
            let workload = Workload::parse(text).expect("these are workloads");
            for mode in [Mode::Checked, Mode::Unchecked] {
                use_choice(&pack.select(device, &workload, &Wish { mode, decisions: None }));
            }
        }
    }
}

fn use_choice(choice: &wgtune_pack::Choice) {
    for contender in choice.contenders() {
        let program = &contender.program;
        for kernel in &program.program().kernels {
            assert!(program.text(kernel).is_some() && kernel.workgroups(program.symbols()).is_some());
        }
        if let Some(test) = &program.program().self_test {
            let _: f64 = test.inputs.iter().map(|fill| fill.value(0) + fill.value(u64::from(u32::MAX) + 7)).sum();
            let _ = test.failure(|_, index| index as f64);
        }
    }
}
