//! Vectors of samples, one per lane, on each instruction set.
//!
//! Lanes never mix inside a kernel, and every operation is an IEEE operation on its own lane, so
//! the width of a register cannot change a bit. Kernels are written once over [`Lanes`]; the
//! `kernel!` macro compiles them for each instruction set and chooses at run time.
#![expect(unsafe_code, reason = "vector registers and their loads have no safe interface")]

use std::sync::OnceLock;

/// Samples per lane block; batches are padded to a multiple of it.
pub const BLOCK: usize = 16;

/// An instruction set for which the kernels are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// No vector registers; works everywhere.
    Scalar,
    /// 128-bit registers of 64-bit Arm.
    Neon,
    /// 256-bit registers with fused multiply-add.
    Avx2,
    /// 512-bit registers.
    Avx512,
}

static CHOSEN: OnceLock<Isa> = OnceLock::new();

impl Isa {
    /// Every instruction set with its name.
    pub const NAMES: [(&'static str, Self); 4] =
        [("scalar", Self::Scalar), ("neon", Self::Neon), ("avx2", Self::Avx2), ("avx512", Self::Avx512)];

    /// Says whether this machine has it.
    #[must_use]
    pub fn available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Self::Avx2.available() && std::is_x86_feature_detected!("avx512f"),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => true,
            _ => false,
        }
    }

    /// Returns the widest one that this machine has.
    #[must_use]
    pub fn best() -> Self {
        let all = [Self::Avx512, Self::Avx2, Self::Neon];
        all.into_iter().find(|isa| isa.available()).unwrap_or(Self::Scalar)
    }

    /// Fixes the instruction set of this process; returns `false` if one was fixed before.
    pub fn choose(self) -> bool {
        CHOSEN.set(self).is_ok()
    }

    /// Returns the instruction set of this process, the best one unless one was chosen.
    #[must_use]
    pub fn current() -> Self {
        *CHOSEN.get_or_init(Self::best)
    }

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, isa)| *isa == self).map_or("scalar", |(name, _)| name)
    }
}

