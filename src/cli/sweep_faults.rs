//! Faults of a sweep's variants, shown where the sweep's file has them.

use crate::{
    error::{Error, Fault, Source, Span, SpecFaults},
    spec::Sweep,
};

/// The file of a sweep.
pub(super) struct File<'a> {
    pub(super) name: String,
    pub(super) text: &'a str,
    pub(super) sweep: &'a Sweep,
}

impl File<'_> {
    fn source(&self) -> Source {
        Source { name: self.name.clone(), text: self.text.to_owned() }
    }

    /// Says of a base that cannot be read where the sweep names it.
    pub(super) fn base(&self, error: Error) -> Error {
        let Error::Usage { message, hint } = error else { return error };
        let fault = Fault {
            span: self.sweep.places.base.clone(),
            message: format!("base: {message}"),
            help: Some(hint),
        };
        Error::Spec(Box::new(SpecFaults { sources: vec![self.source()], faults: vec![fault], all: false }))
    }

    /// Points at what the sweep replaces where that has a fault; `variant` is the index of the variant, none for the spec
    /// itself.
    pub(super) fn variant(&self, variant: Option<usize>, error: Error) -> Error {
        let Error::Spec(mut faults) = error else { return error };
        let nothing = Vec::new();
        let own = variant.map_or(&nothing, |index| &self.sweep.places.variants[index]);
        let places: Vec<&Span> = self.sweep.places.set.iter().chain(own).collect();
        for (index, place) in places.iter().enumerate().map(|(index, place)| (index + 1, *place)) {
            let Some(source) = faults.sources.get_mut(index) else { break };
            let written = source.text.len() - Source::SET.len();
            *source = self.source();
            for fault in faults.faults.iter_mut().filter(|fault| fault.span.source == index) {
                let begin = |at: usize| at.saturating_sub(Source::SET.len());
                let part = begin(fault.span.bytes.start)..begin(fault.span.bytes.end);
                fault.span = Span { source: index, ..place.part(written, part) };
                // In a file, there is no `--set`.
                if let Some(help) = fault.help.as_mut().filter(|help| help.contains("`--set path=value`")) {
                    "write a path, `=` and a value, such as `train.batch=64`".clone_into(help);
                }
                if let Some(variant) = variant {
                    fault.message += &format!(" (in the variant `{}`)", self.sweep.variants[variant].name);
                }
            }
        }
        Error::Spec(faults)
    }
}
