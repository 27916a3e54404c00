//! How long training still takes, from the work that is left: a pure function of what was begun and what has ended.

use std::collections::BTreeMap;

/// The runs of one config, which take about equally long.
#[derive(Debug, Clone, Default)]
pub(super) struct Kind {
    /// Work of one run, in any unit that all kinds share.
    pub(super) work: f64,
    /// Runs that nobody has begun.
    pub(super) waiting: usize,
    /// Runs that ended here, and the seconds that they took together.
    ended: usize,
    seconds: f64,
}

impl Kind {
    /// Returns a kind with so many runs to train.
    pub(super) fn new(work: f64, waiting: usize) -> Self {
        Self { work, waiting, ..Self::default() }
    }
}

/// What is known of the runs at a moment.
#[derive(Debug, Default)]
pub(super) struct Pace {
    kinds: Vec<Kind>,
    /// Kinds in the order in which their runs are begun.
    order: Vec<usize>,
    /// Kind and beginning of each run that is under way.
    running: BTreeMap<usize, (usize, f64)>,
    /// The most runs that were under way at once.
    at_once: usize,
    /// Work and seconds of the runs that were trained to their end.
    work: f64,
    seconds: f64,
}

/// Of more runs than this the makespan is their sum over those at once.
const SCHEDULED: usize = 1000;

impl Pace {
    /// Begins with kinds whose runs are begun in the order of `order`.
    pub(super) fn new(kinds: Vec<Kind>, order: Vec<usize>) -> Self {
        Self { kinds, order, ..Self::default() }
    }

    /// Notes that a run of a kind was begun, at a time in seconds.
    pub(super) fn begun(&mut self, run: usize, kind: usize, now: f64) {
        self.kinds[kind].waiting = self.kinds[kind].waiting.saturating_sub(1);
        self.running.insert(run, (kind, now));
        self.at_once = self.at_once.max(self.running.len());
    }

    /// Notes that a run ended after so many seconds; one that diverged took less than others of its work.
    pub(super) fn ended(&mut self, run: usize, seconds: f64, whole: bool) {
        let Some((kind, _)) = self.running.remove(&run) else { return };
        let kind = &mut self.kinds[kind];
        kind.ended += 1;
        kind.seconds += seconds;
        if whole {
            self.work += kind.work;
            self.seconds += seconds;
        }
    }

    /// Notes that somebody else trained a run of a kind.
    pub(super) fn taken(&mut self, kind: usize) {
        self.kinds[kind].waiting = self.kinds[kind].waiting.saturating_sub(1);
    }

    /// Returns the seconds that a run of a kind takes: as others of it did, else by its work; `None` if nothing is known.
    fn expected(&self, kind: &Kind) -> Option<f64> {
        if kind.ended > 0 {
            return Some(kind.seconds / kind.ended as f64);
        }
        (self.work > 0.0).then(|| kind.work * self.seconds / self.work)
    }

    /// Returns the seconds until all runs have ended, if the waiting ones go in order to whoever is free first; `None` before a
    /// run has ended.
    pub(super) fn left(&self, now: f64) -> Option<f64> {
        let seconds: Vec<f64> = self.kinds.iter().map(|kind| self.expected(kind)).collect::<Option<_>>()?;
        let rest = |(kind, begun): &(usize, f64)| (seconds[*kind] - (now - begun)).max(0.0);
        let mut free: Vec<f64> = self.running.values().map(rest).collect();
        free.resize(self.at_once.max(1).max(free.len()), 0.0);
        let waiting: usize = self.kinds.iter().map(|kind| kind.waiting).sum();
        if waiting > SCHEDULED {
            let all: f64 = self.kinds.iter().zip(&seconds).map(|(kind, s)| kind.waiting as f64 * s).sum();
            return Some((free.iter().sum::<f64>() + all) / free.len() as f64);
        }
        for kind in &self.order {
            for _ in 0..self.kinds[*kind].waiting {
                if let Some(first) = free.iter_mut().min_by(|a, b| a.total_cmp(b)) {
                    *first += seconds[*kind];
                }
            }
        }
        free.into_iter().max_by(f64::total_cmp)
    }
}

