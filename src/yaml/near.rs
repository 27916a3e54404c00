//! What a person may have meant by a name that is not known.

/// Names that a wrong one is compared with, and that are listed.
const COMPARED: usize = 500;
const LISTED: usize = 12;

/// What others call a thing, in lower case and without `-` and `_`, and what it may be called here.
const ALIASES: &[(&str, &[&str])] = &[
    ("fc", &["linear"]),
    ("dense", &["linear"]),
    ("convolution", &["conv"]),
    ("maxpooling", &["max-pool"]),
    ("pool", &["max-pool"]),
    ("learningrate", &["lr", "grid.lr"]),
    ("eta", &["lr", "grid.lr"]),
    ("error", &["accuracy"]),
    ("models", &["architectures"]),
    ("networks", &["architectures"]),
    ("dataset", &["data"]),
    ("name", &["experiment"]),
    ("layers", &["pair"]),
    ("avg", &["mean"]),
    ("average", &["mean"]),
    ("stddev", &["std"]),
    ("sd", &["std"]),
    ("repeats", &["seed"]),
    ("training", &["train"]),
    ("testing", &["test"]),
    ("validation", &["test"]),
];

/// Returns the one of `known` that was most likely meant by `name`: the same but for case and dashes, the last part of a
/// path, an alias, the beginning of one another, or a few letters away.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| -> String {
        text.chars()
            .take(256)
            .filter(|c| c.is_alphanumeric() || *c == '.')
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted = plain(name);
    if wanted.is_empty() {
        return None;
    }
    let known = || known.iter().copied().take(COMPARED);
    let same = || known().find(|k| plain(k) == wanted);
    // Of a path, the first and the last name.
    let (section, wanted_last) = match (wanted.split_once('.'), wanted.rsplit_once('.')) {
        (Some((section, _)), Some((_, last))) => (section, last),
        _ => ("", wanted.as_str()),
    };
    let last = || {
        let ends = |k: &&str| k.rsplit_once('.').is_some_and(|(_, last)| plain(last) == wanted_last);
        known().filter(|k| k.starts_with(section)).find(ends)
    };
    let alias = || {
        let (_, meant) = ALIASES.iter().find(|(alias, _)| *alias == wanted)?;
        known().find(|k| meant.contains(k))
    };
    let prefix = || {
        let begins = |k: &&str| {
            let k = plain(k);
            (wanted.len() >= 3 && k.starts_with(&wanted)) || (k.len() >= 4 && wanted.starts_with(&k))
        };
        known().filter(begins).min_by_key(|k| k.len().abs_diff(wanted.len()))
    };
    same().or_else(|| few_letters(name, known())).or_else(last).or_else(alias).or_else(prefix)
}

fn few_letters<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().take(256).count();
    known
        .filter(|k| k.len() <= 256 && k.len().abs_diff(length) <= 1 + k.len() / 4)
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(distance, k)| *distance <= 1 + k.len() / 4 && *distance < length)
        .min()
        .map(|(_, k)| k)
}

/// Says of a key that is a number that it was most likely cut off by a decimal comma.
pub(crate) fn cut_number(key: &str) -> Option<String> {
    let number = !key.is_empty() && key.chars().all(|c| c.is_ascii_digit());
    number.then(|| "numbers have a decimal point, such as `0.02`; a comma begins another entry".to_owned())
}

/// Suggests the nearest of `known`, or lists them.
pub(crate) fn suggest(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known) {
        return format!("did you mean `{near}`?");
    }
    match known {
        [] => "nothing can stand here".to_owned(),
        known if known.len() > LISTED => {
            format!("known here: {} and {} more", known[..LISTED].join(", "), known.len() - LISTED)
        }
        known => format!("known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_from_elsewhere_are_recognised() {
        let layers = ["conv", "max-pool", "relu", "dropout", "flatten", "linear", "tanh"];
        for (name, meant) in [
            ("ReLU", "relu"),
            ("max_pool", "max-pool"),
            ("MaxPool2d", "max-pool"),
            ("conv2d", "conv"),
            ("fc", "linear"),
            ("flaten", "flatten"),
            ("Dropout", "dropout"),
        ] {
            assert_eq!(nearest(name, &layers), Some(meant), "{name}");
        }
        assert_eq!(nearest("acc", &["accuracy", "loss", "digit_accuracy"]), Some("accuracy"));
        assert_eq!(nearest("batch_size", &["epochs", "batch"]), Some("batch"));
        assert_eq!(
            nearest("momentum", &["data.scale", "train.optimizer.sgd.momentum"]),
            Some("train.optimizer.sgd.momentum")
        );
        assert_eq!(nearest("learning_rate", &["architecture", "lr"]), Some("lr"));
        assert_eq!(nearest("adam", &["sgd"]), None);
        assert_eq!(nearest("x", &["lr", "a"]), None);
    }
}
