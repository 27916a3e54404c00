//! Cases whose outputs are compared with each other, or that need git, other users, or records made by hand.

use std::collections::BTreeSet;

use replikat::{
    data::mnist,
    plan::Plan,
    record::{End, EpochMetrics, Outcome, Provenance, Record},
    spec::Spec,
    task::{
        Measure,
        digit_pairs::{ACCURACY, LOSS, TASK},
    },
};

use super::{Holds, Run, case, has, play};
use crate::support::place::Place;

/// Returns the texts of a figure, each of one line.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text ").skip(1).filter_map(|rest| rest.split('\n').nth(1)).collect()
}

#[test]
fn names_that_are_cut_stay_different() {
    let place = case("names_cut_to_the_same_text");
    place.good(&["run", "s.yaml", "-q"]);
    for figure in ["h", "p"] {
        let svg = place.read(&format!("reports/s/{figure}.svg"));
        let cut: Vec<&str> = texts(&svg).into_iter().filter(|text| text.contains('…')).collect();
        assert_eq!((cut.len(), cut.iter().collect::<BTreeSet<_>>().len()), (8, 8), "{figure}: {cut:?}");
    }
}

#[test]
fn thirteen_curves_have_thirteen_looks() {
    let place = case("thirteenth_config_looks_like_the_first");
    place.good(&["run", "s.yaml", "-q"]);
    let svg = place.read("reports/s/f.svg");
    // Before each name of the legend stand the strokes of a line of its look.
    let mut looks = BTreeSet::new();
    let mut strokes: Vec<String> = Vec::new();
    for part in svg.split('<') {
        let value =
            |name: &str| part.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        match (part.starts_with("polyline"), part.split_once('\n')) {
            (true, _) => {
                let ends = value("points").unwrap().split([' ', ',']).filter_map(|n| n.parse::<i32>().ok());
                let across: Vec<i32> = ends.step_by(2).collect();
                let length = across.last().unwrap() - across.first().unwrap();
                strokes.push(format!("{} {length}", value("stroke").unwrap()));
            }
            (false, Some((_, name))) if name.starts_with("net, lr ") => {
                looks.insert(std::mem::take(&mut strokes));
            }
            _ => {}
        }
        if part.starts_with("text") && !part.contains("\nnet, lr ") {
            strokes.clear();
        }
    }
    assert_eq!(looks.len(), 13, "{looks:?}");
}

#[test]
fn letters_without_a_shape_are_named_and_told_apart() {
    let place = case("letters_that_the_font_lacks");
    play(
        &place,
        &[
            Run(
                "run s.yaml",
                0,
                &[
                    "\n卷积网络  comparison over rounds",
                    "\nab        comparison over rounds",
                    "the figures' font lacks 卷 (U+5377), 度 (U+5EA6), 深 (U+6DF1), 积 (U+79EF), 络 (U+7EDC), 网 (U+7F51); ",
                ],
            ),
            Holds("reports/s/d.svg", &["\n卷积网络\n", "\n深度网络\n"]),
        ],
    );
    // The same runs under a name of other letters: were all of them empty boxes, the pictures would be the same.
    let picture = || std::fs::read(place.path("reports/s/d.png")).unwrap();
    let first = picture();
    place.good(&["report", "other.yaml", "-q", "--force"]);
    assert_ne!(picture(), first);
}

#[test]
fn a_lock_is_not_replaced_by_other_digests_or_fewer_runs() {
    let place = case("lock_replaced_in_silence");
    place.good(&["run", "s.yaml", "-q"]);
    place.good(&["lock", "s.yaml"]);
    // As if the program had other bits than last month.
    let good = place.read("results/s.lock.json");
    let mut parts = good.split("\"outcome_sha256\": \"");
    let first = parts.next().unwrap().to_owned();
    let other = parts.fold(first, |text, part| text + "\"outcome_sha256\": \"00000000" + &part[8..]);
    place.write("results/s.lock.json", &other);
    play(
        &place,
        &[
            Run("check s.yaml", 1, &["0 of 4 runs", "other bits than the lock: net seeds 0 to 3"]),
            Run(
                "lock s.yaml",
                2,
                &[
                    "was left as it is: of its 4 runs 4 would get other digests (net seeds 0 to 3)",
                    "!dropped",
                    "--force",
                ],
            ),
            Run(
                "lock s.yaml --set grid.seed.count=1",
                2,
                &[
                    "of its 4 runs 1 would get other digests (net seed 0) and 3 would be dropped (net seeds 1 to 3)",
                ],
            ),
        ],
    );
    assert_eq!(place.read("results/s.lock.json"), other);
    play(&place, &[Run("lock s.yaml --force", 0, &["4 runs, written: 0 added, 4 changed, 0 dropped"])]);
    assert_eq!(place.read("results/s.lock.json"), good);
}