/// Shows a time in the units that people use.
pub(super) fn shown(seconds: f64) -> String {
    let seconds = seconds.round().max(0.0) as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    /// A kind for a simulation: its work as the cost model has it, the seconds that it takes in truth, and how many there are.
    type Truth = (f64, f64, usize);

    /// Simulates workers that take the runs in order, each a little longer or shorter than its kind; returns for each moment at
    /// which a run ended what was said to be left and what was left.
    fn simulated(kinds: &[Truth], workers: usize, spread: f64) -> (Vec<(f64, f64, f64)>, f64) {
        let mut random = stream(7, "pace");
        let mut noise = || 1.0 + spread * (2.0 * random.unit_f64() - 1.0);
        let runs: Vec<usize> = kinds
            .iter()
            .enumerate()
            .flat_map(|(kind, (.., count))| std::iter::repeat_n(kind, *count))
            .collect();
        let seconds: Vec<f64> = runs.iter().map(|kind| kinds[*kind].1 * noise()).collect();
        let of = |(work, _, count): &Truth| Kind::new(*work, *count);
        let mut pace = Pace::new(kinds.iter().map(of).collect(), (0..kinds.len()).collect());
        let (mut next, mut under_way, mut now) = (0, Vec::<(f64, usize)>::new(), 0.0);
        let mut said = Vec::new();
        loop {
            while under_way.len() < workers && next < runs.len() {
                pace.begun(next, runs[next], now);
                under_way.push((now + seconds[next], next));
                next += 1;
            }
            said.extend(pace.left(now).map(|left| (now, left, 0.0)));
            under_way.sort_by(|a, b| b.0.total_cmp(&a.0));
            let Some((end, run)) = under_way.pop() else { break };
            now = end;
            pace.ended(run, seconds[run], true);
        }
        for moment in &mut said {
            moment.2 = now - moment.0;
        }
        (said, now)
    }

    #[test]
    fn the_time_left_is_right_within_a_quarter_from_a_tenth_of_the_way_on() {
        // Two kinds on two workers, the long ones first; the cost model is wrong by a sixth about the second kind.
        for (kinds, workers) in [
            (vec![(23.5, 1.0, 10), (13.5, 0.5, 10)], 2),
            (vec![(23.5, 1.0, 40), (13.5, 0.66, 40)], 2),
            (vec![(20.0, 0.9, 200), (2.0, 0.1, 200)], 2),
            (vec![(13.5, 0.5, 80)], 2),
            (vec![(10.0, 2.0, 9), (1.0, 0.2, 90)], 4),
        ] {
            let (said, whole) = simulated(&kinds, workers, 0.1);
            let from = said.iter().filter(|(now, ..)| *now >= 0.1 * whole);
            for (now, left, truth) in from {
                // Of the last instants a fraction is no matter.
                let allowed = 0.25 * truth + 0.02 * whole;
                assert!(
                    (left - truth).abs() <= allowed,
                    "{kinds:?}: at {now:.2} of {whole:.2} it said {left:.2}, and {truth:.2} were left"
                );
            }
        }
    }

    #[test]
    fn nothing_is_said_before_a_run_has_ended_and_a_diverged_one_says_nothing_of_others() {
        let mut pace = Pace::new(vec![Kind::new(10.0, 2), Kind::new(10.0, 2)], vec![0, 1]);
        pace.begun(0, 0, 0.0);
        assert_eq!(pace.left(1.0), None);
        pace.ended(0, 0.1, false);
        assert_eq!(pace.left(1.0), None, "nothing is known of the second kind");
        pace.begun(1, 0, 1.0);
        pace.ended(1, 0.1, false);
        pace.begun(2, 1, 2.0);
        pace.ended(2, 4.0, true);
        assert_eq!(pace.left(6.0), Some(4.0));
        pace.taken(1);
        assert_eq!(pace.left(6.0), Some(0.0));
    }

    #[test]
    fn times_have_the_units_that_people_use() {
        assert_eq!(
            [shown(0.4), shown(59.6), shown(3599.0), shown(4000.0)],
            ["0 s", "1 min 0 s", "59 min 59 s", "1 h 6 min"]
        );
    }
}
