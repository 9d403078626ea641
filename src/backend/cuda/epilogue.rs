//! Which epilogues the libraries fuse, and why not the others.

use crate::code::routine::Post;

/// An epilogue that a library computes in one call: `activation(scale·sum + bias + residual)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// What sums are multiplied by.
    pub scale: f32,
    /// The number of the input with a value for each output channel.
    pub bias: Option<usize>,
    /// The number of the input that is shaped like the output.
    pub residual: Option<usize>,
    /// What comes last.
    pub activation: Activation,
}

/// What libraries apply to a sum at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Nothing,
    /// max(x, 0).
    Relu,
    /// GELU by tanh.
    GeluTanh,
}

impl Fused {
    /// Whether a scale is all there is.
    pub fn adds_nothing(&self) -> bool {
        self.bias.is_none() && self.residual.is_none() && self.activation == Activation::Nothing
    }
}

/// What cuBLAS's products do: they scale.
///
/// # Errors
/// Which step it has not, as half a sentence; so do the others.
pub fn by_cublas(epilogue: &[Post]) -> Result<Fused, String> {
    let fused = understood(epilogue, "cuBLAS")?;
    if fused.adds_nothing() { Ok(fused) } else { Err("cuBLAS fuses nothing but a scale".to_owned()) }
}

/// What cuBLASLt's products do.
pub fn by_cublaslt(epilogue: &[Post]) -> Result<Fused, String> {
    understood(epilogue, "cuBLASLt")
}

/// What cuDNN's convolutions do.
pub fn by_cudnn(epilogue: &[Post]) -> Result<Fused, String> {
    let fused = understood(epilogue, "cuDNN")?;
    match fused.activation {
        Activation::GeluTanh => Err("cuDNN's convolutions fuse no gelu_tanh".to_owned()),
        Activation::Nothing | Activation::Relu => Ok(fused),
    }
}

/// A scale first, then what is added, each kind once, then one activation.
fn understood(epilogue: &[Post], library: &str) -> Result<Fused, String> {
    let mut fused = Fused { scale: 1.0, bias: None, residual: None, activation: Activation::Nothing };
    for (place, post) in epilogue.iter().enumerate() {
        let is_over = fused.activation != Activation::Nothing;
        match post {
            Post::Scale(scale) if place == 0 => fused.scale = *scale,
            Post::Bias { input } if !is_over && fused.bias.is_none() => fused.bias = Some(*input),
            Post::Residual { input } if !is_over && fused.residual.is_none() => fused.residual = Some(*input),
            Post::Function(name) if !is_over && name == "relu" => fused.activation = Activation::Relu,
            Post::Function(name) if !is_over && name == "gelu_tanh" => fused.activation = Activation::GeluTanh,
            post => return Err(format!("{library} fuses no {} as step {} of an epilogue", told(post), place + 1)),
        }
    }
    Ok(fused)
}

fn told(post: &Post) -> String {
    match post {
        Post::Bias { .. } => "bias".to_owned(),
        Post::Residual { .. } => "residual".to_owned(),
        Post::Scale(scale) => format!("scale{scale}"),
        Post::Cap(cap) => format!("relu{cap}"),
        Post::Function(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str) -> Post {
        Post::Function(name.to_owned())
    }

    #[test]
    fn each_library_fuses_what_it_has() {
        let (bias, residual, scale) = (Post::Bias { input: 2 }, Post::Residual { input: 3 }, Post::Scale(0.5));
        let (relu, gelu) = (function("relu"), function("gelu_tanh"));
        // Which of cuBLAS, cuBLASLt and cuDNN do it.
        let cases: [(Vec<Post>, [bool; 3]); 11] = [
            (vec![], [true; 3]),
            (vec![scale.clone()], [true; 3]),
            (vec![bias.clone(), relu.clone()], [false, true, true]),
            (vec![scale.clone(), residual.clone(), bias.clone()], [false, true, true]),
            (vec![bias.clone(), gelu], [false, true, false]),
            (vec![bias.clone(), function("gelu")], [false; 3]),
            (vec![bias.clone(), scale], [false; 3]),
            (vec![relu.clone(), residual.clone()], [false; 3]),
            (vec![relu.clone(), relu], [false; 3]),
            (vec![bias.clone(), Post::Cap(6.0)], [false; 3]),
            (vec![bias, function("silu")], [false; 3]),
        ];
        for (epilogue, want) in cases {
            let got = [by_cublas(&epilogue), by_cublaslt(&epilogue), by_cudnn(&epilogue)];
            assert_eq!(got.map(|fused| fused.is_ok()), want, "{epilogue:?}");
        }
        let why = by_cudnn(&[Post::Bias { input: 2 }, Post::Cap(6.0)]).unwrap_err();
        assert_eq!(why, "cuDNN fuses no relu6 as step 2 of an epilogue");
    }
}
