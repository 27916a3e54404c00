//! A network as plain scalar loops, one sample at a time, written from the numerics contract alone.

use replikat::{
    engine::kernels::simd::{BLOCK, tree},
    model::{Conv, DropoutUnit, Layer, Shape, Step, steps},
};

/// Gradients of a chain's weights while a batch is added up.
pub(crate) struct Sums {
    /// Of each weight of a convolution one number per lane, of each other weight one number.
    weights: Vec<[f32; BLOCK]>,
    by_lane: Vec<bool>,
}

impl Sums {
    fn new(layers: &[Layer], shape: Shape) -> Self {
        let counts = parts(layers, shape);
        let by_lane: Vec<bool> = counts
            .iter()
            .flat_map(|(step, weights, biases)| vec![matches!(step.layer, Layer::Conv(_)); weights + biases])
            .collect();
        Self { weights: vec![[0.0; BLOCK]; by_lane.len()], by_lane }
    }

    /// Returns the gradient of every weight.
    pub(crate) fn finish(&self) -> Vec<f32> {
        let sums = self.weights.iter().zip(&self.by_lane);
        sums.map(|(lanes, by_lane)| if *by_lane { tree(lanes) } else { lanes[0] }).collect()
    }
}

/// Returns each layer with its number of weights and of biases.
fn parts(layers: &[Layer], shape: Shape) -> Vec<(Step, usize, usize)> {
    let counts = |step: Step| match &step.parameters()[..] {
        [weights, biases] => (step, weights.count(), biases.count()),
        _ => (step, 0, 0),
    };
    steps("", layers, shape).unwrap().into_iter().map(counts).collect()
}

/// A chain of layers.
pub(crate) struct Plain<'a> {
    pub(crate) layers: &'a [Layer],
    pub(crate) shape: Shape,
}

impl Plain<'_> {
    pub(crate) fn sums(&self) -> Sums {
        Sums::new(self.layers, self.shape)
    }

    pub(crate) fn weight_count(&self) -> usize {
        parts(self.layers, self.shape).iter().map(|(_, weights, biases)| weights + biases).sum()
    }

    /// Returns the input of each layer and the output of the last one; `masks` has one entry per
    /// dropout layer, or none at all in evaluation.
    pub(crate) fn forward(&self, weights: &[f32], masks: Option<&[Vec<f32>]>, x: &[f32]) -> Vec<Vec<f32>> {
        let mut all = vec![x.to_vec()];
        let (mut at, mut dropouts) = (0, 0);
        for (step, w_count, b_count) in parts(self.layers, self.shape) {
            let x = all.last().unwrap();
            let (w, b) = weights[at..at + w_count + b_count].split_at(w_count);
            at += w_count + b_count;
            let y = if let Layer::Dropout(layer) = step.layer {
                dropouts += 1;
                let shape = step.input;
                masks.map_or_else(|| x.clone(), |masks| masked(x, &masks[dropouts - 1], layer.unit, shape))
            } else {
                output(step.layer, step.input, w, b, x)
            };
            all.push(y);
        }
        all
    }

    /// Adds to the gradients what one sample in lane `lane` gives; returns the gradient of its input.
    pub(crate) fn backward(
        &self,
        weights: &[f32],
        masks: &[Vec<f32>],
        activations: &[Vec<f32>],
        dy: &[f32],
        lane: usize,
        sums: &mut Sums,
    ) -> Vec<f32> {
        let mut at = self.weight_count();
        let mut dropouts = masks.len();
        let mut d = dy.to_vec();
        for (i, (step, w_count, b_count)) in parts(self.layers, self.shape).into_iter().enumerate().rev() {
            let shape = step.input;
            at -= w_count + b_count;
            let x = &activations[i];
            let w = &weights[at..at + w_count];
            let (dw, db) = sums.weights[at..at + w_count + b_count].split_at_mut(w_count);
            d = match step.layer {
                Layer::Dropout(layer) => {
                    dropouts -= 1;
                    masked(&d, &masks[dropouts], layer.unit, shape)
                }
                Layer::Tanh(_) => {
                    let derivative = |y: &f32| (-y).mul_add(*y, 1.0);
                    activations[i + 1].iter().zip(&d).map(|(y, d)| d * derivative(y)).collect()
                }
                Layer::Relu(_) => x.iter().zip(&d).map(|(x, d)| if *x > 0.0 { *d } else { 0.0 }).collect(),
                Layer::Flatten(_) => d,
                Layer::MaxPool(pool) => {
                    let mut dx = vec![0.0; x.len()];
                    for (window, d) in windows(shape, pool.size).iter().zip(&d) {
                        dx[winner(window, x)] = *d;
                    }
                    dx
                }
                Layer::Linear(linear) => {
                    let mut dx = vec![0.0_f32; x.len()];
                    for o in 0..linear.units {
                        db[o][0] += d[o];
                        for k in 0..x.len() {
                            dx[k] = w[o * x.len() + k].mul_add(d[o], dx[k]);
                            let sum = &mut dw[o * x.len() + k][0];
                            *sum = d[o].mul_add(x[k], *sum);
                        }
                    }
                    dx
                }
                Layer::Conv(layer) => conv_backward(layer, shape, (w, dw, db), x, &d, lane),
            };
        }
        d
    }
}

