//! The CPU kernels against plain scalar loops written from their contract, bit for bit, on every
//! instruction set of this machine.

use proptest::prelude::*;
use replikat::engine::kernels::{
    block::{BlockConv, MaskKind, block_forward},
    conv::ConvShape,
    conv_gradient::{conv_accumulate, conv_input_gradient, reduce},
    dense::{DenseShape, dense_accumulate, dense_forward, dense_input_gradient},
    exp::exponentials,
    pointwise::{PoolShape, pool_gradient, relu_forward, relu_gradient},
    sgd::{accumulate, descend, descend_nesterov},
    simd::{BLOCK, Isa, tree},
    transpose::separate,
};

use crate::support::cases;

fn instruction_sets() -> impl Iterator<Item = Isa> {
    Isa::NAMES.into_iter().map(|(_, isa)| isa).filter(|isa| isa.available())
}

/// Numbers whose sums round, in [-1, 1).
fn numbers(count: usize, salt: u64) -> Vec<f32> {
    let mut stream = replikat::random::stream(salt, "kernels");
    (0..count).map(|_| 2.0 * stream.unit_f32() - 1.0).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// The taps of a convolution that fall inside the map: `(x index, w index)` per output, in order.
fn taps(s: &ConvShape, o: usize, oy: usize, ox: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (c, kh, kw) in triples(s.inputs, s.kernel, s.kernel) {
        let (iy, ix) = ((oy + kh).wrapping_sub(s.padding), (ox + kw).wrapping_sub(s.padding));
        if iy < s.height && ix < s.width {
            let w = ((o * s.inputs + c) * s.kernel + kh) * s.kernel + kw;
            found.push(((c * s.height + iy) * s.width + ix, w));
        }
    }
    found
}

fn triples(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| (i, j, k))))
}

struct ConvResult {
    y: Vec<f32>,
    dx: Vec<f32>,
    dw: Vec<f32>,
    db: Vec<f32>,
}

