//! Every operation on tensors against central differences of a reference in f64.
//!
//! Values lie on a coarse grid, so that sums are exact in f32 and what differs is the gradient.

use candle_core::{Device, Tensor, Var};
use proptest::prelude::*;
use replikat::engine::tensors::ops;

use crate::support::cases;

const LANES: usize = 16;

/// A tensor's shape and its values in f64.
#[derive(Debug, Clone)]
struct Values {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Values {
    /// Deterministic multiples of 1/8 in [-2, 2]; many coincide, so that pooling meets ties.
    fn new(shape: &[usize], salt: u64) -> Self {
        let count: usize = shape.iter().product();
        let mut stream = replikat::random::stream(salt, "test");
        let data = (0..count).map(|_| (f64::from(stream.below(33)) - 16.0) / 8.0).collect();
        Self { shape: shape.to_vec(), data }
    }

    fn var(&self) -> Var {
        let data: Vec<f32> = self.data.iter().map(|v| *v as f32).collect();
        Var::from_vec(data, self.shape.as_slice(), &Device::Cpu).unwrap()
    }
}

/// Compares the gradients of `Σ weight · op(inputs)` with central differences of `reference`.
fn check(
    inputs: &[Values],
    op: impl Fn(&[Tensor]) -> candle_core::Result<Tensor>,
    reference: impl Fn(&[Vec<f64>]) -> Vec<f64>,
    step: f64,
) {
    let vars: Vec<Var> = inputs.iter().map(Values::var).collect();
    let tensors: Vec<Tensor> = vars.iter().map(|v| v.as_tensor().clone()).collect();
    let output = op(&tensors).unwrap();
    let weights = Values::new(output.dims(), 77);
    let loss = (&output * weights.var().as_tensor()).unwrap().sum_all().unwrap();
    let grads = loss.backward().unwrap();
    let total =
        |data: &[Vec<f64>]| -> f64 { reference(data).iter().zip(&weights.data).map(|(y, w)| y * w).sum() };
    let base: Vec<Vec<f64>> = inputs.iter().map(|v| v.data.clone()).collect();
    let values: Vec<f32> = output.flatten_all().unwrap().to_vec1().unwrap();
    for (ours, exact) in values.iter().zip(reference(&base)) {
        assert!(
            (f64::from(*ours) - exact).abs() <= 1e-6 * exact.abs().max(1.0),
            "forward {ours}, reference {exact}"
        );
    }
    for (k, var) in vars.iter().enumerate() {
        let gradient: Vec<f32> = grads.get(var).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        let numeric: Vec<f64> = (0..gradient.len())
            .map(|i| {
                let moved = |by: f64| {
                    let mut data = base.clone();
                    data[k][i] += by;
                    total(&data)
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            })
            .collect();
        let scale = numeric.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        for (i, (ours, exact)) in gradient.iter().zip(&numeric).enumerate() {
            let off = (f64::from(*ours) - exact).abs() / scale;
            assert!(off <= 1e-6, "input {k}, entry {i}: {ours}, central difference {exact}");
        }
    }
}

/// Index of `[a, b, …]` in a row-major array of `shape`.
fn at(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |sum, (size, i)| sum * size + i)
}

fn conv_reference(x: &[f64], w: &[f64], b: &[f64], xs: &[usize], ws: &[usize], padding: usize) -> Vec<f64> {
    let (h, wd, k) = (xs[2], xs[3], ws[3]);
    let (oh, ow) = (h + 2 * padding + 1 - k, wd + 2 * padding + 1 - k);
    let mut y = Vec::new();
    for (r, o) in (0..xs[0]).flat_map(|r| (0..ws[1]).map(move |o| (r, o))) {
        for (oy, ox, n) in (0..oh).flat_map(|a| (0..ow).flat_map(move |b| (0..xs[4]).map(move |n| (a, b, n))))
        {
            let mut sum = b[r * ws[1] + o];
            for (c, kh, kw) in
                (0..xs[1]).flat_map(|c| (0..k).flat_map(move |a| (0..k).map(move |b| (c, a, b))))
            {
                let (iy, ix) = ((oy + kh).wrapping_sub(padding), (ox + kw).wrapping_sub(padding));
                if iy < h && ix < wd {
                    sum += w[at(ws, &[r, o, c, kh, kw])] * x[at(xs, &[r, c, iy, ix, n])];
                }
            }
            y.push(sum);
        }
    }
    y
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn conv(
        c in 1_usize..4, o in 1_usize..6, h in 1_usize..5, w in 1_usize..6,
        kernel in prop::sample::select(vec![1_usize, 3, 5]), padding in 0_usize..3, runs in 1_usize..3, salt: u64,
    ) {
        prop_assume!(h + 2 * padding >= kernel && w + 2 * padding >= kernel);
        let x = Values::new(&[runs, c, h, w, LANES], salt);
        let weight = Values::new(&[runs, o, c, kernel, kernel], salt ^ 1);
        let bias = Values::new(&[runs, o], salt ^ 2);
        let (xs, ws) = (x.shape.clone(), weight.shape.clone());
        check(
            &[x, weight, bias],
            |t| ops::conv(&t[0], &t[1], &t[2], padding),
            |d| conv_reference(&d[0], &d[1], &d[2], &xs, &ws, padding),
            0.5,
        );
    }

    #[test]
    fn linear(inputs in 1_usize..40, outputs in 1_usize..15, blocks in 1_usize..3, runs in 1_usize..3, salt: u64) {
        let n = blocks * LANES;
        let x = Values::new(&[runs, inputs, n], salt);
        let w = Values::new(&[runs, outputs, inputs], salt ^ 1);
        let b = Values::new(&[runs, outputs], salt ^ 2);
        let reference = |d: &[Vec<f64>]| {
            let mut y = Vec::new();
            for (r, o, i) in (0..runs).flat_map(|r| (0..outputs).flat_map(move |o| (0..n).map(move |i| (r, o, i)))) {
                let products = (0..inputs).map(|k| d[1][(r * outputs + o) * inputs + k] * d[0][(r * inputs + k) * n + i]);
                y.push(d[2][r * outputs + o] + products.sum::<f64>());
            }
            y
        };
        check(&[x, w, b], |t| ops::linear(&t[0], &t[1], &t[2]), reference, 0.5);
    }

    #[test]
    fn max_pool_without_ties(c in 1_usize..3, h in 1_usize..7, w in 1_usize..7, size in 1_usize..4, salt: u64) {
        prop_assume!(h >= size && w >= size);
        let shape = [1, c, h, w, LANES];
        let mut x = Values::new(&shape, salt);
        // Distinct values, farther apart than the step of the differences.
        let order = replikat::random::stream(salt, "order").sample(x.data.len() as u32, x.data.len() as u32);
        x.data.iter_mut().zip(order).for_each(|(v, rank)| *v = f64::from(rank) / 4.0);
        let reference = |d: &[Vec<f64>]| {
            let (oh, ow) = (h / size, w / size);
            let mut y = Vec::new();
            for (c, oy, ox, n) in (0..c * oh * ow * LANES).map(|i| (i / LANES / ow / oh, i / LANES / ow % oh, i / LANES % ow, i % LANES)) {
                let taps = (0..size * size).map(|t| d[0][at(&shape, &[0, c, oy * size + t / size, ox * size + t % size, n])]);
                y.push(taps.fold(f64::MIN, f64::max));
            }
            y
        };
        check(&[x], |t| ops::max_pool(&t[0], size), reference, 1e-3);
    }

    #[test]
    fn mask(c in 1_usize..5, h in 1_usize..4, channels: bool, salt: u64) {
        let x = Values::new(&[1, c, h, 2, LANES], salt);
        let m = if channels { Values::new(&[1, c, LANES], salt ^ 9) } else { Values::new(&[1, c, h, 2, LANES], salt ^ 9) };
        let tensor = m.var().as_tensor().detach();
        let plane = if channels { h * 2 } else { 1 };
        let reference = |d: &[Vec<f64>]| {
            let value = |i: usize| m.data[i / (plane * LANES) * LANES + i % LANES];
            d[0].iter().enumerate().map(|(i, x)| x * value(i)).collect()
        };
        check(&[x], |t| ops::mask(&t[0], &tensor), reference, 0.5);
    }

    #[test]
    fn nll(classes in 1_usize..11, salt: u64) {
        let z = Values::new(&[1, classes, LANES], salt);
        let targets: Vec<u8> = (0..LANES).map(|i| (i * 3 % classes) as u8).collect();
        let reference = |d: &[Vec<f64>]| {
            let one = |n: usize| {
                let sum: f64 = (0..classes).map(|k| d[0][k * LANES + n].exp()).sum();
                sum.ln() - d[0][targets[n] as usize * LANES + n]
            };
            (0..LANES).map(one).collect()
        };
        check(&[z], |t| ops::nll(&t[0], targets.clone()), reference, 1e-5);
    }
}

#[test]
fn relu_is_zero_with_zero_gradient_at_and_below_zero() {
    let data = vec![-3.0_f32, -0.0, 0.0, 1e-30, 2.0];
    let x = Var::from_vec(data, (1, 1, 5), &Device::Cpu).unwrap();
    let y = ops::relu(x.as_tensor()).unwrap();
    let values: Vec<f32> = y.flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(values, [0.0, 0.0, 0.0, 1e-30, 2.0]);
    let grads = y.sum_all().unwrap().backward().unwrap();
    let gradient: Vec<f32> = grads.get(&x).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(gradient, [0.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn all_negative_relu_has_no_gradient_at_all() {
    let x = Var::from_vec(vec![-1.0_f32; 2 * LANES], (1, 2, LANES), &Device::Cpu).unwrap();
    let grads = ops::relu(x.as_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
    let gradient: Vec<f32> = grads.get(&x).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(gradient, vec![0.0; 2 * LANES]);
}

#[test]
fn the_first_maximum_of_a_window_gets_the_gradient() {
    // The window [[1, 4], [4, 4]] and a constant one.
    let windows = [[1.0_f32, 4.0, 4.0, 4.0], [2.0; 4]];
    let data = windows.iter().flatten().flat_map(|v| [*v; LANES]).collect();
    let x = Var::from_vec(data, (1, 2, 2, 2, LANES), &Device::Cpu).unwrap();
    let grads = ops::max_pool(x.as_tensor(), 2).unwrap().sum_all().unwrap().backward().unwrap();
    let gradient: Vec<f32> = grads.get(&x).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let first_lane: Vec<f32> = gradient.iter().step_by(LANES).copied().collect();
    assert_eq!(first_lane, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
}
