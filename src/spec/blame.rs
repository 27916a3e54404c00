//! Which option caused a fault that is found elsewhere: the spec is good without it, so it is what is to be corrected.

use crate::{
    error::{Fault, Source, Span},
    yaml::path::equals_in,
};

/// Options that are left out one by one.
const TRIED: usize = 8;

/// Points at the option without which a fault of the spec is not there, if the spec is good without any option; `faults_of`
/// returns the faults with some of the options.
pub(super) fn blame(faults: &mut [Fault], options: &[String], faults_of: impl Fn(&[String]) -> Vec<Fault>) {
    let own = |fault: &Fault| fault.span.source == 0;
    if options.is_empty() || !faults.iter().any(own) || !faults_of(&[]).is_empty() {
        return;
    }
    let without = |index: usize| -> Vec<Fault> {
        let kept = options.iter().enumerate().filter(|(i, _)| *i != index);
        faults_of(&kept.map(|(_, option)| option.clone()).collect::<Vec<_>>())
    };
    let same = |a: &Fault, b: &Fault| a.span == b.span && a.message == b.message;
    // Without one that the others need there is another fault, which says nothing of this one.
    let known = |left: &Vec<Fault>| left.iter().all(|new| faults.iter().any(|fault| same(fault, new)));
    let without: Vec<Option<Vec<Fault>>> = match options.len() {
        1 => vec![Some(Vec::new())],
        count => (0..count.min(TRIED)).map(|index| Some(without(index)).filter(known)).collect(),
    };
    for fault in faults.iter_mut().filter(|fault| own(fault)) {
        let gone = |left: &Option<Vec<Fault>>| {
            left.as_ref().is_some_and(|left| !left.iter().any(|other| same(other, fault)))
        };
        let Some(cause) = without.iter().position(gone) else { continue };
        let text = &options[cause];
        let value = equals_in(text).map_or(0, |equals| equals + 1);
        let before = Source::SET.len();
        fault.span = Span { source: cause + 1, bytes: before + value..before + text.len() };
    }
}