/// A convolution with its gradients as the contract says, one scalar at a time.
fn plain_conv(s: &ConvShape, x: &[f32], w: &[f32], b: &[f32], dy: &[f32]) -> ConvResult {
    let n = s.samples;
    let mut y = vec![0.0; s.output_len()];
    let mut dx = vec![0.0; s.input_len()];
    let mut lanes_w = vec![[0.0_f32; BLOCK]; s.weight_len()];
    let mut lanes_b = vec![[0.0_f32; BLOCK]; s.outputs];
    let position = |o, oy, ox| (o * s.out_height() + oy) * s.out_width() + ox;
    for sample in 0..n {
        for (o, oy, ox) in triples(s.outputs, s.out_height(), s.out_width()) {
            let mut sum = b[o];
            for (at, weight) in taps(s, o, oy, ox) {
                sum = w[weight].mul_add(x[at * n + sample], sum);
            }
            y[position(o, oy, ox) * n + sample] = sum;
        }
        // Gathered at each input: output channel, then kernel row and column, all ascending.
        for (o, kh, kw) in triples(s.outputs, s.kernel, s.kernel) {
            for (c, iy, ix) in triples(s.inputs, s.height, s.width) {
                let (oy, ox) = ((iy + s.padding).wrapping_sub(kh), (ix + s.padding).wrapping_sub(kw));
                if oy < s.out_height() && ox < s.out_width() {
                    let at = ((c * s.height + iy) * s.width + ix) * n + sample;
                    let weight = w[((o * s.inputs + c) * s.kernel + kh) * s.kernel + kw];
                    dx[at] = weight.mul_add(dy[position(o, oy, ox) * n + sample], dx[at]);
                }
            }
        }
        for (o, oy, ox) in triples(s.outputs, s.out_height(), s.out_width()) {
            let d = dy[position(o, oy, ox) * n + sample];
            lanes_b[o][sample % BLOCK] += d;
            for (at, weight) in taps(s, o, oy, ox) {
                let lane = &mut lanes_w[weight][sample % BLOCK];
                *lane = d.mul_add(x[at * n + sample], *lane);
            }
        }
    }
    let reduce = |lanes: &[[f32; BLOCK]]| lanes.iter().map(tree).collect();
    ConvResult { y, dx, dw: reduce(&lanes_w), db: reduce(&lanes_b) }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn convolution(
        inputs in 1_usize..14, outputs in 1_usize..14, height in 1_usize..9, width in 1_usize..15,
        kernel in prop::sample::select(vec![1_usize, 2, 3, 5]), padding in 0_usize..3, salt: u64,
    ) {
        prop_assume!(height + 2 * padding >= kernel && width + 2 * padding >= kernel);
        let s = ConvShape { inputs, outputs, height, width, kernel, padding, samples: BLOCK };
        let (x, dy) = (numbers(s.input_len(), salt), numbers(s.output_len(), salt ^ 1));
        let (w, b) = (numbers(s.weight_len(), salt ^ 2), numbers(outputs, salt ^ 3));
        let plain = plain_conv(&s, &x, &w, &b, &dy);
        for isa in instruction_sets() {
            // Stale contents must not matter.
            let mut y = vec![f32::NAN; plain.y.len()];
            let mut dx = vec![f32::NAN; plain.dx.len()];
            let (mut dw, mut db) = (vec![f32::NAN; w.len()], vec![f32::NAN; b.len()]);
            let block = BlockConv { conv: s, mask: MaskKind::None, pool: false, relu: false };
            block_forward(isa, &block, &x, &w, &b, &[], &mut y, &mut []);
            conv_input_gradient(isa, &s, &w, &dy, &mut dx);
            let mut sums = vec![f32::NAN; (w.len() + outputs) * BLOCK];
            for row in 0..s.out_height() {
                conv_accumulate(isa, &s, &x, &dy, 0, row..row + 1, row == 0, &mut sums);
            }
            reduce(isa, &sums[..w.len() * BLOCK], &mut dw);
            reduce(isa, &sums[w.len() * BLOCK..], &mut db);
            prop_assert_eq!(bits(&y), bits(&plain.y), "forward, {:?}", isa);
            prop_assert_eq!(bits(&dx), bits(&plain.dx), "input gradient, {:?}", isa);
            prop_assert_eq!(bits(&dw), bits(&plain.dw), "weight gradient, {:?}", isa);
            prop_assert_eq!(bits(&db), bits(&plain.db), "bias gradient, {:?}", isa);
        }
    }

    #[test]
    fn fully_connected(inputs in 1_usize..100, outputs in 1_usize..60, salt: u64) {
        let s = DenseShape { inputs, outputs, samples: BLOCK };
        let n = s.samples;
        let (x, dy) = (numbers(inputs * n, salt), numbers(outputs * n, salt ^ 1));
        let (w, b) = (numbers(inputs * outputs, salt ^ 2), numbers(outputs, salt ^ 3));
        let mut plain_y = vec![0.0; outputs * n];
        let mut plain_dx = vec![0.0_f32; inputs * n];
        let (mut plain_dw, mut plain_db) = (vec![0.0_f32; w.len()], vec![0.0_f32; outputs]);
        for (o, sample) in (0..outputs).flat_map(|o| (0..n).map(move |i| (o, i))) {
            let d = dy[o * n + sample];
            let mut sum = b[o];
            for k in 0..inputs {
                sum = w[o * inputs + k].mul_add(x[k * n + sample], sum);
                plain_dx[k * n + sample] = w[o * inputs + k].mul_add(d, plain_dx[k * n + sample]);
                plain_dw[o * inputs + k] = d.mul_add(x[k * n + sample], plain_dw[o * inputs + k]);
            }
            plain_y[o * n + sample] = sum;
            plain_db[o] += d;
        }
        for isa in instruction_sets() {
            let (mut y, mut dx) = (vec![f32::NAN; plain_y.len()], vec![f32::NAN; plain_dx.len()]);
            let (mut dw, mut db) = (vec![0.0; w.len()], vec![0.0; b.len()]);
            dense_forward(isa, &s, &x, &w, &b, &mut y);
            dense_input_gradient(isa, &s, &w, &dy, &mut dx);
            let mut by_sample = vec![f32::NAN; x.len()];
            separate(isa, &x, &mut by_sample);
            dense_accumulate(isa, inputs, &by_sample, &dy, &mut dw, &mut db);
            prop_assert_eq!(bits(&y), bits(&plain_y), "forward, {:?}", isa);
            prop_assert_eq!(bits(&dx), bits(&plain_dx), "input gradient, {:?}", isa);
            prop_assert_eq!(bits(&dw), bits(&plain_dw), "weight gradient, {:?}", isa);
            prop_assert_eq!(bits(&db), bits(&plain_db), "bias gradient, {:?}", isa);
        }
    }

    #[test]
    fn descent(count in 1_usize..70, salt: u64) {
        let (g, v, w) = (numbers(count, salt), numbers(count, salt ^ 1), numbers(count, salt ^ 2));
        let plain_v: Vec<f32> = g.iter().zip(&v).map(|(g, v)| 0.3_f32.mul_add(*v, *g)).collect();
        let plain_w: Vec<f32> = plain_v.iter().zip(&w).map(|(v, w)| (-0.1_f32).mul_add(*v, *w)).collect();
        let ahead = |i: usize| (-0.1_f32).mul_add(0.3_f32.mul_add(plain_v[i], g[i]), w[i]);
        let plain_ahead: Vec<f32> = (0..count).map(ahead).collect();
        for isa in instruction_sets() {
            let (mut v, mut w) = (v.clone(), w.clone());
            accumulate(isa, 0.3, &g, &mut v);
            let mut ahead = w.clone();
            descend(isa, 0.1, &v, &mut w);
            prop_assert_eq!(bits(&v), bits(&plain_v));
            prop_assert_eq!(bits(&w), bits(&plain_w));
            descend_nesterov(isa, 0.1, 0.3, &g, &v, &mut ahead);
            prop_assert_eq!(bits(&ahead), bits(&plain_ahead));
        }
    }
}

