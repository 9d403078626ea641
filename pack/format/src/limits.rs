//! How much a pack may ask for: what lies beyond is refused before it costs memory or time.

/// Bytes of the whole file: thousands of entries with all their texts and evidence take a tenth of it.
pub const MOST_ARCHIVE_BYTES: usize = 256 << 20;

/// Bytes of the manifest, unpacked: [`MOST_ENTRIES`] of about 1 KB each.
pub const MOST_MANIFEST_BYTES: usize = 32 << 20;

/// Bytes of `manifest.sig`: a key and a signature in hexadecimal are below 300.
pub const MOST_SIGNATURE_BYTES: usize = 4 << 10;

/// Bytes of one program, text or evidence, unpacked: kernels have some kilobytes, evidence some dozen.
pub const MOST_PART_BYTES: usize = 4 << 20;

/// Files in the archive: three for each entry and those of the manifest.
pub const MOST_PARTS: usize = 3 * MOST_ENTRIES + 2;

/// Entries of one pack: a hundred workloads on three hundred devices.
pub const MOST_ENTRIES: usize = 32_768;

/// Bytes of one device, operation, entry or portfolio in the manifest: real ones have about one KB.
pub const MOST_ITEM_BYTES: usize = 64 << 10;

/// How many times as large a file may become when it is unpacked: tidy WGSL with unrolled loops stays below 50.
pub const MOST_RATIO: u64 = 200;

/// What may be unpacked whatever the ratio: small files of one repeated line are no bombs.
pub const ALWAYS_UNPACKED_BYTES: u64 = 64 << 10;

/// Kernels of one program: Winograd's has three.
pub const MOST_KERNELS: usize = 64;

/// Dispatches of one program, prepared ones included.
pub const MOST_DISPATCHES: usize = 256;

/// Buffers that one kernel is bound to: no device has more in one stage.
pub const MOST_BINDINGS: usize = 64;

/// Uniform blocks of one kernel, and words of one of them: WebGPU guarantees 12 blocks of 64 KiB.
pub const MOST_BLOCKS: usize = 12;

/// Words of one uniform block.
pub const MOST_BLOCK_WORDS: usize = 16 << 10;

/// Symbols in the uniform block of one kernel.
pub const MOST_UNIFORMS: usize = 256;

/// Temporaries of one program.
pub const MOST_TEMPORARIES: usize = 64;

/// Bytes of one temporary: above every binding of a device of today.
pub const MOST_TEMPORARY_BYTES: u64 = 16 << 30;

/// Characters of one formula. It also bounds how deep the tree of one can be.
pub const MOST_FORMULA_LENGTH: usize = 500;

/// Levels of parentheses in one formula.
pub const MOST_FORMULA_DEPTH: usize = 32;

/// Numbers, symbols and operators in all formulas of one operation: real ones have below 50, and those of its sizes are evaluated
/// for each entry when a pack is opened.
pub const MOST_OPERATION_TERMS: usize = 512;

/// Numbers, symbols and operators in all formulas of the manifest: 32 for each of [`MOST_ENTRIES`].
pub const MOST_MANIFEST_TERMS: usize = 1 << 20;

/// Characters of a workload's line: twice the longest expression that the tuner reads.
pub const MOST_WORKLOAD_LENGTH: usize = 4096;

/// Dims, sizes or tensors of one operation: real ones have a dozen.
pub const MOST_NAMES: usize = 64;

/// Extra conditions of one entry.
pub const MOST_CONDITIONS: usize = 32;

/// Expected elements of one self-test: enough to see every tile's edge, few enough to be compared in no time.
pub const MOST_EXPECTED: usize = 4096;

/// Elements of one tensor of a self-test: it runs once on each device, in a moment.
pub const MOST_SELF_TEST_ELEMENTS: u64 = 1 << 22;

/// Bytes of the guard zone behind one output of a self-test: a kernel that writes beyond the end begins there.
pub const MOST_GUARD_BYTES: u32 = 64 << 10;

/// Contenders of a race beside the default: it has to end within milliseconds.
pub const MOST_CONTENDERS: usize = 8;

/// Programs that are tried for one choice: a pack of damaged programs must not cost seconds.
pub const MOST_TRIES: usize = 32;

/// Programs that are tried on each rung whatever was tried above it: what is bad on one must not cost what stands on the next.
pub const MOST_TRIES_BELOW: usize = 8;

/// Misses that a choice keeps with their reasons: a person reads the first few.
pub const MOST_MISSES: usize = 64;
