//! Measures steps of protocols among three parties in this process: as components on all processors,
//! and beside them, on one processor, the same source native in the lab. Absolute times depend on the
//! machine; the ratios are what counts.

#[path = "cell/table.rs"]
mod table;

use std::sync::Arc;
use std::time::Duration;

use anchorhold_model::{Ending, Limits};
use anchorhold_sandbox::Algorithm;
use anchorhold_sdk::lab::Lab;
use anchorhold_tests::{ANCHORHOLD_BENCH_PROTOCOLS, Parties, prepare};
use tokio::runtime::{Builder, Runtime};

use table::{compare, header, timed};

/// A step, on how many elements at once, and how often in one measurement.
const STEPS: [(&str, usize, u32); 3] =
    [("multiply", 100_000, 20), ("compare", 20_000, 2), ("multiply-fixed", 50_000, 5)];

fn main() {
    let one = Builder::new_current_thread().enable_all().build().expect("the system has room");
    let all = Builder::new_multi_thread().enable_all().build().expect("the system has room");
    let algorithm = one.block_on(prepare(ANCHORHOLD_BENCH_PROTOCOLS)).expect("it is a component");
    println!("three parties on one processor; the floor is the same source native");
    header("a step, for each element");
    for (step, length, times) in STEPS {
        let arguments = arguments(step, length, times);
        let each = |time: Duration| time / times / u32::try_from(length).unwrap_or(u32::MAX);
        let scale = 1_000_000;
        compare(
            step,
            1,
            |_| each(component(&one, &algorithm, &arguments) * scale) / scale,
            |_| each(native(&arguments) * scale) / scale,
        );
    }
    println!("\nthree parties on all processors, elements in a second");
    for (step, length, times) in STEPS {
        let arguments = arguments(step, length, times);
        let mut seconds: Vec<f64> =
            (0..5).map(|_| component(&all, &algorithm, &arguments).as_secs_f64()).collect();
        seconds.sort_by(f64::total_cmp);
        let elements = length as f64 * f64::from(times);
        println!("  {step:36} {:>12.0} /s", elements / seconds[2]);
    }
}

fn arguments(step: &str, length: usize, times: u32) -> String {
    format!(r#"{{"step":"{step}","length":{length},"times":{times}}}"#)
}

fn component(runtime: &Runtime, algorithm: &Arc<Algorithm>, arguments: &str) -> Duration {
    let limits = Limits { sent_bytes: 1 << 32, ..Limits::default() };
    let mut parties = Parties::with_arguments(3, arguments);
    timed(|| {
        let outcome = runtime.block_on(parties.run(algorithm, &limits));
        let finished = |ending: &Ending| matches!(ending, Ending::Finished(_));
        assert!(outcome.endings.iter().all(finished), "{:?}", outcome.endings);
    })
}

fn native(arguments: &str) -> Duration {
    let mut lab = Lab::new(anchorhold_bench_protocols::algorithm());
    lab.parties(3);
    for seat in 0..3 {
        lab.argument_bytes(seat, arguments.as_bytes());
    }
    timed(|| drop(lab.run().common_result().clone()))
}