#[test]
fn the_tree_folds_halves() {
    let mut lanes = [0.0_f32; BLOCK];
    // 1 + 2⁻²⁴ rounds to 1; only a fold of lane 8 onto lane 0 before lane 4 keeps both small ones.
    (lanes[0], lanes[4], lanes[12]) = (1.0, f32::EPSILON / 4.0, f32::EPSILON / 4.0);
    assert_eq!(tree(&lanes), 1.0);
    lanes[12] = f32::EPSILON / 2.0;
    assert_eq!(tree(&lanes), 1.0 + f32::EPSILON);
}

#[test]
fn relu_is_zero_with_zero_gradient_at_and_below_zero_and_keeps_what_is_no_number() {
    let (x, mut y) = ([-3.0_f32, -0.0, 0.0, 1e-30, 2.0, f32::NAN], [7.0; 6]);
    relu_forward(&x, &mut y);
    assert_eq!(y[..5], [0.0, 0.0, 0.0, 1e-30, 2.0]);
    assert!(y[5].is_nan());
    let mut dx = [7.0; 6];
    relu_gradient(&x, &[1.0; 6], &mut dx);
    assert_eq!(dx, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn the_first_maximum_of_a_window_gets_the_gradient() {
    // The window [[1, 4], [4, 4]] and a constant one.
    let s = PoolShape { channels: 2, height: 2, width: 2, size: 2, samples: 1 };
    let (x, mut dx) = ([1.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0, 2.0], [7.0; 8]);
    pool_gradient(&s, &x, &[4.0, 2.0], &[1.0, 1.0], &mut dx);
    assert_eq!(dx, [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn every_exponential_has_the_bits_of_libm() {
    // Every 61st float from −0 to −104 and some beyond, in blocks.
    let last = (-104.0_f32).to_bits();
    let mut bits = (0x8000_0000..last).step_by(61);
    let special = [0.0, -0.0, 1.0, 88.0, 100.0, f32::NEG_INFINITY, f32::INFINITY, f32::NAN, -87.0, -87.1];
    let (mut x, mut y) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    x[..special.len()].copy_from_slice(&special);
    loop {
        exponentials(Isa::best(), &x, &mut y);
        for (x, y) in x.iter().zip(y) {
            assert_eq!(y.to_bits(), libm::expf(*x).to_bits(), "{x}");
        }
        for x in &mut x {
            match bits.next() {
                Some(b) => *x = f32::from_bits(b),
                None => return,
            }
        }
    }
}
