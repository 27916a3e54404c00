//! Specs below 1 MB that ask for much: a plan, or an error, in time and memory in proportion to their size.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;

use crate::support::place::Place;

/// Most memory of a call, in bytes.
const MEMORY: u64 = 500 << 20;
/// Most processor time of a call, in seconds: many times what it should take, since nothing is optimised here, other tests run
/// beside and machines differ; a product of parts takes many minutes.
const SECONDS: f64 = 60.0;

const HEAD: &str = "experiment: bomb\ndata: {source: glyphs, pairs: {train: 2, test: 2}}\n";
const TRAIN: &str = "train: {epochs: 1, batch: 1}\n";
const NET: &str = "architectures: {net: {pair: [flatten, {linear: 2}]}}\n";
const GRID: &str = "grid: {architecture: [net], lr: [0.1]}\n";

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

fn long(i: usize) -> String {
    format!("{:a>60}{i:04}", "")
}

/// Returns a spec of several architectures and the names in the grid.
fn networks(count: usize, name: impl Fn(usize) -> String, grid: &str) -> String {
    let mut text = format!("{HEAD}{TRAIN}architectures:\n");
    for i in 0..count {
        let _ = writeln!(text, "  {}: {{pair: [flatten, {{linear: 2}}]}}", name(i));
    }
    text + grid
}

fn with(rest: &str) -> String {
    format!("{HEAD}{TRAIN}{NET}{GRID}{rest}")
}

fn grid(axes: &str) -> String {
    format!("{HEAD}{TRAIN}{NET}grid: {{architecture: [net], {axes}}}\n")
}

