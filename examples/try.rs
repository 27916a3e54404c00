use std::sync::{Arc, atomic::AtomicBool};
#[global_allocator]
static G: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let text = std::fs::read_to_string("experiments/paper.yaml").unwrap();
    let o: Vec<String> = std::env::args().skip(1).collect();
    let spec = match replikat::spec::Spec::parse("paper.yaml", &text, &o) {
        Ok(s) => s,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let plan = replikat::plan::Plan::expand(&spec, replikat::data::identity(spec.data.source));
    let t = std::time::Instant::now();
    let place = replikat::data::mnist::find(Some(std::path::Path::new("../shared/mnist"))).unwrap();
    let data = replikat::data::load(spec.data.source, place.as_ref(), &spec.data.pairs).unwrap();
    println!("load {:?}", t.elapsed());
    for run in &plan.runs {
        let c = plan.config(run);
        let seed = replikat::data::pairs::data_seed(&c.pairs, run.seed);
        let split = Arc::new(replikat::data::pairs::draw(&data.train, &data.test, &c.pairs, c.scale, seed));
        let t = std::time::Instant::now();
        let out = replikat::train::train(&replikat::train::Cohort {
            config: c,
            seeds: &[run.seed],
            data: &[split],
            device: &candle_core::Device::Cpu,
            stop: &AtomicBool::new(false),
        })
        .unwrap()
        .unwrap();
        let e = out[0].epochs.last().unwrap();
        println!(
            "{} {} {} {:?} train {:.3} test {:.3} digits {:?} loss {:.4} {}",
            c.name,
            c.architecture.parameter_count(),
            run.seed,
            t.elapsed(),
            e.train.accuracy,
            e.test.accuracy,
            e.test.digit_accuracy,
            e.train.loss,
            out[0].digest()
        );
    }
}