/// A register of samples.
///
/// # Safety
/// Implementors' functions may only run where their instruction set is available; `load` and
/// `store` touch `WIDTH` floats from `p` on.
pub(crate) unsafe trait Lanes: Copy {
    /// The register.
    type V: Copy;
    /// Its number of samples; divides [`BLOCK`].
    const WIDTH: usize;
    /// Output channels whose sums at four positions fit into the registers.
    const CHANNELS: usize;
    unsafe fn load(p: *const f32) -> Self::V;
    unsafe fn store(p: *mut f32, v: Self::V);
    unsafe fn splat(x: f32) -> Self::V;
    /// `a · b + c`, rounded once.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `x` in the lanes where `a > b`, else `y`.
    unsafe fn where_greater(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// `a` in the lanes where `a > b`, else `b`: also where one of them is not a number.
    unsafe fn greater_of(a: Self::V, b: Self::V) -> Self::V;
    /// `x` in the lanes where `a == b`, else `y`.
    unsafe fn where_equal(a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// Writes the trees of 16 blocks of 16 lanes at `from`, one after the other, to `to`.
    #[inline(always)]
    unsafe fn trees(from: *const f32, to: *mut f32) {
        for i in 0..BLOCK {
            unsafe { *to.add(i) = tree(&*from.add(i * BLOCK).cast()) };
        }
    }
    /// Writes the transpose of the 16×16 floats at `rows` to 16 rows at `to`, `step` floats apart.
    #[inline(always)]
    unsafe fn transpose(rows: [*const f32; BLOCK], to: *mut f32, step: usize) {
        for i in 0..BLOCK {
            for j in 0..BLOCK {
                unsafe { *to.add(i * step + j) = *rows[j].add(i) }
            }
        }
    }
}

/// One sample at a time.
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

// SAFETY: plain arithmetic, available everywhere.
unsafe impl Lanes for Scalar {
    type V = f32;
    const WIDTH: usize = 1;
    const CHANNELS: usize = 2;
    #[inline(always)]
    unsafe fn load(p: *const f32) -> f32 {
        unsafe { *p }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: f32) {
        unsafe { *p = v }
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> f32 {
        x
    }
    #[inline(always)]
    unsafe fn fma(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    unsafe fn add(a: f32, b: f32) -> f32 {
        a + b
    }
    #[inline(always)]
    unsafe fn mul(a: f32, b: f32) -> f32 {
        a * b
    }
    #[inline(always)]
    unsafe fn where_greater(a: f32, b: f32, x: f32, y: f32) -> f32 {
        if a > b { x } else { y }
    }
    #[inline(always)]
    unsafe fn greater_of(a: f32, b: f32) -> f32 {
        if a > b { a } else { b }
    }
    #[inline(always)]
    unsafe fn where_equal(a: f32, b: f32, x: f32, y: f32) -> f32 {
        if a == b { x } else { y }
    }
}

/// Implements [`Lanes`] by intrinsics: register, width, channels, then one expression per operation.
macro_rules! lanes {
    (
        $(#[$attr:meta])* $name:ident = $arch:ident::$v:ident, $width:literal, $channels:literal,
        $load:ident, $store:ident, $splat:ident, $add:ident, $mul:ident,
        fma: |$a:ident, $b:ident, $c:ident| $fma:expr, max: |$ma:ident, $mb:ident| $max:expr,
        select: |$m:ident, $x:ident, $y:ident| $select:expr,
        greater: |$ga:ident, $gb:ident| $greater:expr, equal: |$ea:ident, $eb:ident| $equal:expr,
        $($more:item)*
    ) => {
        $(#[$attr])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;

        // SAFETY: the intrinsics are those of the instruction set that the type is named after.
        $(#[$attr])*
        unsafe impl Lanes for $name {
            type V = std::arch::$arch::$v;
            const WIDTH: usize = $width;
            const CHANNELS: usize = $channels;
            #[inline(always)]
            unsafe fn load(p: *const f32) -> Self::V {
                unsafe { std::arch::$arch::$load(p) }
            }
            #[inline(always)]
            unsafe fn store(p: *mut f32, v: Self::V) {
                unsafe { std::arch::$arch::$store(p, v) }
            }
            #[inline(always)]
            unsafe fn splat(x: f32) -> Self::V {
                unsafe { std::arch::$arch::$splat(x) }
            }
            #[inline(always)]
            unsafe fn fma($a: Self::V, $b: Self::V, $c: Self::V) -> Self::V {
                use std::arch::$arch::*;
                unsafe { $fma }
            }
            #[inline(always)]
            unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
                unsafe { std::arch::$arch::$add(a, b) }
            }
            #[inline(always)]
            unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
                unsafe { std::arch::$arch::$mul(a, b) }
            }
            #[inline(always)]
            unsafe fn where_greater($ga: Self::V, $gb: Self::V, $x: Self::V, $y: Self::V) -> Self::V {
                use std::arch::$arch::*;
                unsafe {
                    let $m = $greater;
                    $select
                }
            }
            #[inline(always)]
            unsafe fn greater_of($ma: Self::V, $mb: Self::V) -> Self::V {
                use std::arch::$arch::*;
                unsafe { $max }
            }
            #[inline(always)]
            unsafe fn where_equal($ea: Self::V, $eb: Self::V, $x: Self::V, $y: Self::V) -> Self::V {
                use std::arch::$arch::*;
                unsafe {
                    let $m = $equal;
                    $select
                }
            }
            $($more)*
        }
    };
}

lanes!(
    #[cfg(target_arch = "x86_64")]
    Avx2 = x86_64::__m256, 8, 3,
    _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_ps, _mm256_add_ps, _mm256_mul_ps,
    fma: |a, b, c| _mm256_fmadd_ps(a, b, c), max: |a, b| _mm256_max_ps(a, b),
    select: |m, x, y| _mm256_blendv_ps(y, x, m),
    greater: |a, b| _mm256_cmp_ps::<_CMP_GT_OQ>(a, b), equal: |a, b| _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b),
);
lanes!(
    #[cfg(target_arch = "x86_64")]
    Avx512 = x86_64::__m512, 16, 6,
    _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_ps, _mm512_add_ps, _mm512_mul_ps,
    fma: |a, b, c| _mm512_fmadd_ps(a, b, c), max: |a, b| _mm512_max_ps(a, b),
    select: |m, x, y| _mm512_mask_blend_ps(m, y, x),
    greater: |a, b| _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b), equal: |a, b| _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b),
    /// Each step folds the halves of two registers onto each other and packs the results into one.
    #[inline(always)]
    unsafe fn trees(from: *const f32, to: *mut f32) {
        use std::arch::x86_64::{
            _mm512_add_ps, _mm512_loadu_ps, _mm512_permutexvar_ps, _mm512_setr_epi32, _mm512_setzero_ps,
            _mm512_shuffle_f32x4, _mm512_shuffle_ps, _mm512_storeu_ps,
        };
        unsafe {
            let mut a = [_mm512_setzero_ps(); 8];
            for i in 0..8 {
                let (x, y) = (_mm512_loadu_ps(from.add(i * 16)), _mm512_loadu_ps(from.add((i + 8) * 16)));
                a[i] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(x, y), _mm512_shuffle_f32x4::<0xee>(x, y));
            }
            for i in 0..4 {
                let (x, y) = (a[i], a[i + 4]);
                a[i] = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(x, y), _mm512_shuffle_f32x4::<0xdd>(x, y));
            }
            for i in 0..2 {
                let (x, y) = (a[i], a[i + 2]);
                a[i] = _mm512_add_ps(_mm512_shuffle_ps::<0x44>(x, y), _mm512_shuffle_ps::<0xee>(x, y));
            }
            let (x, y) = (a[0], a[1]);
            let packed = _mm512_add_ps(_mm512_shuffle_ps::<0x88>(x, y), _mm512_shuffle_ps::<0xdd>(x, y));
            // Where each sum ended up: quarters hold blocks 0, 8, 4 and 12 on, each in the order 0, 2, 1, 3.
            let order = _mm512_setr_epi32(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15);
            _mm512_storeu_ps(to, _mm512_permutexvar_ps(order, packed));
        }
    }
    /// Pairs, then quarters, then halves of the registers change places.
    #[inline(always)]
    unsafe fn transpose(rows: [*const f32; BLOCK], to: *mut f32, step: usize) {
        use std::arch::x86_64::{
            _mm512_castpd_ps, _mm512_castps_pd, _mm512_loadu_ps, _mm512_setzero_ps, _mm512_shuffle_f32x4,
            _mm512_storeu_ps, _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
        };
        unsafe {
            let mut a = [_mm512_setzero_ps(); BLOCK];
            let mut b = a;
            for i in 0..BLOCK {
                a[i] = _mm512_loadu_ps(rows[i]);
            }
            for i in 0..8 {
                b[2 * i] = _mm512_unpacklo_ps(a[2 * i], a[2 * i + 1]);
                b[2 * i + 1] = _mm512_unpackhi_ps(a[2 * i], a[2 * i + 1]);
            }
            for i in 0..4 {
                for j in 0..2 {
                    let (x, y) = (_mm512_castps_pd(b[4 * i + j]), _mm512_castps_pd(b[4 * i + j + 2]));
                    a[4 * i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(x, y));
                    a[4 * i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x, y));
                }
            }
            for i in 0..4 {
                let low = [_mm512_shuffle_f32x4::<0x88>(a[i], a[i + 4]), _mm512_shuffle_f32x4::<0xdd>(a[i], a[i + 4])];
                let high =
                    [_mm512_shuffle_f32x4::<0x88>(a[i + 8], a[i + 12]), _mm512_shuffle_f32x4::<0xdd>(a[i + 8], a[i + 12])];
                for j in 0..2 {
                    _mm512_storeu_ps(to.add((i + 4 * j) * step), _mm512_shuffle_f32x4::<0x88>(low[j], high[j]));
                    _mm512_storeu_ps(to.add((i + 4 * j + 8) * step), _mm512_shuffle_f32x4::<0xdd>(low[j], high[j]));
                }
            }
        }
    }
);
lanes!(
    #[cfg(target_arch = "aarch64")]
    Neon = aarch64::float32x4_t, 4, 5,
    vld1q_f32, vst1q_f32, vdupq_n_f32, vaddq_f32, vmulq_f32,
    fma: |a, b, c| vfmaq_f32(c, a, b), max: |a, b| vbslq_f32(vcgtq_f32(a, b), a, b),
    select: |m, x, y| vbslq_f32(m, x, y),
    greater: |a, b| vcgtq_f32(a, b), equal: |a, b| vceqq_f32(a, b),
);

