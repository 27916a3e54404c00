//! Initial values of parameters.

use crate::{
    model::{Init, Parameter},
    random::stream,
    testing::seeded_bugs::{self, Bug},
};

/// Returns the initial values of a parameter; random ones come from the stream `init/<name>`.
#[must_use]
pub fn initial(parameter: &Parameter, seed: u64) -> Vec<f32> {
    match parameter.init {
        Init::Uniform { fan_in } => {
            let fan = if seeded_bugs::on(Bug::WrongFanIn) { parameter.shape[0] } else { fan_in };
            let bound = 1.0 / (fan as f32).sqrt();
            let mut random = stream(seed, &format!("init/{}", parameter.name));
            (0..parameter.count()).map(|_| (2.0 * random.unit_f32() - 1.0) * bound).collect()
        }
        Init::Zeros => vec![0.0; parameter.count()],
        Init::Ones => vec![1.0; parameter.count()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_stay_within_their_bound_and_come_near_it_and_others_are_constant() {
        let parameter = |init| Parameter { name: "w".into(), shape: vec![50, 25], init, trained: true };
        let random = initial(&parameter(Init::Uniform { fan_in: 25 }), 3);
        let largest = random.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        assert!(random.len() == 1250 && largest <= 0.2 && largest > 0.199, "{largest}");
        assert!(random.iter().any(|v| *v < -0.19) && random.iter().any(|v| *v > 0.19));
        assert_eq!(initial(&parameter(Init::Zeros), 3), vec![0.0; 1250]);
        assert_eq!(initial(&parameter(Init::Ones), 3), vec![1.0; 1250]);
    }
}
