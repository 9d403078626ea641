//! Chains by hand-computed values, and what is refused.

use super::*;
use crate::base::Approx;
use crate::op::{DataSet, inputs, materialise};
use crate::record::Numerics;

fn tensor(values: &[f32]) -> Tensor {
    Tensor { shape: vec![], values: values.to_vec() }
}

/// All values of an output by the reference.
fn values(text: &str, inputs: &[&[f32]], output: usize) -> Vec<f64> {
    let signature = crate::op::resolve(text).unwrap();
    let reference = Chain.reference(&signature, inputs.iter().map(|values| tensor(values)).collect());
    (0..signature.outputs[output].elements()).map(|i| reference.at(output, i).value).collect()
}

#[test]
fn the_reference_broadcasts_along_named_axes() {
    let signature = crate::op::resolve("chain:f32:r2c3:x*w[c]+s[r]-t[c,r]").unwrap();
    let shapes: Vec<_> = signature.inputs.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.clone())).collect();
    assert_eq!(shapes, [("x", vec![2, 3]), ("w", vec![3]), ("s", vec![2]), ("t", vec![3, 2])]);
    let tensor = |values: &[f32]| Tensor { shape: vec![], values: values.to_vec() };
    let inputs = vec![
        tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        tensor(&[10.0, 20.0, 30.0]),
        tensor(&[100.0, 200.0]),
        tensor(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
    ];
    let reference = Chain.reference(&signature, inputs);
    let got: Vec<f64> = (0..6).map(|i| reference.at(0, i).value).collect();
    assert_eq!(got, [110.0, 138.0, 186.0, 239.0, 297.0, 375.0]);
}

