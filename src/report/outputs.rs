//! The outputs of a report: what each is made of and how its files are made.

use super::{
    build::{Build, Files, Folder, Inputs},
    figure::{
        self,
        kind::{self, Shown},
    },
    inputs::{ReportInputs, StandIn},
    page::{self, Page},
    ranking::Ranking,
    research_object::{self, Crate},
    table, tex, verdict,
};
use crate::{
    digest::{Digest, compact},
    error::Result,
    parallel,
    plan::Plan,
    record::StoredOutcome,
    results,
    spec::{FigureSpec, TableSpec},
    verdict::Verdicts,
};

/// A frame of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    Runs,
    Epochs,
    Summary,
}

impl Frame {
    pub(super) const ALL: [Self; 3] = [Self::Runs, Self::Epochs, Self::Summary];

    fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Epochs => "epochs",
            Self::Summary => "summary",
        }
    }
}

/// What the runs came to, of which outputs are made.
#[derive(Debug)]
pub(super) struct Found {
    /// If the spec makes claims and the runs can be judged.
    pub verdicts: Option<Verdicts>,
    /// If the spec claims nothing.
    pub ranking: Option<Ranking>,
}

/// One output of a report.
#[derive(Debug, Clone, Copy)]
pub(super) enum Output<'a> {
    Table(&'a str, &'a TableSpec),
    Figure(&'a str, &'a FigureSpec),
    Frame(Frame),
    Verdict,
    Ranking,
    Latex,
    Page,
    ResearchObject,
}

impl Output<'_> {
    pub(super) fn name(self) -> String {
        match self {
            Self::Table(name, _) => format!("table {name}"),
            Self::Figure(name, _) => format!("figure {name}"),
            Self::Frame(frame) => format!("frame {}", frame.name()),
            Self::Verdict => "verdict".to_owned(),
            Self::Ranking => "ranking".to_owned(),
            Self::Latex => "latex".to_owned(),
            Self::Page => "page".to_owned(),
            Self::ResearchObject => "research object".to_owned(),
        }
    }

    pub(super) fn folder(self) -> Folder {
        match self {
            Self::Frame(_) => Folder::Results,
            Self::Table(..)
            | Self::Figure(..)
            | Self::Verdict
            | Self::Ranking
            | Self::Latex
            | Self::Page
            | Self::ResearchObject => Folder::Reports,
        }
    }

    /// Says whether it is made at every call, since it says verdicts or is what people look at: a file and a note of its
    /// digest are no reason to believe it.
    pub(super) fn is_made_always(self) -> bool {
        matches!(self, Self::Verdict | Self::Page)
    }

    /// Returns the digests of everything that can change a byte of it.
    pub(super) fn inputs(self, of: &ReportInputs<'_>, configs: &[Digest], build: &Build) -> Inputs {
        let ReportInputs { spec, plan, source, .. } = *of;
        let caveat = of.caveat();
        let all: Vec<usize> = (0..plan.configs.len()).collect();
        let runs = |shown: &[usize], own: String| {
            let labels: Vec<String> = shown.iter().map(|c| plan.label(*c)).collect();
            let digests: Vec<String> = shown.iter().map(|c| configs[*c].to_string()).collect();
            let spec = format!("{} {}", own, compact(&(shown, labels, &caveat)));
            Inputs::default().with("runs", &digests.concat()).with("spec", &spec)
        };
        let collapsed = spec.claims.as_ref().and_then(|claims| claims.collapsed);
        let own = || {
            let links = build.links();
            compact(&(&source.text, source.command("report"), &links.results, &links.spec))
        };
        let inputs = match self {
            Self::Verdict => runs(&all, compact(&(&spec.claims, &spec.tables, &spec.ledger))),
            Self::Table(_, table) => {
                let shown: Vec<usize> = table.rows.iter().flat_map(|row| plan.chosen(&row.filter)).collect();
                runs(&shown, compact(table))
            }
            Self::Figure(_, figure) if kind::of_claims(figure) => {
                runs(&all, format!("{figure:?} {}", compact(&(&spec.claims, &spec.tables))))
            }
            Self::Figure(_, figure) => {
                let shown: Vec<usize> = plan.chosen(&figure.filter).collect();
                runs(&shown, format!("{figure:?} {}", compact(&collapsed)))
            }
            Self::Frame(Frame::Summary) => runs(&all, compact(&collapsed)),
            Self::Ranking => {
                runs(&all, compact(&plan.setting_columns().iter().map(|c| &c.name).collect::<Vec<_>>()))
            }
            Self::Frame(Frame::Runs | Frame::Epochs) => runs(&all, String::new()),
            Self::Latex => runs(&all, compact(&spec.tables)),
            Self::Page => {
                let figures: Vec<String> = spec
                    .figures
                    .iter()
                    .map(|(name, f)| build.digests(&Output::Figure(name, f).name()))
                    .collect();
                let lock = of.lock.map(|(word, reason)| (word.word(), reason));
                runs(&all, own()).with("lock", &compact(&lock)).with("figures", &figures.concat())
            }
            Self::ResearchObject => {
                let files: Vec<String> = build.names().iter().map(|name| build.digests(name)).collect();
                runs(&all, own()).with("files", &files.concat())
            }
        };
        inputs.with_program()
    }

    /// Makes its files: name and contents.
    pub(super) fn make(self, of: &ReportInputs<'_>, found: &Found, build: &Build) -> Result<Files> {
        let ReportInputs { spec, plan, records, rounds, .. } = *of;
        let (stand_in, caveat) = (of.stand_in(), of.caveat());
        let shown = |figure: &FigureSpec| Shown {
            spec,
            plan,
            rounds,
            verdicts: found.verdicts.as_ref().filter(|_| kind::of_claims(figure)),
            caveat: caveat.as_deref(),
        };
        Ok(match self {
            Self::Table(name, table) => {
                let table = table::build(table, plan, rounds, stand_in);
                let forms = [("md", table.markdown()), ("csv", table.csv()), ("tex", table.latex())];
                forms.map(|(end, text)| (format!("{name}.{end}"), text.into_bytes())).to_vec()
            }
            Self::Figure(name, figure) => {
                let (svg, png) = figure::draw(figure, &shown(figure))?;
                vec![(format!("{name}.svg"), svg.into_bytes()), (format!("{name}.png"), png)]
            }
            Self::Frame(frame) => {
                let name = frame.name();
                let frame = match frame {
                    Frame::Runs => results::runs_frame(plan, records)?,
                    Frame::Epochs => results::epochs_frame(plan, records)?,
                    Frame::Summary => {
                        let rule = spec.claims.as_ref().and_then(|claims| claims.collapsed);
                        results::summary_frame(plan, rounds, rule, &results::epochs_frame(plan, records)?)?
                    }
                };
                vec![
                    (format!("{name}.csv"), results::csv(&frame)?),
                    (format!("{name}.parquet"), results::parquet(&frame)?),
                ]
            }
            Self::Verdict => found.verdicts.as_ref().map(verdict::files).unwrap_or_default(),
            Self::Ranking => found.ranking.as_ref().map(|ranking| ranking.files(of)).unwrap_or_default(),
            Self::Latex => tex::files(spec, plan, rounds, stand_in),
            Self::Page => {
                // Drawn for it: what lies in a folder may be another's, and a page is markup.
                let figures: Vec<_> = spec.figures.iter().collect();
                let drawn = parallel::map_all(figures.len(), |i| {
                    let (name, figure) = figures[i];
                    Ok((name.clone(), figure::svg(figure, &shown(figure))?))
                });
                let drawn = drawn.into_iter().collect::<Result<Vec<_>>>()?;
                let Found { verdicts, ranking } = found;
                let page = Page {
                    of,
                    verdicts: verdicts.as_ref(),
                    ranking: ranking.as_ref(),
                    links: &build.links(),
                    room: page::ROOM,
                };
                vec![(page::FILE.to_owned(), page::page(&page, &drawn).into_bytes())]
            }
            Self::ResearchObject => research_object(of, build)?,
        })
    }
}