#[test]
fn lists_of_runs_have_what_tells_them_apart() {
    let place = case("plan_without_vary");
    let plan: serde_json::Value = serde_json::from_str(&place.good(&["plan", "s.yaml", "--json"])).unwrap();
    let told = |run: &serde_json::Value| {
        let mut run = run.clone();
        run.as_object_mut().unwrap().remove("key");
        run.to_string()
    };
    let runs = plan["runs"].as_array().unwrap();
    assert_eq!((runs.len(), runs.iter().map(told).collect::<BTreeSet<_>>().len()), (6, 6), "{plan}");
    place.good(&["run", "s.yaml", "-q"]);
    let said = place.good(&["store", "list"]);
    let head: Vec<&str> =
        said.lines().next().unwrap().split("  ").filter(|name| !name.is_empty()).map(str::trim).collect();
    let at = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let cell =
        |line: &str, at: usize| line.split("  ").filter(|c| !c.is_empty()).nth(at).unwrap().trim().to_owned();
    let rows: BTreeSet<_> =
        said.lines().skip(2).take(6).map(|line| (cell(line, at("vary")), cell(line, at("seed")))).collect();
    assert_eq!(rows.len(), 6, "{said}");
}

/// Stores as many finished rounds of the spec `s.yaml` on MNIST, all with one accuracy, as it plans.
fn store_equal_rounds(place: &Place, overrides: &[&str]) {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let spec = Spec::parse("s.yaml", &place.read("s.yaml"), &overrides).unwrap();
    let plan = Plan::expand(&spec, mnist::SOURCE.id());
    let measure = Measure::of(&TASK, &[(ACCURACY, 0.38), (LOSS, 0.7)]);
    for run in &plan.runs {
        let epoch = |epoch| EpochMetrics { epoch, running: measure, train: measure, test: measure };
        let end = End::Finished { weights: run.seed.to_string() };
        let outcome = Outcome { end, epochs: (1..=3).map(epoch).collect() };
        let record = Record::new(run.key, plan.preimage(run), outcome, Provenance::default());
        place.store().put(run.key, &record).unwrap();
    }
}

#[test]
fn a_spread_of_zero_is_equal_to_a_spread_of_zero() {
    let place = case("spread_of_zero");
    store_equal_rounds(&place, &[]);
    place.good(&["report", "s.yaml", "-q"]);
    let csv = place.read("reports/s/verdict.csv");
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(lines.len(), 4);
    for line in lines {
        assert!(line.contains(",REPLICATED,") && !line.contains("can decide"), "{line}");
    }
    let svg = place.read("reports/s/e.svg");
    assert!(texts(&svg).contains(&"0.00 at 50 %"));
    has("e.svg", &svg, &["!e−"]);
}

#[test]
fn one_round_has_no_spread_and_says_it_of_the_spread_alone() {
    let place = case("spread_of_zero");
    store_equal_rounds(&place, &["grid.seed.count=1"]);
    play(
        &place,
        &[
            Run("report s.yaml -q --set grid.seed.count=1", 0, &[]),
            Holds(
                "reports/s/verdict.csv",
                &[
                    ",mean,accuracy over rounds,1,1,38.00,38.0000,,,,,,,,,UNDECIDABLE,one round says nothing of how rounds spread\n",
                    ",std,accuracy over rounds,1,1,0.00,,,,,,,,,,UNDECIDABLE,one finished round has no such statistic\n",
                ],
            ),
        ],
    );
}

