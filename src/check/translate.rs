//! Kernels in the languages of Vulkan, Metal and DX12, so that none of them breaks unseen on a machine with another.

use naga::back::{hlsl, msl, spv};

use super::parse::{self, Parsed};
use crate::base::DeviceFacts;
use crate::code::Kernel;
use crate::record::{Rejection, Stage};

/// One kernel as naga writes it, with run-time checks on: what browsers ask for and the most that a writer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translations {
    /// SPIR-V words.
    pub spirv: Vec<u32>,
    /// Metal Shading Language.
    pub msl: String,
    /// High Level Shading Language, as DX12 takes it; `None` where a kernel has cooperative matrices, which it lacks.
    pub hlsl: Option<String>,
}

/// Runs naga's writers over a kernel for a device.
///
/// # Errors
/// Stage `validate` when the text is not valid on that device, stage `compile` with the writer's name when one fails.
pub fn translate(kernel: &Kernel, device: &DeviceFacts) -> Result<Translations, Rejection> {
    let parsed = parse::parse(kernel, device)?;
    let (module, info) = (&parsed.module, &parsed.info);
    let spirv = spv::write_vec(module, info, &spv_options(), None).map_err(|e| failed("SPIR-V", &e))?;
    let msl = msl::write_string(module, info, &msl_options(), &msl::PipelineOptions::default());
    let (msl, reflection) = msl.map_err(|e| failed("MSL", &e))?;
    reflection.entry_point_names.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| failed("MSL", &e))?;
    let hlsl = if parsed.has_cooperative_matrices() { None } else { Some(high_level(&parsed)?) };
    Ok(Translations { spirv, msl, hlsl })
}

fn high_level(parsed: &Parsed) -> Result<String, Rejection> {
    let mut hlsl = String::new();
    let reflection = hlsl::Writer::new(&mut hlsl, &hlsl_options(), &hlsl::PipelineOptions::default())
        .write(&parsed.module, &parsed.info, None)
        .map_err(|e| failed("HLSL", &e))?;
    reflection.entry_point_names.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| failed("HLSL", &e))?;
    Ok(hlsl)
}

fn failed(writer: &str, error: &dyn std::fmt::Display) -> Rejection {
    Rejection::new(Stage::Compile, format!("naga's {writer} writer: {error}"))
}

/// SPIR-V 1.3 is what Vulkan 1.1 takes; subgroup operations need it.
fn spv_options() -> spv::Options<'static> {
    spv::Options { lang_version: (1, 3), flags: spv::WriterFlags::empty(), ..spv::Options::default() }
}

/// MSL 2.4, of macOS 12; bindings that nobody assigned get made-up names.
fn msl_options() -> msl::Options {
    msl::Options { lang_version: (2, 4), ..msl::Options::default() }
}

/// Shader model 6.2 is the first with f16.
fn hlsl_options() -> hlsl::Options {
    hlsl::Options { shader_model: hlsl::ShaderModel::V6_2, ..hlsl::Options::default() }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{kernel, portable, with_features, with_matrices};
    use super::*;

    #[test]
    fn valid_kernels_translate_into_all_three() {
        let plain =
            "for (var k = local; k < sizes.k; k += 64u) { t[local] = b[k] % 3.0; } workgroupBarrier(); o[0] = t[0];";
        let cases = [
            ("var<workgroup> t: array<f32, 64>;", plain),
            ("", "o[local] = a[local / 3u].x + unpack2x16float(local).y + f32(dot4I8Packed(local, 7u));"),
            ("enable f16;", "o[0] = f32(f16(b[0]) * 2.0h);"),
            ("", "o[0] = subgroupAdd(b[local]) + subgroupShuffleXor(b[0], 1u);"),
        ];
        for (globals, body) in cases {
            let texts = translate(&kernel(globals, body), &with_features(true, true)).map_err(|r| r.why).unwrap();
            assert_eq!(texts.spirv[0], 0x0723_0203, "the magic number of SPIR-V");
            assert!(texts.msl.contains("kernel void main_"), "{}", texts.msl);
            let hlsl = texts.hlsl.expect("nothing here is missing in DX12");
            assert!(hlsl.contains("[numthreads(8, 8, 1)]"), "{hlsl}");
        }
    }

    #[test]
    fn cooperative_matrices_translate_but_for_dx12() {
        let globals = "enable wgpu_cooperative_matrix;\nvar<workgroup> t: array<f32, 64>;";
        let body = "var c = coop_mat8x8<f32, C>();
            let a = coopLoadT<coop_mat8x8<f32, A>>(&t[0], 8u); let b = coopLoad<coop_mat8x8<f32, B>>(&t[0], 8u);
            c = coopMultiplyAdd(a, b, c); coopStoreT(c, &t[0], 8u);";
        let texts = translate(&kernel(globals, body), &with_matrices()).map_err(|r| r.why).unwrap();
        assert!(texts.msl.contains("simdgroup_multiply_accumulate"), "{}", texts.msl);
        assert_eq!(texts.hlsl, None);
        let rejection = translate(&kernel(globals, body), &portable()).unwrap_err();
        assert_eq!(rejection.stage, Stage::Validate);
    }

    #[test]
    fn what_is_not_valid_is_rejected() {
        let rejection = translate(&kernel("enable f16;", "let x = 1.0h;"), &portable()).unwrap_err();
        assert_eq!(rejection.stage, Stage::Validate);
    }
}