/// Makes the files that turn a report into a research object.
fn research_object(of: &ReportInputs<'_>, build: &Build) -> Result<Files> {
    let complete = of.rounds.iter().all(|rounds| rounds.unfinished() == 0);
    let described = Crate {
        name: &of.spec.experiment,
        plan: of.plan,
        source: of.source,
        complete,
        caveat: of.stand_in().map(StandIn::caveat),
    };
    let frames = Frame::ALL.map(|frame| Output::Frame(frame).name());
    let of_frames: Result<Vec<Files>> = frames.iter().map(|name| build.contents(name)).collect();
    let others = |name: &String| !frames.contains(name);
    let reports: Result<Vec<Files>> =
        build.names().into_iter().filter(others).map(|name| build.contents(&name)).collect();
    Ok(research_object::files(&described, of_frames?.concat(), &reports?.concat()))
}

/// Returns for each config the digest of its runs and their outcomes, by which reports know what changed.
pub(super) fn config_digests(plan: &Plan, records: &[Option<StoredOutcome>]) -> Vec<Digest> {
    let mut texts = vec![String::new(); plan.configs.len()];
    for (run, record) in plan.runs.iter().zip(records) {
        let text = &mut texts[run.config];
        text.push_str(&run.key.to_string());
        if let Some(record) = record {
            // What a failed run says is no part of its outcome.
            text.push_str(&format!(" {} {}", record.digest, compact(&record.outcome.detail())));
        }
        text.push('\n');
    }
    texts.iter().map(|text| Digest::of(text.as_bytes())).collect()
}
