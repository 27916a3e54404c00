//! Kernels without sums across positions: `ReLU`, pooling, masks, softmax and loss.
//!
//! Activations are `[C][H][W][N]`, samples last. Plain loops; the compiler vectorises them, which
//! cannot change a bit since each element is computed on its own.

use super::{
    exp::exponentials,
    simd::{BLOCK, Isa},
};

/// Writes `max(x, 0)`; NaN stays NaN.
///
/// # Panics
/// If the lengths differ.
pub fn relu_forward(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (y, x) in y.iter_mut().zip(x) {
        *y = if *x < 0.0 { 0.0 } else { *x };
    }
}

/// Writes `dy` where `x > 0`, else 0 (`PyTorch`'s `ReLU`'(0) = 0).
///
/// # Panics
/// If the lengths differ.
pub fn relu_gradient(x: &[f32], dy: &[f32], dx: &mut [f32]) {
    assert_eq!((x.len(), dy.len()), (dx.len(), dx.len()));
    for ((dx, x), dy) in dx.iter_mut().zip(x).zip(dy) {
        *dx = if *x > 0.0 { *dy } else { 0.0 };
    }
}

/// Replaces each value by `max(y, 0)`; NaN stays NaN.
pub fn relu_in_place(y: &mut [f32]) {
    for y in y {
        *y = if *y < 0.0 { 0.0 } else { *y };
    }
}

/// Keeps `dy` where the output `y > 0`, else 0.
///
/// # Panics
/// If the lengths differ.
pub fn relu_gradient_in_place(y: &[f32], dy: &mut [f32]) {
    assert_eq!(y.len(), dy.len());
    for (dy, y) in dy.iter_mut().zip(y) {
        *dy = if *y > 0.0 { *dy } else { 0.0 };
    }
}