fn deep(layers: &str, axes: &str) -> String {
    format!(
        "{HEAD}{TRAIN}architectures: {{net: {{pair: [{layers} flatten, {{linear: 2}}]}}}}\ngrid: {{architecture: [net], {axes}}}\n"
    )
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn bombs() -> Vec<(&'static str, String)> {
    let lrs = |count: usize| list(count, |i| (i + 1).to_string());
    let rates = |count: usize| list(count, |i| format!("0.{i:05}"));
    vec![
        (
            "unknown names among many",
            networks(
                4000,
                long,
                &format!("grid: {{architecture: [{}], lr: [1]}}\n", list(8000, |i| format!("b{i}"))),
            ),
        ),
        (
            "unknown names of few letters",
            networks(
                300,
                long,
                &format!("grid: {{architecture: [{}], lr: [1]}}\n", list(10_000, |i| format!("c{i}"))),
            ),
        ),
        (
            "bands of values that are no axis",
            grid(&format!("lr: [{}]", lrs(40_000)))
                + &format!("expect: [{}]\n", list(9000, |_| "{where: {lr: -5, dropout: 7}}".into())),
        ),
        (
            "rows of a value",
            grid(&format!("lr: [{}]", lrs(20_000)))
                + &format!("tables: {{t: {{rows: [{}]}}}}\n", list(5000, |_| "{where: {lr: 5}}".into())),
        ),
        (
            "rows of a value that is not there",
            grid(&format!("lr: [{}]", lrs(20_000)))
                + &format!("tables: {{t: {{rows: [{}]}}}}\n", list(5000, |_| "{where: {lr: 0.5}}".into())),
        ),
        (
            "unknown names in the ledger",
            networks(3000, long, "grid: {architecture: [x], lr: [1]}\n")
                + &format!("ledger: {{{}}}\n", list(10_000, |i| format!("d{i}: {{paper: x}}"))),
        ),
        (
            "a ledger of unknown names",
            with(&format!("ledger: {{{}}}\n", list(20_000, |i| format!("d{i}: {{paper: x}}")))),
        ),
        (
            "layers times a million configs",
            deep(&"relu,".repeat(10_000), &format!("lr: [{}], dropout: [{}]", lrs(1000), rates(1000))),
        ),
        ("layers times rates", deep(&"relu,".repeat(80_000), &format!("lr: [{}]", lrs(80_000)))),
        ("fewer layers times rates", deep(&"relu,".repeat(1000), &format!("lr: [{}]", lrs(50_000)))),
        ("a million configs", grid(&format!("lr: [{}], dropout: [{}]", lrs(1000), rates(1000)))),
        ("a hundred thousand configs", grid(&format!("lr: [{}], dropout: [{}]", lrs(1000), rates(100)))),
        ("a million seeds", grid("lr: [1], seed: {count: 1000000}")),
        ("more seeds than numbers", grid("lr: [1], seed: {count: 18446744073709551615}")),
        ("seeds one by one", grid(&format!("lr: [1], seed: [{}]", list(120_000, |i| i.to_string())))),
        ("one seed many times", grid(&format!("lr: [1], seed: [{}]", list(200_000, |_| "7".into())))),
        ("one rate many times", grid(&format!("lr: [{}]", list(200_000, |_| "7".into())))),
        (
            "one name many times",
            format!(
                "{HEAD}{TRAIN}{NET}grid: {{architecture: [{}], lr: [1]}}\n",
                list(150_000, |_| "net".into())
            ),
        ),
        (
            "axes at their path",
            grid(&format!("lr: [1], train.batch: [{}]", list(50_000, |i| (i + 1).to_string()))),
        ),
        (
            "axes at their path that are wrong",
            grid(&format!("lr: [1], train.batch: [{}]", list(50_000, |_| "-1".into()))),
        ),
        (
            "axes at their path times axes",
            grid(&format!(
                "lr: [1], train.batch: [{}], train.epochs: [{}]",
                list(1000, |i| (i + 1).to_string()),
                list(1000, |i| (i + 1).to_string())
            )),
        ),
        (
            "an axis of a layer of a deep network",
            deep(
                &format!("flatten, {{linear: 4}}, {}", "relu,".repeat(5000)),
                &format!(
                    "lr: [1], \"architectures.net.pair[1].linear\": [{}]",
                    list(20_000, |i| (i + 1).to_string())
                ),
            ),
        ),
        ("many axes", grid(&format!("lr: [1], {}", list(10_000, |i| format!("train.x{i}: [1]"))))),
        (
            "architectures and all of them",
            networks(
                15_000,
                |i| format!("n{i}"),
                &format!("grid: {{architecture: [{}], lr: [1]}}\n", list(15_000, |i| format!("n{i}"))),
            ),
        ),
        ("unknown keys", with(&list(30_000, |i| format!("k{i}: 1")).replace(", ", "\n"))),
        ("one key many times", with(&"tables: {}\n".repeat(30_000))),
        (
            "figures",
            with(&format!("figures: {{{}}}\n", list(20_000, |i| format!("f{i}: {{curves: [accuracy]}}")))),
        ),
        (
            "figures of no kind",
            with(&format!("figures: {{{}}}\n", list(20_000, |i| format!("f{i}: {{curvs: [accuracy]}}")))),
        ),
        (
            "curves of many metrics",
            with(&format!("figures: {{f: {{curves: [{}]}}}}\n", list(80_000, |_| "accuracy".into()))),
        ),
        ("tables", with(&format!("tables: {{{}}}\n", list(20_000, |i| format!("t{i}: {{rows: [{{}}]}}"))))),
        (
            "readings times rows",
            with(&format!(
                "tables: {{t: {{readings: [{}], rows: [{}]}}}}\n",
                list(10_000, |_| "{over: rounds}".into()),
                list(10_000, |_| "{}".into())
            )),
        ),
        (
            "claims",
            with(&format!(
                "claims: {{rounds: 10, words: [{}]}}\n",
                list(10_000, |i| format!("{{name: c{i}, below: 5, where: {{architecture: net}}}}"))
            )),
        ),
        (
            "bands",
            with(&format!("expect: [{}]\n", list(15_000, |_| "{statistic: mean, within: [0, 100]}".into()))),
        ),
        (
            "bands that are fractions",
            with(&format!("expect: [{}]\n", list(15_000, |_| "{statistic: mean, within: [0, 1]}".into()))),
        ),
        ("lists in lists", with(&format!("tables: {}1{}\n", "[".repeat(100_000), "]".repeat(100_000)))),
        ("maps in maps", with(&format!("tables: {}1{}\n", "{a: ".repeat(50_000), "}".repeat(50_000)))),
        (
            "aliases of aliases",
            format!(
                "a: &a [x,x,x,x,x,x,x,x,x]\n{}{HEAD}",
                list(20, |i| format!(
                    "{0}: &{0} [{1}]",
                    char::from(b'b' + i as u8),
                    list(9, |_| format!("*{}", char::from(b'a' + i as u8)))
                ))
                .replace("], ", "]\n")
            ),
        ),
        ("a name of a megabyte", format!("experiment: {}\n", "a".repeat(1_000_000))),
        (
            "a caption of a megabyte",
            with(&format!("tables: {{t: {{caption: {}, rows: [{{}}]}}}}\n", "a".repeat(1_000_000))),
        ),
        ("a number of a megabyte", with(&format!("claims: {{rounds: {}}}\n", "1".repeat(1_000_000)))),
        ("comments", with(&"#\n".repeat(500_000))),
        ("no YAML", "\u{1}[[{:".repeat(100_000)),
        ("brackets that nothing closes", "[".repeat(1_000_000)),
        ("widths beyond all numbers", deep(&(list(2000, |_| "{conv: 16777216}".into()) + ","), "lr: [1]")),
        ("pools of all sizes", deep(&(list(20_000, |_| "{max-pool: 1}".into()) + ","), "lr: [1]")),
        (
            "activations of many gigabytes",
            deep(
                &(list(285, |_| "{conv: {channels: 1, kernel: 1, padding: 7}}".into())
                    + ", {max-pool: 64}, {max-pool: 2},"),
                "lr: [1]",
            ),
        ),
    ]
}

/// Runs a call; returns its exit code, the processor time and the most memory that it took.
#[expect(unsafe_code, reason = "only the system's own call tells what a child took")]
#[expect(clippy::zombie_processes, reason = "that call waits for it")]
fn measured(place: &Place, arguments: &[&str]) -> (i32, f64, u64) {
    let null = || std::process::Stdio::from(std::fs::File::create("/dev/null").unwrap());
    let child = place.command(arguments).stdout(null()).stderr(null()).spawn().unwrap();
    let (mut status, mut usage) = (0, unsafe { std::mem::zeroed::<libc::rusage>() });
    let pid = libc::pid_t::try_from(child.id()).unwrap();
    assert_eq!(unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) }, pid);
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 };
    (code, seconds(usage.ru_utime) + seconds(usage.ru_stime), 1024 * usage.ru_maxrss as u64)
}