/// Defines a safe function that runs `$body::<L>` on the instruction set `isa`.
///
/// `$body` must be `#[inline(always)]`, and the arguments must satisfy what it asks for; the
/// caller of the macro checks them in `$check` before any pointer is made.
macro_rules! kernel {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $check:block => $body:ident) => {
        $(#[$doc])*
        ///
        /// # Panics
        /// If the lengths do not fit the sizes, or this machine does not have the instruction set.
        $vis fn $name(isa: $crate::simd::Isa, $($arg: $ty),*) {
            use $crate::simd::{self, Isa};
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma")]
            unsafe fn avx512($($arg: $ty),*) {
                unsafe { $body::<simd::Avx512>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2($($arg: $ty),*) {
                unsafe { $body::<simd::Avx2>($($arg),*) }
            }
            assert!(isa.available(), "this machine has no {}", isa.name());
            $check
            // SAFETY: the instruction set is available, and the block above checked the arguments.
            unsafe {
                match isa {
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => avx512($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => avx2($($arg),*),
                    #[cfg(target_arch = "aarch64")]
                    Isa::Neon => $body::<simd::Neon>($($arg),*),
                    _ => $body::<simd::Scalar>($($arg),*),
                }
            }
        }
    };
}
pub(crate) use kernel;

/// Adds the 16 lanes of a block: halves are folded onto each other, 8, 4, 2, 1.
#[must_use]
pub fn tree(lanes: &[f32; BLOCK]) -> f32 {
    let mut v = *lanes;
    let mut half = BLOCK / 2;
    while half > 0 {
        for i in 0..half {
            v[i] += v[i + half];
        }
        half /= 2;
    }
    v[0]
}
