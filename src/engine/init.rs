//! Initial weights.

use crate::{
    model::Parameter,
    random::stream,
    testing::seeded_bugs::{self, Bug},
};

/// Returns initial weights from the stream `init/<name>`: uniform in `±1/√fan_in` (`PyTorch`'s default).
#[must_use]
pub fn initial(parameter: &Parameter, seed: u64) -> Vec<f32> {
    let fan = if seeded_bugs::on(Bug::WrongFanIn) { parameter.shape[0] } else { parameter.fan_in };
    let bound = 1.0 / (fan as f32).sqrt();
    let mut random = stream(seed, &format!("init/{}", parameter.name));
    (0..parameter.count()).map(|_| (2.0 * random.unit_f32() - 1.0) * bound).collect()
}
