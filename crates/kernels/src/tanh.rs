//! The hyperbolic tangent, with the bits of the pinned `libm` crate.

/// Writes `tanh(x)`.
///
/// # Panics
/// If the lengths differ.
pub fn tanh_forward(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (y, x) in y.iter_mut().zip(x) {
        *y = libm::tanhf(*x);
    }
}

/// Writes `dy · (1 − y²)` for the output `y`; the square is fused with its sum.
///
/// # Panics
/// If the lengths differ.
pub fn tanh_gradient(y: &[f32], dy: &[f32], dx: &mut [f32]) {
    assert_eq!((y.len(), dy.len()), (dx.len(), dx.len()));
    for ((dx, y), dy) in dx.iter_mut().zip(y).zip(dy) {
        *dx = dy * (-y).mul_add(*y, 1.0);
    }
}
