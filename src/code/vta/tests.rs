//! Instructions and micro-ops in bits, numbers and text, there and back.

use super::fields::Field;
use super::*;

fn hardware(changes: &[(&str, u32)]) -> Result<Hardware, HardwareError> {
    let mut config = serde_json::to_value(Hardware::default()).unwrap();
    for (key, value) in changes {
        config[*key] = (*value).into();
    }
    Hardware::from_json(&config.to_string())
}

/// Other buffers, so other fields: 12 bits of micro-ops, 10 of accumulators, 12 of inputs, 9 of weights.
fn other() -> Hardware {
    let changes =
        [("LOG_UOP_BUFF_SIZE", 14), ("LOG_ACC_BUFF_SIZE", 16), ("LOG_INP_BUFF_SIZE", 16), ("LOG_WGT_BUFF_SIZE", 17)];
    hardware(&changes).unwrap()
}

#[test]
fn the_default_is_what_samples_have() {
    let hardware = Hardware::default();
    assert_eq!(hardware.to_string(), "1x16_i8w8a32_15_15_18_17");
    let rows = [
        (Memory::Uop, 4, 8192, 13),
        (Memory::Inp, 16, 2048, 11),
        (Memory::Wgt, 256, 1024, 10),
        (Memory::Acc, 64, 2048, 11),
        (Memory::Out, 16, 2048, 11),
        (Memory::AccNarrow, 16, 2048, 11),
    ];
    for (memory, bytes, depth, bits) in rows {
        let got = (hardware.element_bytes(memory), hardware.depth(memory), hardware.index_bits(memory));
        assert_eq!(got, (bytes, depth, bits), "{memory}");
    }
}

#[test]
fn configurations_that_cannot_be_are_told() {
    let cases: &[(&[(&str, u32)], &str)] = &[
        (&[("LOG_INP_WIDTH", 2)], "LOG_INP_WIDTH is 2"),
        (&[("LOG_ACC_WIDTH", 4)], "LOG_ACC_WIDTH is 4"),
        (&[("LOG_BLOCK", 40)], "LOG_BLOCK is 40"),
        (&[("LOG_WGT_BUFF_SIZE", 7)], "the wgt buffer of 2^7 bytes has no room"),
        (&[("LOG_ACC_BUFF_SIZE", 18)], "the fields of GEMM take 138 bits of 128"),
    ];
    for (changes, part) in cases {
        let error = hardware(changes).unwrap_err().to_string();
        assert!(error.contains(part), "{changes:?}: {error}");
    }
    let error = Hardware::from_json("[1]").unwrap_err().to_string();
    assert!(error.contains("JSON object"), "{error}");
    let extra = r#"{"TARGET": "sim", "HW_VER": "0.0.1", "LOG_INP_WIDTH": 3, "LOG_WGT_WIDTH": 3, "LOG_ACC_WIDTH": 5,
        "LOG_BATCH": 0, "LOG_BLOCK": 4, "LOG_UOP_BUFF_SIZE": 15, "LOG_INP_BUFF_SIZE": 15, "LOG_WGT_BUFF_SIZE": 18,
        "LOG_ACC_BUFF_SIZE": 17}"#;
    assert_eq!(Hardware::from_json(extra).unwrap(), Hardware::default());
}

