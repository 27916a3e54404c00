//! Samples that are pairs of images: which images, what the network sees, what it should say.

use crate::{
    data::{Dataset, Images, STORED_SIDE},
    error::{Error, Result},
    random::{Stream, stream},
    testing::seeded_bugs::{self, Bug},
    yaml::words::words,
};

/// Side of an image after the 2×2 mean, in pixels.
pub const SIDE: usize = 14;

/// Pixels of an image after the 2×2 mean.
pub const AREA: usize = SIDE * SIDE;

/// Number of classes of the auxiliary head.
pub const DIGITS: usize = 10;

/// Number of classes of the comparison: what the task asks is so, or not.
pub const CLASSES: usize = 2;

/// Says of the labels of a pair whether what a task asks is so.
pub type Target = fn([u8; 2]) -> bool;

/// How many pairs are drawn, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs {
    /// Whether the rounds share their pairs.
    pub draw: Draw,
    /// Which draw it is, from 0; each has streams of its own.
    pub index: usize,
    /// Number of test pairs.
    pub test: usize,
    /// Number of training pairs.
    pub train: usize,
}

words! {
    /// Whether the rounds share their pairs.
    Draw {
        /// Drawn once; the same for every seed.
        Fixed = "fixed",
        /// Each seed draws its own.
        PerRound = "per-round",
    }
}

words! {
    /// The scale of a pixel after the 2×2 mean.
    Scale {
        /// 0 to 255.
        Raw = "raw",
        /// 0 to 1.
        Unit = "unit",
        /// Mean 0 and standard deviation 1 over the training pairs.
        Standard = "standard",
    }
}

/// Pairs of images with their targets, in the order in which they were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSet {
    /// `[pair][image][row][column]`, 14×14 pixels each.
    pub pixels: Vec<f32>,
    /// 1 where what the task asks is so, else 0.
    pub targets: Vec<u8>,
    /// The two digits of each pair.
    pub digits: Vec<[u8; 2]>,
}

/// The training and the test pairs of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Training pairs.
    pub train: PairSet,
    /// Test pairs.
    pub test: PairSet,
}

impl PairSet {
    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Says whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Returns the pixels of both images of a pair.
    #[must_use]
    pub fn pair(&self, pair: usize) -> &[f32] {
        &self.pixels[2 * pair * AREA..2 * (pair + 1) * AREA]
    }

    /// Returns the pixels of one image of a pair.
    #[must_use]
    pub fn image(&self, pair: usize, image: usize) -> &[f32] {
        let at = (2 * pair + image) * AREA;
        &self.pixels[at..at + AREA]
    }
}

/// Returns the seed of the streams that draw pairs.
#[must_use]
pub fn data_seed(pairs: &Pairs, seed: u64) -> u64 {
    match pairs.draw {
        Draw::Fixed => 0,
        Draw::PerRound => seed,
    }
}

/// Returns how many training and test images so many pairs take.
#[must_use]
pub fn images(pairs: &Pairs) -> [usize; 2] {
    [2 * pairs.train, 2 * pairs.test]
}

/// Checks that a data set has as many images as the pairs take.
///
/// # Errors
/// Returns an error that says how many it has and how many it takes.
pub fn check(dataset: &Dataset, pairs: &Pairs) -> Result<()> {
    let [train, test] = images(pairs);
    for (name, found, taken) in [("train", dataset.train.len(), train), ("test", dataset.test.len(), test)] {
        if found < taken {
            return Err(Error::Usage {
                message: format!("{} {name} pairs take {taken} images, the data set has {found}", taken / 2),
                hint: format!("make `data.pairs.{name}` at most {}", found / 2),
            });
        }
    }
    Ok(())
}

/// Draws the pairs of a run: training pairs of training images, test pairs of test images.
///
/// `2N` images are taken by one random permutation of the set, from the streams `data/train` and `data/test`, or
/// `data/train/d` and `data/test/d` for the draw of index `d` above 0; pair `i` is images `2i` and `2i + 1`.
///
/// # Errors
/// Returns what [`check`] does.
pub(super) fn draw(
    dataset: &Dataset,
    pairs: &Pairs,
    scale: Scale,
    data_seed: u64,
    target: Target,
) -> Result<Split> {
    check(dataset, pairs)?;
    let Dataset { train, test } = dataset;
    let named = |name: &str| {
        let name = if pairs.index == 0 { name.to_owned() } else { format!("{name}/{}", pairs.index) };
        stream(data_seed, &name)
    };
    let mut split = Split {
        train: draw_set(train, pairs.train, target, named("data/train")),
        test: draw_set(test, pairs.test, target, named("data/test")),
    };
    if seeded_bugs::on(Bug::TestInTraining) {
        split.train = draw_set(test, pairs.train, target, named("data/test"));
    }
    if seeded_bugs::on(Bug::LabelsShifted) {
        split.train.targets.rotate_right(1);
        split.train.digits.rotate_right(1);
    }
    let (shift, divisor) = match scale {
        Scale::Raw => return Ok(split),
        Scale::Unit => (0.0, 255.0),
        Scale::Standard => moments(&split.train.pixels),
    };
    for pixel in split.train.pixels.iter_mut().chain(&mut split.test.pixels) {
        *pixel = ((f64::from(*pixel) - shift) / divisor) as f32;
    }
    Ok(split)
}

