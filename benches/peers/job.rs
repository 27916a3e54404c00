//! What the Rust peers share: the arguments, the pairs of digits and the clock.

use std::{
    io::Read as _,
    path::Path,
    time::{Duration, Instant},
};

/// The arguments.
pub struct Options {
    pub network: String,
    pub batch: usize,
    pub epochs: usize,
    runs: usize,
    /// Seconds after which no further run starts.
    limit: f64,
    /// After the warm-up, wait for a line on standard input.
    wait: bool,
}

impl Options {
    pub fn parse() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let value = |name: &str, default: &str| {
            let at = arguments.iter().position(|a| a == name);
            at.map_or(default, |at| arguments.get(at + 1).map_or("", |v| v)).to_owned()
        };
        let number = |name: &str, default: &str| value(name, default).parse().expect("a whole number");
        Self {
            network: value("--network", "net1"),
            batch: number("--batch", "16"),
            epochs: number("--epochs", "25"),
            runs: number("--runs", "5"),
            limit: value("--limit", "600").parse().expect("a number of seconds"),
            wait: arguments.iter().any(|a| a == "--wait"),
        }
    }
}

/// Random numbers of splitmix64.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns the numbers below `count` in random order.
    pub fn permutation(&mut self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count as u32).collect();
        for last in (1..count).rev() {
            order.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
        order
    }
}

/// Pairs of digits.
pub struct Pairs {
    /// `[count, 2, 14, 14]`, from 0 to 255.
    pub pixels: Vec<f32>,
    /// `[count]`: is the first less than or equal to the second?
    pub targets: Vec<u32>,
    /// `[count, 2]`
    pub digits: Vec<u32>,
}

/// Returns the bytes of an IDX file after its header.
fn idx(name: &str) -> Vec<u8> {
    let folder =
        std::env::var("REPLIKAT_DATA_DIR").expect("REPLIKAT_DATA_DIR is the folder of MNIST's files");
    let file = std::fs::File::open(Path::new(&folder).join(name)).expect(name);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect(name);
    let header = 4 + 4 * usize::from(bytes[3]);
    bytes.split_off(header)
}

/// Draws `count` pairs of `train` or `t10k`.
pub fn pairs(split: &str, count: usize) -> Pairs {
    let images = idx(&format!("{split}-images-idx3-ubyte.gz"));
    let labels = idx(&format!("{split}-labels-idx1-ubyte.gz"));
    let chosen = &Random(0).permutation(labels.len())[..2 * count];
    let mut pixels = Vec::with_capacity(chosen.len() * 14 * 14);
    for image in chosen {
        let image = &images[*image as usize * 28 * 28..][..28 * 28];
        for at in (0..14).flat_map(|row| (0..14).map(move |column| 56 * row + 2 * column)) {
            let four = [image[at], image[at + 1], image[at + 28], image[at + 29]];
            pixels.push(four.iter().map(|byte| f32::from(*byte)).sum::<f32>() / 4.0);
        }
    }
    let digits: Vec<u32> = chosen.iter().map(|image| u32::from(labels[*image as usize])).collect();
    let targets = digits.chunks(2).map(|pair| u32::from(pair[0] <= pair[1])).collect();
    Pairs { pixels, targets, digits }
}

/// Warms up, times whole runs and prints one line of JSON; `run(epochs)` returns the test accuracy.
pub fn measure(library: &str, options: &Options, mut run: impl FnMut(usize) -> f64) {
    run(1);
    if options.wait {
        println!("ready");
        std::io::stdin().read_line(&mut String::new()).expect("a line");
    }
    let (mut seconds, mut accuracies) = (Vec::new(), Vec::new());
    let mut total = Duration::ZERO;
    while seconds.len() < options.runs && (seconds.is_empty() || total.as_secs_f64() < options.limit) {
        let start = Instant::now();
        accuracies.push(run(options.epochs));
        let elapsed = start.elapsed();
        total += elapsed;
        seconds.push(elapsed.as_secs_f64());
    }
    println!(r#"{{"library": "{library}", "seconds": {seconds:?}, "accuracies": {accuracies:?}}}"#);
}
