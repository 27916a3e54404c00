//! What a network is trained for: how samples are made of a data set.

pub mod digit_pairs;