fn masked(x: &[f32], mask: &[f32], unit: DropoutUnit, [_, h, w]: Shape) -> Vec<f32> {
    let of = |i: usize| match unit {
        DropoutUnit::Channels => mask[i / (h * w)],
        DropoutUnit::Elements => mask[i],
    };
    x.iter().enumerate().map(|(i, x)| x * of(i)).collect()
}

/// Returns the input positions of each pooling window, in row order.
fn windows([c, h, w]: Shape, size: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for c in 0..c {
        for (oy, ox) in (0..h / size).flat_map(|y| (0..w / size).map(move |x| (y, x))) {
            let inside = (0..size).flat_map(|y| (0..size).map(move |x| (y, x)));
            found.push(inside.map(|(y, x)| (c * h + oy * size + y) * w + ox * size + x).collect());
        }
    }
    found
}

/// Returns the first largest position of a window.
fn winner(window: &[usize], x: &[f32]) -> usize {
    window.iter().copied().reduce(|best, at| if x[at] > x[best] { at } else { best }).unwrap()
}

/// Calls `visit` with the indices of output, input and weight of every tap of output channel, row and
/// column, and inside these of input channel, kernel row and kernel column, all ascending.
fn taps(layer: Conv, [c, h, w]: Shape, mut visit: impl FnMut(usize, usize, usize)) {
    let Conv { channels, kernel, padding } = layer;
    let (oh, ow) = (h + 2 * padding + 1 - kernel, w + 2 * padding + 1 - kernel);
    for out in 0..channels * oh * ow {
        let (o, oy, ox) = (out / (oh * ow), out / ow % oh, out % ow);
        for tap in 0..c * kernel * kernel {
            let (i, kh, kw) = (tap / (kernel * kernel), tap / kernel % kernel, tap % kernel);
            let (iy, ix) = ((oy + kh).wrapping_sub(padding), (ox + kw).wrapping_sub(padding));
            if iy < h && ix < w {
                visit(out, (i * h + iy) * w + ix, o * c * kernel * kernel + tap);
            }
        }
    }
}

fn output(layer: Layer, shape: Shape, w: &[f32], b: &[f32], x: &[f32]) -> Vec<f32> {
    match layer {
        Layer::Conv(conv) => {
            let [channels, oh, ow] = layer.output(shape).unwrap();
            let mut y: Vec<f32> = (0..channels * oh * ow).map(|out| b[out / (oh * ow)]).collect();
            taps(conv, shape, |out, input, weight| y[out] = w[weight].mul_add(x[input], y[out]));
            y
        }
        Layer::Linear(_) => {
            let row = |w: &[f32], b: &f32| w.iter().zip(x).fold(*b, |sum, (w, x)| w.mul_add(*x, sum));
            w.chunks_exact(x.len()).zip(b).map(|(w, b)| row(w, b)).collect()
        }
        Layer::MaxPool(pool) => windows(shape, pool.size).iter().map(|w| x[winner(w, x)]).collect(),
        Layer::Tanh(_) => x.iter().map(|x| libm::tanhf(*x)).collect(),
        Layer::Relu(_) => x.iter().map(|x| if *x < 0.0 { 0.0 } else { *x }).collect(),
        Layer::Flatten(_) | Layer::Dropout(_) => x.to_vec(),
    }
}

/// Adds to the gradients `dw` and `db` of a convolution; returns the gradient of its input.
fn conv_backward(
    layer: Conv,
    shape: Shape,
    (w, dw, db): (&[f32], &mut [[f32; BLOCK]], &mut [[f32; BLOCK]]),
    x: &[f32],
    d: &[f32],
    lane: usize,
) -> Vec<f32> {
    let plane = d.len() / db.len();
    for (out, d) in d.iter().enumerate() {
        db[out / plane][lane] += d;
    }
    let mut uses = vec![Vec::new(); w.len()];
    taps(layer, shape, |out, input, weight| {
        dw[weight][lane] = d[out].mul_add(x[input], dw[weight][lane]);
        uses[weight].push((input, out));
    });
    // At each input: output channel, then kernel row and column, all ascending.
    let mut dx = vec![0.0_f32; x.len()];
    for (w, uses) in w.iter().zip(uses) {
        for (input, out) in uses {
            dx[input] = w.mul_add(d[out], dx[input]);
        }
    }
    dx
}
