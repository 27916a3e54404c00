//! How near the CPU path comes to the core's peak of fused multiply-adds.
//!
//! `cargo bench --profile dev --bench engine` (the profile of `cargo run`) measures the peak of one core, then each kernel of the paper's networks, a
//! training step, an evaluation and a whole run, all in one process, and prints the share of the peak that the
//! *necessary* operations make: multiply-adds counted from the architecture, a multiply-add as two, everything
//! else as none. Each number is the median of several repetitions.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(unsafe_code, reason = "the peak is measured with the instructions themselves")]

use std::{
    hint::black_box,
    sync::{Arc, atomic::AtomicBool},
};

use replikat::{
    data::{Dataset, glyphs},
    engine::{
        cpu::{Blocks, Buffer, CpuNetwork},
        kernels::{
            block::{BlockConv, MaskKind, block_forward},
            block_gradient::block_expand,
            conv::ConvShape,
            conv_gradient::{conv_accumulate, conv_input_gradient, reduce},
            dense::{DenseShape, dense_accumulate, dense_forward, dense_input_gradient},
            simd::{BLOCK, Isa},
        },
        program::Program,
    },
    plan::Plan,
    spec::Spec,
    task::pairs::AREA,
    train::{Backend, Cohort, Member, train},
};

/// Returns the seconds that this thread has computed: what others do with the core does not count.
#[cfg(unix)]
fn now() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec`.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Returns the median time of `repeats` calls, in seconds, after one call that is not counted.
fn median(repeats: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..repeats)
        .map(|_| {
            let start = now();
            work();
            now() - start
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[repeats / 2]
}

#[cfg(target_arch = "x86_64")]
mod peak {
    use std::hint::black_box;

    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm512_fmadd_ps, _mm512_set1_ps, _mm512_storeu_ps,
    };

    macro_rules! chains {
        ($name:ident, $feature:literal, $lanes:literal, $set:ident, $fma:ident, $store:ident) => {
            /// Runs `steps` rounds of 12 independent chains; returns something of their sums.
            #[target_feature(enable = $feature)]
            pub(super) fn $name(steps: usize) -> f32 {
                let (a, b) = ($set(black_box(0.999_999)), $set(black_box(1e-6)));
                let mut acc = [$set(0.0); 12];
                for (i, chain) in acc.iter_mut().enumerate() {
                    *chain = $set(black_box(i as f32));
                }
                for _ in 0..steps {
                    for chain in &mut acc {
                        *chain = $fma(*chain, a, b);
                    }
                }
                let mut out = [0.0_f32; 12 * $lanes];
                for (i, chain) in acc.iter().enumerate() {
                    // SAFETY: the array has room for twelve registers.
                    unsafe { $store(out.as_mut_ptr().add($lanes * i), *chain) };
                }
                out.iter().sum()
            }
        };
    }
    chains!(avx512, "avx512f", 16, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_storeu_ps);
    chains!(avx2, "avx2,fma", 8, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps);
}

/// Returns the core's peak of `f32` fused multiply-adds in GFLOP/s, with the widest registers.
fn peak(isa: Isa) -> f64 {
    const STEPS: usize = 2_000_000;
    let (lanes, run): (usize, fn(usize) -> f32) = match isa {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the machine has the instruction set, or `isa` could not be it.
        Isa::Avx512 => (16, |n| unsafe { peak::avx512(n) }),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => (8, |n| unsafe { peak::avx2(n) }),
        _ => (1, |n| {
            let mut acc = [1.0_f32; 12];
            for _ in 0..n {
                for chain in &mut acc {
                    *chain = chain.mul_add(black_box(0.999_999), 1e-6);
                }
            }
            acc.iter().sum()
        }),
    };
    let seconds = median(9, || {
        black_box(run(black_box(STEPS)));
    });
    (2 * 12 * lanes * STEPS) as f64 / seconds / 1e9
}

fn numbers(count: usize) -> Buffer {
    let mut stream = replikat::random::stream(1, "bench");
    let mut numbers = Buffer::zeros(count);
    numbers.fill_with(|| 2.0 * stream.unit_f32() - 1.0);
    numbers
}

/// Prints one line: what, GFLOP/s, share of the peak.
fn line(what: &str, flop: f64, seconds: f64, peak: f64) {
    let rate = flop / seconds / 1e9;
    println!("{what:44} {:>10.2} µs {rate:>7.1} GFLOP/s {:>5.0} %", seconds * 1e6, 100.0 * rate / peak);
}

fn conv_kernels(name: &str, inputs: usize, outputs: usize, side: usize, isa: Isa, peak: f64) {
    let conv =
        ConvShape { inputs, outputs, height: side, width: side, kernel: 3, padding: 0, samples: BLOCK };
    let s = BlockConv { conv, mask: MaskKind::None, pool: true, relu: true };
    let (x, w, b) = (numbers(conv.input_len()), numbers(conv.weight_len()), numbers(outputs));
    let (mut y, mut winners) = (Buffer::zeros(s.output_len()), Buffer::zeros(s.output_len()));
    let (dy, mut d, mut dx) =
        (numbers(s.output_len()), Buffer::zeros(conv.output_len()), Buffer::zeros(conv.input_len()));
    let mut sums = Buffer::zeros((conv.weight_len() + outputs) * BLOCK);
    let flop = (2 * conv.weight_len() * conv.out_height() * conv.out_width() * BLOCK) as f64;
    let times = |mut f: Box<dyn FnMut() + '_>| median(401, || (0..10).for_each(|_| f())) / 10.0;
    let t = times(Box::new(|| block_forward(isa, &s, &x, &w, &b, &[], &mut y, &mut winners)));
    line(&format!("{name} forward, pooling, ReLU"), flop, t, peak);
    let t = times(Box::new(|| block_forward(isa, &s, &x, &w, &b, &[], &mut y, &mut [])));
    line(&format!("{name} the same in evaluation"), flop, t, peak);
    let t = times(Box::new(|| {
        for row in (0..conv.out_height()).step_by(4) {
            let rows = row..(row + 4).min(conv.out_height());
            block_expand(isa, &s, &[], &y, &winners, &dy, rows.clone(), &mut d);
            conv_accumulate(isa, &conv, &x, &d, 0, rows, false, &mut sums);
        }
    }));
    line(&format!("{name} weight gradient with unpooling"), flop, t, peak);
    let t = times(Box::new(|| conv_input_gradient(isa, &conv, &w, &d, &mut dx)));
    line(&format!("{name} input gradient"), flop, t, peak);
    let mut dw = Buffer::zeros(conv.weight_len() + outputs);
    let t = times(Box::new(|| reduce(isa, &sums, &mut dw)));
    println!("{:44} {:>10.2} µs", format!("{name} reduction over lanes"), t * 1e6);
}

fn dense_kernels(name: &str, inputs: usize, outputs: usize, isa: Isa, peak: f64) {
    let s = DenseShape { inputs, outputs, samples: BLOCK };
    let (x, w, b) = (numbers(inputs * BLOCK), numbers(inputs * outputs), numbers(outputs));
    let (dy, mut y, mut dx) =
        (numbers(outputs * BLOCK), Buffer::zeros(outputs * BLOCK), Buffer::zeros(inputs * BLOCK));
    let (mut dw, mut db) = (Buffer::zeros(w.len()), Buffer::zeros(outputs));
    let flop = (2 * w.len() * BLOCK) as f64;
    let times = |mut f: Box<dyn FnMut() + '_>| median(401, || (0..10).for_each(|_| f())) / 10.0;
    let t = times(Box::new(|| dense_forward(isa, &s, &x, &w, &b, &mut y)));
    line(&format!("{name} forward"), flop, t, peak);
    let t = times(Box::new(|| dense_input_gradient(isa, &s, &w, &dy, &mut dx)));
    line(&format!("{name} input gradient"), flop, t, peak);
    let t = times(Box::new(|| dense_accumulate(isa, inputs, &x, &dy, &mut dw, &mut db)));
    line(&format!("{name} weight gradient"), flop, t, peak);
}

/// Times an evaluation, a training step and whole runs of the paper's networks.
fn runs(isa: Isa, peak: f64) {
    let text = include_str!("../experiments/paper.yaml");
    let images = Dataset { train: glyphs::draw("train", 4000), test: glyphs::draw("test", 4000) };
    for batch in [16, 64] {
        let overrides = [format!("train.batch={batch}"), "data.source=glyphs".into()];
        let spec = Spec::parse("paper.yaml", text, &overrides).unwrap();
        let plan = Plan::expand(&spec, glyphs::SOURCE.id());
        for (index, config) in plan.configs.iter().enumerate() {
            let split = Arc::new(config.task.draw(&images, &config.pairs, config.scale, 0).unwrap());
            let name = format!("{}, batch {batch}", config.name);
            let cost = config.architecture.cost();
            let program = Arc::new(Program::plan(&config.architecture, config.train.optimizer, batch));
            let mut network = CpuNetwork::new(&program, 1, isa);
            let set = blocks(1000);
            let seconds = median(51, || drop(black_box(network.evaluate(&set))));
            line(&format!("{name}: evaluation"), 1000.0 * cost.forward as f64, seconds, peak);
            let set = blocks(batch);
            let seconds = median(1001, || drop(black_box(network.step(&set, 1e-3))));
            line(&format!("{name}: training step"), batch as f64 * cost.training as f64, seconds, peak);
            let stop = AtomicBool::new(false);
            let members = [Member::of(config, 1, split)];
            let cohort = Cohort { config, members: &members, backend: Backend::Cpu, stop: &stop };
            let seconds = median(5, || drop(black_box(train(&cohort).unwrap())));
            line(&format!("{name}: whole run"), plan.flop_per_run(index), seconds, peak);
        }
    }
}

/// Returns pairs of noise.
fn blocks(samples: usize) -> Blocks {
    let count = samples.div_ceil(BLOCK);
    let pixels = numbers(count * 2 * AREA * BLOCK);
    Blocks { pixels, targets: vec![0; count * BLOCK], digits: vec![0; 2 * count * BLOCK], samples }
}

fn main() {
    let isa = Isa::current();
    let peak = peak(isa);
    println!("{} peak {peak:.1} GFLOP/s on one core", isa.name());
    conv_kernels("conv 2→10 on 14×14", 2, 10, 14, isa, peak);
    conv_kernels("conv 1→10 on 14×14", 1, 10, 14, isa, peak);
    conv_kernels("conv 10→20 on 6×6", 10, 20, 6, isa, peak);
    dense_kernels("dense 80→50", 80, 50, isa, peak);
    dense_kernels("dense 80→80", 80, 80, isa, peak);
    dense_kernels("dense 50→10", 50, 10, isa, peak);
    runs(isa, peak);
}