/// Set in the process that measures.
const MEASURES: &str = "REPLIKAT_MEASURES_BOMBS";

#[test]
fn no_spec_below_a_megabyte_takes_much() {
    if std::env::var_os(MEASURES).is_none() {
        // The system says of a child that it took at least what its parent had, and other tests run in this process.
        let mut own = std::process::Command::new(std::env::current_exe().unwrap());
        own.args(["--exact", "--nocapture", "bombs::no_spec_below_a_megabyte_takes_much"]).env(MEASURES, "1");
        let output = own.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let place = Place::with("");
    let mut bad = Vec::new();
    for (name, text) in bombs() {
        assert!(text.len() <= 1 << 20, "{name} has {} bytes", text.len());
        place.write("bomb.yaml", &text);
        let (code, seconds, bytes) = measured(&place, &["plan", "bomb.yaml"]);
        if ![0, 2].contains(&code) || seconds > SECONDS || bytes > MEMORY {
            bad.push(format!("{name}: exit {code}, {seconds:.1} s, {} MB", bytes >> 20));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    // The last one is a good spec that no machine has the memory for.
    let much = ["--set", "train.batch=1024", "--set", "data.pairs.train=1024"];
    let (code, said) = place.run(&[&["plan", "bomb.yaml"], &much[..]].concat());
    assert!(code == 0 && said.contains("a run takes up to ") && said.contains(" GB of memory"), "{said}");
    let (code, said) = place.run(&[&["run", "bomb.yaml"], &much[..]].concat());
    assert!(code == 2 && said.contains("of memory, and there are "), "{said}");
}
