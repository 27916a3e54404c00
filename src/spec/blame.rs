//! Which option caused a fault that is found elsewhere: the spec is good without it, so it is what is to be corrected.

use crate::error::{Fault, Source, Span};

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
    let without: Vec<Vec<Fault>> = match options.len() {
        1 => vec![Vec::new()],
        count => (0..count.min(TRIED)).map(without).collect(),
    };
    for fault in faults.iter_mut().filter(|fault| own(fault)) {
        let same = |other: &Fault| other.span == fault.span && other.message == fault.message;
        let Some(cause) = without.iter().position(|left| !left.iter().any(same)) else { continue };
        let text = &options[cause];
        let value = text.find('=').map_or(0, |equals| equals + 1);
        let before = Source::SET.len();
        fault.span = Span { source: cause + 1, bytes: before + value..before + text.len() };
    }
}