/// Adds `x` to `y`.
///
/// # Panics
/// If the lengths differ.
pub fn add(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (y, x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// Replaces each value by 0.
pub fn clear(y: &mut [f32]) {
    y.fill(0.0);
}

/// Sizes of a max-pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolShape {
    /// Channels.
    pub channels: usize,
    /// Input height.
    pub height: usize,
    /// Input width.
    pub width: usize,
    /// Side of a window, and the stride.
    pub size: usize,
    /// Samples, padded to a multiple of 16.
    pub samples: usize,
}

impl PoolShape {
    fn check(&self, x: &[f32], y: &[f32]) {
        let plane = (self.height / self.size) * (self.width / self.size);
        let lens =
            [self.height * self.width, plane].map(|positions| self.channels * positions * self.samples);
        assert_eq!([x.len(), y.len()], lens, "{self:?}");
    }

    /// Calls `visit` with the output position and the input positions of each window, in order.
    fn windows(&self, mut visit: impl FnMut(usize, &mut dyn Iterator<Item = usize>)) {
        let (oh, ow) = (self.height / self.size, self.width / self.size);
        for out in 0..self.channels * oh * ow {
            let (c, oy, ox) = (out / (oh * ow), out / ow % oh, out % ow);
            let corner = (c * self.height + oy * self.size) * self.width + ox * self.size;
            let mut taps =
                (0..self.size * self.size).map(|t| corner + t / self.size * self.width + t % self.size);
            visit(out, &mut taps);
        }
    }
}

/// Writes the maximum of each window; the first maximum in row order wins.
///
/// # Shapes
/// `x[C][H][W][N]`, `y[C][H / size][W / size][N]`.
///
/// # Panics
/// If the lengths do not fit the sizes.
pub fn pool_forward(s: &PoolShape, x: &[f32], y: &mut [f32]) {
    s.check(x, y);
    let n = s.samples;
    s.windows(|out, taps| {
        let y = &mut y[out * n..(out + 1) * n];
        let Some(first) = taps.next() else { return };
        y.copy_from_slice(&x[first * n..(first + 1) * n]);
        for at in taps {
            for (y, x) in y.iter_mut().zip(&x[at * n..(at + 1) * n]) {
                *y = if *x > *y { *x } else { *y };
            }
        }
    });
}

/// Gives each window's gradient to its first maximum; everything else gets 0.
///
/// # Shapes
/// `x` and `dx` as the input, `y` and `dy` as the output of [`pool_forward`].
///
/// # Panics
/// If the lengths do not fit the sizes.
pub fn pool_gradient(s: &PoolShape, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    s.check(x, y);
    s.check(dx, dy);
    let n = s.samples;
    dx.fill(0.0);
    let mut open = vec![true; n];
    s.windows(|out, taps| {
        let (y, dy) = (&y[out * n..(out + 1) * n], &dy[out * n..(out + 1) * n]);
        open.fill(true);
        for at in taps {
            let (x, dx) = (&x[at * n..(at + 1) * n], &mut dx[at * n..(at + 1) * n]);
            for i in 0..n {
                let wins = open[i] && (x[i] == y[i]);
                dx[i] = if wins { dy[i] } else { 0.0 };
                open[i] &= !wins;
            }
        }
    });
}

/// Writes `x · mask`; the mask has one value per channel and sample if `positions` is more than 1.
///
/// # Shapes
/// `x` and `y`: `[C][positions][samples]`; `mask[C][samples]`.
///
/// # Panics
/// If the lengths do not fit these.
pub fn mask_forward(x: &[f32], mask: &[f32], positions: usize, samples: usize, y: &mut [f32]) {
    assert!(mask.len().is_multiple_of(samples));
    assert_eq!((x.len(), y.len()), (mask.len() * positions, mask.len() * positions));
    let channels = mask.chunks_exact(samples);
    let planes = x.chunks_exact(positions * samples).zip(y.chunks_exact_mut(positions * samples));
    for (mask, (x, y)) in channels.zip(planes) {
        for (x, y) in x.chunks_exact(samples).zip(y.chunks_exact_mut(samples)) {
            for ((y, x), m) in y.iter_mut().zip(x).zip(mask) {
                *y = x * m;
            }
        }
    }
}

/// Writes `ln Σ exp(z) − z[target]` of each sample; `z[K][N]`, the sum in class order.
///
/// With `m` the first maximum, `exp(z − m)` and `ln` have the bits of the pinned `libm`.
///
/// # Panics
/// If the lengths do not fit, or a target is no class.
pub fn nll_forward(isa: Isa, z: &[f32], targets: &[u8], losses: &mut [f32]) {
    let n = losses.len();
    assert!(targets.len() == n && z.len().is_multiple_of(n));
    let (m, _, sums) = exponentials_and_sums(isa, z, n);
    for i in 0..n {
        losses[i] = (m[i] + libm::logf(sums[i])) - z[targets[i] as usize * n + i];
    }
}

/// Writes `(softmax(z) − onehot(target)) · weight`, with one weight per sample.
///
/// # Shapes
/// `z[K][N]` and `dz[K][N]` for `N` targets and weights.
///
/// # Panics
/// If the lengths do not fit.
pub fn nll_gradient(isa: Isa, z: &[f32], targets: &[u8], weights: &[f32], dz: &mut [f32]) {
    let n = weights.len();
    assert!(targets.len() == n && z.len().is_multiple_of(n) && z.len() == dz.len());
    let (_, exponentials, sums) = exponentials_and_sums(isa, z, n);
    for (k, (e, dz)) in exponentials.chunks_exact(n).zip(dz.chunks_exact_mut(n)).enumerate() {
        for i in 0..n {
            let hit = if k == targets[i] as usize { 1.0 } else { 0.0 };
            dz[i] = (e[i] / sums[i] - hit) * weights[i];
        }
    }
}

/// Returns the first maximum of each of `n` samples, `exp(z − maximum)`, and their sums in class order.
fn exponentials_and_sums(isa: Isa, z: &[f32], n: usize) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let mut m = z[..n].to_vec();
    for row in z.chunks_exact(n) {
        m.iter_mut().zip(row).for_each(|(m, v)| *m = if *v > *m { *v } else { *m });
    }
    let mut shifted = z.to_vec();
    for row in shifted.chunks_exact_mut(n) {
        row.iter_mut().zip(&m).for_each(|(v, m)| *v -= m);
    }
    let mut e = vec![0.0; z.len()];
    exponentials(isa, &shifted, &mut e);
    let mut sums = vec![0.0; n];
    for row in e.chunks_exact(n) {
        sums.iter_mut().zip(row).for_each(|(sum, e)| *sum += e);
    }
    (m, e, sums)
}

/// Returns the class with the largest score of sample `i`; the first one wins a tie.
#[must_use]
pub fn argmax(z: &[f32], n: usize, i: usize) -> usize {
    let mut best = 0;
    for k in 1..z.len() / n {
        if z[k * n + i] > z[best * n + i] {
            best = k;
        }
    }
    best
}

/// Returns the number of samples padded to whole blocks.
#[must_use]
pub fn padded(samples: usize) -> usize {
    samples.next_multiple_of(BLOCK)
}