#[test]
fn later_outputs_may_use_earlier_ones() {
    let signature = crate::op::resolve("chain:f32:n2:s=x+1;d=s*s").unwrap();
    let reference = Chain.reference(&signature, vec![Tensor { shape: vec![2], values: vec![2.0, 3.0] }]);
    assert_eq!((reference.at(0, 1).value, reference.at(1, 1).value), (4.0, 16.0));
    assert_eq!(signature.work, Work::new(4.0, 24.0));
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    let cases = [
        ("chain:f32:n4", "needs an expression"),
        ("chain:f32:n4:nn", "needs an expression"),
        ("chain:f32:n4:2*3", "no input"),
        ("chain:f32:n4:foo(x)", "unknown function `foo`"),
        ("chain:f32:n4:max(x)", "takes 2 arguments, not 1"),
        ("chain:f32:n4:x[q]", "axis `q`, but the axes are n"),
        ("chain:f32:r2c2:x[r]+x[c]", "different axes"),
        ("chain:f32:r2c2:x[r,r]", "an axis twice"),
        ("chain:f32:n4:y=y+x", "`y` is an output"),
        ("chain:f32:n4:z=y+1;y=z*2;w=y", "`y` is an input already"),
        ("chain:i32:n4:x", "no kernels for types"),
        ("chain:u32:n4:x", "no kernels for types `u32`"),
        ("chain:f32:n0:x", "at least 1"),
        ("chain:f32:n4:sum(x,y)", "`sum` takes 1 arguments, not 2"),
        ("chain:f32:r2c2:x+sum(s[r])", "`sum(s[r])` reduces what is the same all along `c`"),
        ("chain:f32:r2c2:m=mean(x);y=amax(m)", "`amax(m)` reduces what is the same all along `c`"),
        ("chain:f32+relu:n4:x", "unknown element type"),
    ];
    for (text, message) in cases {
        let error = crate::op::resolve(text).expect_err(text).to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn reductions_go_along_the_last_axis() {
    let x = [1.0, 2.0, 6.0, -4.0, 0.0, 1.0];
    let cases: [(&str, &[f64]); 8] = [
        ("chain:f32:r2c3:sum(x)", &[9.0, -3.0]),
        ("chain:f32:r2c3:mean(x)", &[3.0, -1.0]),
        ("chain:f32:r2c3:amax(x)-amin(x)", &[5.0, 5.0]),
        ("chain:f32:r2c3:x-mean(x)", &[-2.0, -1.0, 3.0, -3.0, 1.0, 2.0]),
        ("chain:f32:r2c3:mean((x-mean(x))*(x-mean(x)))*3", &[14.0, 14.0]),
        ("chain:f32:r2c3:x+amax(x*sum(x))", &[55.0, 56.0, 60.0, 8.0, 12.0, 13.0]),
        ("chain:f32:n6:sum(x)", &[6.0]),
        ("chain:f32:a1b2c3:sum(x)", &[9.0, -3.0]),
    ];
    for (text, want) in cases {
        let got = values(text, &[&x], 0);
        let near = got.len() == want.len() && got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12);
        assert!(near, "{text}: {got:?}");
    }
    let later = values("chain:f32:r2c3:h=x+1;m=amax(h);out=h-m", &[&x], 2);
    assert_eq!(later, [-5.0, -4.0, 0.0, -5.0, -1.0, 0.0]);
}

#[test]
fn outputs_of_one_value_per_row_lack_the_last_axis() {
    let signature = crate::op::resolve("chain:f32:b2r4c8:m=mean(x);d=x-m;s=m*2;t=s[r]*3").unwrap_err();
    assert!(signature.to_string().contains("`s` is an output"), "{signature}");
    let signature = crate::op::resolve("chain:f32:b2r4c8:m=mean(x);d=x-m;s=m*2;t=w[r]*3").unwrap();
    let shapes: Vec<_> = signature.outputs.iter().map(|output| output.shape.clone()).collect();
    assert_eq!(shapes, [vec![2, 4], vec![2, 4, 8], vec![2, 4], vec![2, 4, 8]]);
    // A step of a sum, and two products where nothing varies; a difference.
    assert_eq!(signature.work.flops, 64.0 + 64.0 + 3.0 * 8.0);
    assert_eq!(signature.work.bytes, 4.0 * (64.0 + 4.0 + 8.0 + 64.0 + 8.0 + 64.0));
}

/// Where nothing rounds nothing is forgiven, and elsewhere little: not even what one wrong element of many changes.
#[test]
fn reductions_forgive_no_mistake() {
    // The relative error that is allowed at most, in millionths.
    let cases = [
        ("chain:f32:r9c64:sum(x)", DataSet::Integers, 0.0),
        ("chain:f32:r9c64:mean(x)", DataSet::Integers, 0.0),
        ("chain:f32:r9c63:amax(x)-amin(x)", DataSet::Integers, 0.0),
        ("chain:f32:r9c64:x-mean(x)", DataSet::Integers, 0.0),
        ("chain:f32:r9c1000:exp(x-amax(x))/sum(exp(x-amax(x)))", DataSet::Random, 20.0),
        ("chain:f32:r9c1000:exp(x-amax(x))/sum(exp(x-amax(x)))", DataSet::Large, 100.0),
        ("chain:f32:r9c1000:mean((x-mean(x))*(x-mean(x)))", DataSet::Random, 30.0),
        ("chain:f32:r9c1000:(x-mean(x))/sqrt(mean((x-mean(x))*(x-mean(x)))+0.00001)", DataSet::Random, 30.0),
    ];
    for (text, data, millionths) in cases {
        let signature = crate::op::resolve(text).unwrap();
        let fills = inputs(&signature, data, 3).unwrap_or_else(|| panic!("{text}: {data:?} does not suit"));
        let reference = Chain.reference(&signature, materialise(&signature, &fills));
        let values = (0..signature.outputs[0].elements()).map(|i| reference.at(0, i));
        // Where values cancel, what is left is compared with what is usual.
        let values: Vec<_> = values.collect();
        let usual = values.iter().map(|value| value.value.abs()).sum::<f64>() / values.len() as f64;
        let worst = values.iter().map(|value| value.bound / value.value.abs().max(usual)).fold(0.0, f64::max);
        assert!(worst <= millionths * 1e-6, "{text}, {data:?}: {worst}");
    }
}

#[test]
fn axes_that_go_together_are_one() {
    let cases: [(&str, &[(&str, u64)]); 6] = [
        ("chain:f32:r4c17:x+y", &[("r_c", 68)]),
        ("chain:f32:a2b3c5:x*w[c]", &[("a_b", 6), ("c", 5)]),
        ("chain:f32:a2b3c5:x*w[a]", &[("a", 2), ("b_c", 15)]),
        ("chain:f32:a2b3c5:x*w[b]", &[("a", 2), ("b", 3), ("c", 5)]),
        ("chain:f32:a2b3:x+y[b,a]", &[("a", 2), ("b", 3)]),
        ("chain:f32:a2b3c5:x*s[]+y", &[("a_b_c", 30)]),
    ];
    for (text, want) in cases {
        let shape = Shape::of(&text.parse().unwrap()).unwrap().collapsed();
        let axes: Vec<(&str, u64)> = shape.axes.iter().map(|(axis, extent)| (axis.as_str(), *extent)).collect();
        assert_eq!(axes, want, "{text}");
    }
}

/// The largest value may be off by what may be the largest, and by nothing else.
#[test]
fn a_selection_is_as_exact_as_what_may_be_selected() {
    let value = |value, bound| Approx { value, bound };
    let largest = reducer::find("amax").unwrap();
    let cases = [
        (vec![value(1.0, 0.0), value(3.0, 0.0), value(2.0, 0.5)], value(3.0, 0.0)),
        (vec![value(1.0, 9.0), value(3.0, 0.0)], value(3.0, 7.0)),
        (vec![value(-1.0, 0.25), value(-3.0, 1.0)], value(-1.0, 0.25)),
        (vec![value(3.0, 1.0), value(2.5, 0.0)], value(3.0, 1.0)),
        (vec![value(3.0, 1.0), value(2.5, 0.1)], value(3.0, 1.0)),
    ];
    for (values, want) in cases {
        assert_eq!(largest.apply(&values, Numerics::Exact), want, "{values:?}");
    }
    let undefined = largest.apply(&[Approx::UNDEFINED, value(3.0, 0.0)], Numerics::Exact);
    assert!(undefined.admits(1e30), "any value may be the largest: {undefined:?}");
}