#[test]
fn files_of_mnist_are_found_by_the_names_that_others_give_them() {
    let place = case("mnist_with_dots");
    // Stand-ins: that they are not the right ones is found out once they are found.
    for folder in ["dots", "tv/MNIST/raw"] {
        std::fs::create_dir_all(place.path(folder)).unwrap();
    }
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
        place.write(&format!("dots/{}-ubyte", name.replace("-idx", ".idx")), "not MNIST");
        place.write(&format!("tv/MNIST/raw/{name}-ubyte.gz"), "not MNIST");
    }
    for (folder, file) in
        [("dots", "dots/train-images.idx3-ubyte"), ("tv", "tv/MNIST/raw/train-images-idx3-ubyte.gz")]
    {
        let (code, said) = place.run(&["run", "s.yaml", "--data-dir", folder]);
        assert_eq!(code, 2, "{said}");
        has(folder, &said, &[file, "!lacks"]);
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        io::{BufRead, BufReader},
        os::unix::{fs::PermissionsExt, process::CommandExt},
        process::{Command, Stdio},
    };

    use super::*;
    use crate::{
        intruders::{commit, git, with_git},
        support::not_tested,
    };

    #[test]
    fn a_commit_that_git_does_not_tell_is_unknown_with_its_reason() {
        let place = case("git_that_does_not_answer");
        git(&place, &["init", "-q"]);
        git(&place, &["add", "s.yaml"]);
        git(&place, &["commit", "-qm", "x"]);
        // As in a container that mounts a folder of another user's.
        let mut command = place.command(&["run", "s.yaml"]);
        let path = std::env::var_os("PATH").unwrap();
        command.env("PATH", path).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("the records do not name the spec's commit: fatal: detected dubious ownership"),
            "{said}"
        );
        assert!(
            commit(&place).starts_with("unknown: fatal: detected dubious ownership"),
            "{}",
            commit(&place)
        );
        let key = place.store().list().unwrap().keys[0].to_string();
        has(
            "show",
            &place.good(&["show", &key]),
            &["detected dubious ownership", "!outside version control"],
        );
    }

    #[test]
    fn a_commit_that_does_not_hold_the_spec_is_marked() {
        let place = case("spec_that_is_not_committed");
        let run = ["run", "s.yaml"];
        git(&place, &["init", "-q"]);
        let (_, said) = with_git(&run, &place);
        assert!(said.contains("the records do not name the spec's commit: "), "{said}");
        assert!(commit(&place).starts_with("unknown: "));
        for committed in [false, true] {
            std::fs::remove_dir_all(place.path("results")).unwrap();
            if committed {
                git(&place, &["add", "s.yaml"]);
            }
            git(&place, &["commit", "-q", "--allow-empty", "-m", "x"]);
            with_git(&run, &place);
            let commit = commit(&place);
            assert_eq!(
                (commit.len(), commit.ends_with('+')),
                if committed { (40, false) } else { (41, true) }
            );
            let key = place.store().list().unwrap().keys[0].to_string();
            has("show", &place.good(&["show", &key]), &[&format!(", {commit}\n")]);
        }
    }

    /// Users of one group that have no account here.
    const USERS: [u32; 2] = [64_101, 64_102];
    const GROUP: u32 = 64_100;

    #[test]
    fn a_lease_of_another_user_is_waited_for_and_taken_over_when_its_process_has_ended() {
        let place = case("claim_of_another_user");
        // As a folder is that a group shares: whoever may write into it may remove what lies in it.
        for folder in
            ["", "shared", "shared/store", "shared/store/v1", "shared/store/claims", "shared/store/in-use"]
        {
            std::fs::create_dir_all(place.path(folder)).unwrap();
            std::fs::set_permissions(place.path(folder), std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let program = place.program_for_all();
        let start = |user: u32, reports: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", "umask 022; exec \"$0\" \"$@\""]).arg(&program);
            command.args(["run", "s.yaml", "--jobs", "2", "--results", "shared", "--reports", reports]);
            command.current_dir(place.path("")).env_clear().env("HOME", place.path("home"));
            command.uid(user).gid(GROUP).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
        };
        let Ok(mut first) = start(USERS[0], "first") else {
            not_tested("it needs a right to become other users, which root has");
            return;
        };
        while std::fs::read_dir(place.path("shared/store/claims")).unwrap().count() < 2 {
            assert_eq!(first.try_wait().unwrap(), None, "it ended before it began");
        }
        let stopped = Command::new("kill").args(["-STOP", &first.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        let mut second = start(USERS[1], "second").unwrap();
        let mut said = BufReader::new(second.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(
            said.any(|line| line.starts_with("waiting for net seed 0")
                || line.starts_with("waiting for net seed 1"))
        );
        first.kill().unwrap();
        first.wait().unwrap();
        let rest: Vec<String> = said.collect();
        assert!(second.wait().unwrap().success(), "{rest:?}");
        assert!(rest.iter().any(|line| line.starts_with("2 of 2 runs finished")), "{rest:?}");
        assert!(place.files("shared/store/claims").is_empty());
    }
}