/// The highest and the lowest bit of each field, of the default configuration as the public header has them.
#[test]
fn each_field_lies_where_the_header_has_it() {
    let gemm = |loops| operation(Operation::Gemm(Gemm { reset: false, loops, weight: [0; 2] }));
    let alu =
        Alu { reset: false, loops: Loops::default(), operation: AluOperation::Min, use_immediate: false, immediate: 0 };
    let none = Transfer::nothing(Memory::Uop);
    let zero = Loops::default();
    type Case = (&'static str, Instruction, u32, u32);
    let transfers: &[Case] = &[
        ("sram", load(Transfer { sram: u16::MAX.into(), ..none }), 10, 25),
        ("dram", load(Transfer { dram: u32::MAX, ..none }), 26, 57),
        ("rows", load(Transfer { rows: u16::MAX.into(), ..none }), 64, 79),
        ("columns", load(Transfer { columns: u16::MAX.into(), ..none }), 80, 95),
        ("stride", load(Transfer { stride: u16::MAX.into(), ..none }), 96, 111),
        ("pad_top", load(Transfer { pad_top: 15, ..none }), 112, 115),
        ("pad_bottom", load(Transfer { pad_bottom: 15, ..none }), 116, 119),
        ("pad_left", load(Transfer { pad_left: 15, ..none }), 120, 123),
        ("pad_right", load(Transfer { pad_right: 15, ..none }), 124, 127),
    ];
    let gemms: &[Case] = &[
        ("reset", operation(Operation::Gemm(Gemm { reset: true, loops: zero, weight: [0; 2] })), 7, 7),
        ("begin", gemm(Loops { begin: 0x1fff, ..zero }), 8, 20),
        ("end", gemm(Loops { end: 0x3fff, ..zero }), 21, 34),
        ("outer", gemm(Loops { outer: 0x3fff, ..zero }), 35, 48),
        ("inner", gemm(Loops { inner: 0x3fff, ..zero }), 49, 62),
        ("dst_out", gemm(Loops { destination: [0x7ff, 0], ..zero }), 64, 74),
        ("dst_in", gemm(Loops { destination: [0, 0x7ff], ..zero }), 75, 85),
        ("src_out", gemm(Loops { source: [0x7ff, 0], ..zero }), 86, 96),
        ("src_in", gemm(Loops { source: [0, 0x7ff], ..zero }), 97, 107),
        ("wgt_out", operation(Operation::Gemm(Gemm { reset: false, loops: zero, weight: [0x3ff, 0] })), 108, 117),
        ("wgt_in", operation(Operation::Gemm(Gemm { reset: false, loops: zero, weight: [0, 0x3ff] })), 118, 127),
    ];
    let alus: &[Case] = &[
        ("use_imm", operation(Operation::Alu(Alu { use_immediate: true, ..alu })), 111, 111),
        ("imm", operation(Operation::Alu(Alu { immediate: -1, ..alu })), 112, 127),
    ];
    let layout = Layout::new(&Hardware::default());
    let (number, memory, shr) = (0b111, 0b111 << 7, 0b111u128 << 108);
    for (name, instruction, low, high) in transfers.iter().chain(gemms).chain(alus) {
        let bits = layout.encode(instruction).unwrap() & !number;
        assert_eq!((bits.trailing_zeros(), 127 - bits.leading_zeros()), (*low, *high), "{name}");
        assert_eq!(bits.count_ones(), high - low + 1, "{name} is all ones");
    }
    let encoded = |operation_| layout.encode(&operation(operation_)).unwrap();
    assert_eq!(encoded(Operation::Load(Transfer::nothing(Memory::AccNarrow))) & memory, 5 << 7);
    assert_eq!(encoded(Operation::Alu(Alu { operation: AluOperation::Mul, ..alu })) & shr, 4 << 108);
    assert_eq!(encoded(Operation::Finish), 3);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let none = Transfer::nothing(Memory::Inp);
    let zero = Loops::default();
    let gemm = |loops, weight| operation(Operation::Gemm(Gemm { reset: false, loops, weight }));
    let cases = [
        ("iter_out", gemm(Loops { outer: 1 << 14, ..zero }, [0; 2])),
        ("iter_in", gemm(Loops { inner: 1 << 14, ..zero }, [0; 2])),
        ("dst_out", gemm(Loops { destination: [1 << 11, 0], ..zero }, [0; 2])),
        ("src_in", gemm(Loops { source: [0, 1 << 11], ..zero }, [0; 2])),
        ("wgt_in", gemm(zero, [0, 1 << 10])),
        ("uop_begin", gemm(Loops { begin: 1 << 13, ..zero }, [0; 2])),
        ("uop_end", gemm(Loops { end: 1 << 14, ..zero }, [0; 2])),
        ("sram", load(Transfer { sram: 1 << 16, ..none })),
        ("y_size", load(Transfer { rows: 1 << 16, ..none })),
        ("x_size", load(Transfer { columns: 1 << 16, ..none })),
        ("x_stride", load(Transfer { stride: 1 << 16, ..none })),
        ("x_pad_1", load(Transfer { pad_right: 16, ..none })),
    ];
    let layout = Layout::new(&Hardware::default());
    for (field, instruction) in cases {
        assert_eq!(layout.encode(&instruction).unwrap_err().field, field, "{instruction}");
    }
    for (field, micro_op) in [("dst", [1 << 11, 0, 0]), ("src", [0, 1 << 11, 0]), ("wgt", [0, 0, 1 << 10])] {
        let [destination, source, weight] = micro_op;
        let error = layout.encode_micro_op(&MicroOp { destination, source, weight }).unwrap_err();
        assert_eq!(error.field, field);
    }
    let micro_op = MicroOp { destination: 1, source: 2, weight: 3 };
    assert_eq!(layout.encode_micro_op(&micro_op), Ok(1 | 2 << 11 | 3 << 22));
}

#[test]
fn signs_fit_and_come_back() {
    let field = Field { name: "imm", low: 4, bits: 8, signed: true };
    assert_eq!(field.put(-1), Ok(0xff0));
    assert_eq!(field.put(-128), Ok(0x800));
    assert_eq!(field.put(128).unwrap_err().most, 127);
    assert_eq!(field.put(-129).unwrap_err().least, -128);
}

/// Random bits are either no instruction or come back, as bits and as text.
#[test]
fn bits_instructions_and_text_are_inverses() {
    use rand::RngExt;
    let mut random = crate::base::seeded(8, "vta instructions");
    for hardware in [Hardware::default(), other()] {
        let layout = Layout::new(&hardware);
        let mut decoded = 0;
        for _ in 0..20_000 {
            let bits: u128 = random.random();
            let spared = match layout.decode(bits) {
                Err(Undecodable::Spare(spare)) => bits & !spare,
                _ => bits,
            };
            let Ok(instruction) = layout.decode(spared) else { continue };
            decoded += 1;
            assert_eq!(layout.encode(&instruction), Ok(spared), "{instruction}");
            assert_eq!(parse_instruction(&instruction.to_string()).as_ref(), Ok(&instruction));
            let low: u32 = random.random();
            let micro_op = layout.decode_micro_op(low);
            assert_eq!(layout.decode_micro_op(layout.encode_micro_op(&micro_op).unwrap()), micro_op);
        }
        assert!(decoded > 8_000, "{decoded} of 20000 were instructions");
    }
}

#[test]
fn lines_that_are_no_instruction_are_told() {
    let cases = [
        ("jump 3", "`jump` is no instruction"),
        ("load sram=0", "`sram=0` is no memory"),
        ("load inp dram=0 size=1x1 stride=1", "write `sram=NUMBER`"),
        ("load inp sram=0 dram=-1 size=1x1 stride=1", "`dram=-1` cannot be read"),
        ("load inp sram=0 dram=0 size=1 stride=1", "write `size=ROWSxCOLUMNS`"),
        ("finish now", "`now` is no part"),
        ("finish pop_prev pop_prev", "`pop_prev` is there twice"),
        ("alu div uop=0..1", "`div` is no operation"),
    ];
    for (line, part) in cases {
        let error = parse_instruction(line).unwrap_err().to_string();
        assert!(error.contains(part), "{line}: {error}");
    }
    let error = assemble("# nothing\n\nfinish # the end\nfinisch\n").unwrap_err().to_string();
    assert!(error.starts_with("line 4:"), "{error}");
}

#[test]
fn streams_come_back() {
    let text = "load inp sram=0 dram=256 size=3x16 stride=56 pad=1,0,1,0 pop_next push_next\n\
                gemm uop=0..9 iter=14x28 dst=28,1 src=30,1 wgt=0,0 reset pop_prev\n\
                alu shr uop=0..1 iter=1x8 dst=0,1 src=0,1 imm=8\n\
                alu add uop=0..1 iter=1x8 dst=0,1 src=0,1 unused_imm=-3\n\
                store out sram=0 dram=4096 size=1x8 stride=8 pop_prev push_prev\nfinish\n";
    let layout = Layout::new(&Hardware::default());
    let instructions = assemble(text).unwrap();
    let bytes = encode_stream(&layout, &instructions).unwrap();
    assert_eq!(disassemble(&decode_stream(&layout, &bytes).unwrap()), text);
    assert_eq!(decode_stream(&layout, &bytes[1..]).unwrap_err(), StreamError::Length(95));
    let wrong = [&bytes[..16], &[7; 16]].concat();
    assert!(decode_stream(&layout, &wrong).unwrap_err().to_string().starts_with("instruction 1: no instruction has"));
}

fn load(transfer: Transfer) -> Instruction {
    operation(Operation::Load(transfer))
}

fn operation(operation: Operation) -> Instruction {
    Instruction { tokens: Tokens::default(), operation }
}