fn draw_set(images: &Images, count: usize, target: Target, random: Stream) -> PairSet {
    let chosen = random.sample(images.len() as u32, 2 * count as u32);
    let mut set = PairSet {
        pixels: Vec::with_capacity(2 * count * AREA),
        targets: Vec::with_capacity(count),
        digits: Vec::with_capacity(count),
    };
    for pair in chosen.chunks_exact(2) {
        let [first, second] = [pair[0] as usize, pair[1] as usize];
        shrink(images.image(first), &mut set.pixels);
        shrink(images.image(second), &mut set.pixels);
        let digits = [images.labels[first], images.labels[second]];
        set.targets.push(u8::from(target(digits)));
        set.digits.push(digits);
    }
    set
}

/// Appends the 14×14 image whose pixels are the means of 2×2 pixels; exact in `f32`.
fn shrink(image: &[u8], out: &mut Vec<f32>) {
    for y in 0..SIDE {
        for x in 0..SIDE {
            let at = 2 * y * STORED_SIDE + 2 * x;
            let four = [image[at], image[at + 1], image[at + STORED_SIDE], image[at + STORED_SIDE + 1]];
            let sum: u16 = four.iter().map(|p| u16::from(*p)).sum();
            out.push(f32::from(sum) * 0.25);
        }
    }
}

/// Returns mean and sample standard deviation in `f64`; the deviation is 1 for constant pixels.
fn moments(pixels: &[f32]) -> (f64, f64) {
    let values: Vec<f64> = pixels.iter().map(|p| f64::from(*p)).collect();
    let mut std = crate::stats::std(&values);
    if seeded_bugs::on(Bug::StdOfPopulation) {
        std *= ((values.len() - 1) as f64 / values.len() as f64).sqrt();
    }
    (crate::stats::mean(&values), if std > 0.0 { std } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::glyphs;

    fn less([a, b]: [u8; 2]) -> bool {
        a < b
    }

    fn images(split: &str, count: usize) -> Dataset {
        let images = glyphs::draw(split, count);
        Dataset { train: images.clone(), test: images }
    }

    #[test]
    fn a_pixel_is_the_mean_of_four_and_a_target_is_what_the_task_asks() {
        let images = images("test", 40);
        let pairs = Pairs { train: 10, test: 20, draw: Draw::PerRound, index: 0 };
        let split = draw(&images, &pairs, Scale::Raw, 3, less).unwrap();
        assert_eq!((split.train.len(), split.test.len()), (10, 20));
        for i in 0..20 {
            let [a, b] = split.test.digits[i];
            assert_eq!(split.test.targets[i] == 1, a < b);
        }
        let first = stream(3, "data/test").sample(40, 40)[0] as usize;
        let image = images.test.image(first);
        let sum: f32 =
            [8 * 28 + 12, 8 * 28 + 13, 9 * 28 + 12, 9 * 28 + 13].iter().map(|i| f32::from(image[*i])).sum();
        assert_eq!(split.test.image(0, 0)[4 * SIDE + 6], sum / 4.0);
    }

    #[test]
    fn a_data_set_that_is_too_small_is_an_error_that_says_how_many_pairs_it_has() {
        let pairs = Pairs { train: 4, test: 4, draw: Draw::Fixed, index: 0 };
        let mut images = images("test", 8);
        assert!(draw(&images, &pairs, Scale::Raw, 0, less).is_ok());
        images.test = glyphs::draw("test", 7);
        let error = draw(&images, &pairs, Scale::Raw, 0, less).unwrap_err();
        assert_eq!(error.to_string(), "4 test pairs take 8 images, the data set has 7");
        assert_eq!(error.hint().as_deref(), Some("make `data.pairs.test` at most 3"));
    }

    #[test]
    fn each_draw_has_other_pairs_and_the_first_has_the_streams_without_an_index() {
        let images = images("train", 400);
        let of = |index, seed| {
            let pairs = Pairs { train: 50, test: 50, draw: Draw::Fixed, index };
            draw(&images, &pairs, Scale::Raw, seed, less).unwrap()
        };
        let pixels = |i: u32| glyphs::draw("train", 400).image(i as usize).to_vec();
        let first = stream(0, "data/train").sample(400, 100)[0];
        let mut shrunk = Vec::new();
        shrink(&pixels(first), &mut shrunk);
        assert_eq!(of(0, 0).train.image(0, 0), shrunk);
        let draws = [of(0, 0), of(1, 0), of(2, 0), of(0, 1), of(1, 1)];
        for (i, a) in draws.iter().enumerate() {
            for b in &draws[i + 1..] {
                assert_ne!((&a.train.digits, &a.test.digits), (&b.train.digits, &b.test.digits));
                assert_ne!(a.train, b.train);
                assert_ne!(a.test, b.test);
            }
        }
    }

    #[test]
    fn scales_have_their_moments() {
        let images = images("train", 400);
        let pairs = Pairs { train: 200, test: 1, draw: Draw::Fixed, index: 0 };
        let unit = draw(&images, &pairs, Scale::Unit, 0, less).unwrap().train.pixels;
        assert!(unit.iter().all(|p| (0.0..=1.0).contains(p)) && unit.contains(&1.0));
        let (mean, std) = moments(&draw(&images, &pairs, Scale::Standard, 0, less).unwrap().train.pixels);
        assert!(mean.abs() < 1e-6 && (std - 1.0).abs() < 1e-6, "{mean} {std}");
    }
}
