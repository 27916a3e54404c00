//! The classes of numerics: which bits a run has. Where it is trained is no matter of these, but of [`crate::device`].

/// A class of numerics; its name is part of every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Numerics {
    /// The same bits on every machine.
    Exact1,
    /// Sums in the order of CUDA's libraries: statistically equal to the exact runs, not bit by bit.
    Cuda1,
    /// What [`Numerics::Cuda1`] computes, on a device of the CPU: a test aid.
    Composed1,
}

/// What there is to say of one class.
struct Facts {
    name: &'static str,
    folder: Option<&'static str>,
    caveat: Option<&'static str>,
}

impl Numerics {
    /// All classes.
    pub const ALL: [Self; 3] = [Self::Exact1, Self::Cuda1, Self::Composed1];

    /// The class whose runs a lock holds.
    pub const LOCKED: Self = Self::Exact1;

    fn facts(self) -> Facts {
        match self {
            Self::Exact1 => Facts { name: "exact/1", folder: None, caveat: None },
            Self::Cuda1 => Facts {
                name: "cuda/1",
                folder: Some("cuda"),
                caveat: Some(
                    "trained on CUDA (engine cuda/1): statistically equal to exact/1, not bit by bit",
                ),
            },
            Self::Composed1 => Facts {
                name: "composed/1",
                folder: Some("composed"),
                caveat: Some("trained with the operations of CUDA on the CPU (engine composed/1), as a test"),
            },
        }
    }

    /// Returns the name in keys; its number goes up when a change alters bits.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Returns what is added to the names of folders for reports, so that no class replaces another's; `None` for the
    /// class that needs no mention.
    #[must_use]
    pub fn folder(self) -> Option<&'static str> {
        self.facts().folder
    }

    /// Says in a few words how its bits compare; `None` for those that are the same everywhere.
    #[must_use]
    pub fn caveat(self) -> Option<&'static str> {
        self.facts().caveat
    }

    /// Says whether a lock vouches for its bits.
    #[must_use]
    pub fn is_locked(self) -> bool {
        self == Self::LOCKED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bits_that_everyone_gets_are_locked_and_go_without_a_caveat_or_a_folder_of_their_own() {
        for numerics in Numerics::ALL {
            let plain = [numerics.caveat().is_none(), numerics.folder().is_none()];
            assert_eq!(plain, [numerics.is_locked(); 2], "{}", numerics.name());
            assert!(numerics.caveat().is_none_or(|caveat| caveat.contains(numerics.name())));
        }
    }
}
