//! Measures protocols: as components beside the same source native, with and without wide arithmetic; among three parties on all
//! processors of this machine, beside peers where `make peers` has installed them; and through a
//! server and nodes, with a slow network. Absolute times depend on the machine; the ratios are what
//! counts.

#[path = "mpc/peers.rs"]
mod peers;
#[path = "cell/plain.rs"]
mod plain;
#[path = "cell/table.rs"]
mod table;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anchorhold_model::layout::ClosingEnding;
use anchorhold_model::{Ending, Limits};
use anchorhold_sandbox::Algorithm;
use anchorhold_sdk::lab::Lab;
use anchorhold_tests::delay::delayed;
use anchorhold_tests::network::Network;
use anchorhold_tests::{ANCHORHOLD_BENCH_PROTOCOLS, Parties, prepare};
use tokio::runtime::{Builder, Runtime};

use table::{compare, header, timed};

/// A step in a setting, on how many elements at once, and how often in one measurement.
#[derive(Clone, Copy)]
struct Work {
    setting: &'static str,
    step: &'static str,
    length: u32,
    times: u32,
}

const fn work(setting: &'static str, step: &'static str, length: u32, times: u32) -> Work {
    Work { setting, step, length, times }
}

const STEPS: [Work; 10] = [
    work("replicated", "draw", 100_000, 20),
    work("replicated", "share", 100_000, 20),
    work("replicated", "multiply", 100_000, 20),
    work("replicated", "compare", 20_000, 5),
    work("replicated", "multiply-fixed", 50_000, 10),
    work("verified", "multiply", 50_000, 5),
    work("provider", "triples", 20_000, 5),
    work("provider", "multiply", 20_000, 5),
    work("provider", "compare", 1_000, 2),
    work("provider", "multiply-fixed", 20_000, 5),
];

/// What is done once, the seconds of which count.
const WHOLE: [Work; 2] =
    [work("replicated", "inference", 1, 20), work("replicated", "kth", 10_000, 5)];

/// A hundred million quotients.
const TRUNCATIONS: Work = work("replicated", "truncate", 500_000, 200);

fn main() {
    let one = Builder::new_current_thread().enable_all().build().expect("the system has room");
    let all = Builder::new_multi_thread().enable_all().build().expect("the system has room");
    let algorithm = one.block_on(prepare(ANCHORHOLD_BENCH_PROTOCOLS)).expect("it is a component");
    println!("three parties on one processor; the floor is the same source native");
    beside_native(&one, &algorithm, "a step, for each element");
    let plain = plain::component("protocols");
    let plain = one.block_on(prepare(&plain)).expect("it is a component");
    beside_native(&one, &plain, "without wide arithmetic and SIMD");
    drop(plain);
    beside_peers(&all, &algorithm);
    let began = Instant::now();
    component(&all, &algorithm, TRUNCATIONS);
    println!(
        "\na hundred million quotients at the ends of the range, none off by one or more: {:.0} s",
        began.elapsed().as_secs_f64()
    );
    through_nodes(&all);
}

/// Measures the parties of a component, one after the other, beside native ones.
fn beside_native(runtime: &Runtime, algorithm: &Arc<Algorithm>, title: &str) {
    header(title);
    for work in STEPS {
        let Work { length, times, .. } = work;
        // A picosecond is the least that a duration cannot hold.
        let each = |time: Duration| time * 1_000 / (length * times);
        compare(
            &format!("{} {}", work.setting, work.step),
            1_000,
            |_| each(component(runtime, algorithm, work)),
            |_| each(native(work)),
        );
    }
}

/// Measures on all processors, and beside whoever else there is.
fn beside_peers(all: &Runtime, algorithm: &Arc<Algorithm>) {
    println!("\nthree parties on all processors; elements in a second, or seconds for the whole");
    let per_second = STEPS.map(|work| {
        let seconds = median(|| component(all, algorithm, work));
        let elements = f64::from(work.length * work.times);
        (work, elements / seconds, "/s")
    });
    let seconds = WHOLE.map(|work| {
        let seconds = median(|| component(all, algorithm, work));
        (work, seconds / f64::from(work.times), "s")
    });
    let peers = peers::measured();
    for (work, ours, unit) in per_second.into_iter().chain(seconds) {
        let name = format!("{} {}", work.setting, work.step);
        print!("  {name:28} {:>12} {unit:<3}", shown(ours));
        for (peer, measured) in &peers {
            let Some(theirs) = measured.get(work.step) else { continue };
            // Above one is ahead.
            let ratio = if unit == "s" { theirs / ours } else { ours / theirs };
            print!("  {peer} {} (x {ratio:.1})", shown(*theirs));
        }
        println!();
    }
}

/// Measures through a server and nodes on loopback, and with a delay on each way.
fn through_nodes(runtime: &Runtime) {
    println!("\nthrough a server and three nodes; a task from its submission to its end");
    let works = [
        work("replicated", "multiply", 100_000, 1),
        work("replicated", "compare", 10_000, 1),
        work("replicated", "inference", 1, 1),
        work("replicated", "kth", 10_000, 1),
    ];
    for delay in [0, 1, 10, 50] {
        let network = match delay {
            0 => runtime.block_on(Network::new(3)),
            _ => runtime.block_on(delayed(3, Duration::from_millis(delay))),
        };
        for work in works {
            let took = median(|| runtime.block_on(task(&network, work)));
            let nothing = work_of_no_steps(work);
            let without = median(|| runtime.block_on(task(&network, nothing)));
            println!(
                "  {delay:>2} ms  {:20} {:>9} s, of which the task around it {} s",
                work.step,
                shown(took),
                shown(without)
            );
        }
    }
}

fn work_of_no_steps(work: Work) -> Work {
    Work { times: 0, ..work }
}

async fn task(network: &Network, work: Work) -> Duration {
    let mut run = network.run(ANCHORHOLD_BENCH_PROTOCOLS).await;
    let began = Instant::now();
    for outcome in run.task(&arguments(work), &[]).await {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
    }
    began.elapsed()
}

fn arguments(Work { setting, step, length, times }: Work) -> String {
    format!(r#"{{"setting":"{setting}","step":"{step}","length":{length},"times":{times}}}"#)
}

fn component(runtime: &Runtime, algorithm: &Arc<Algorithm>, work: Work) -> Duration {
    let limits = Limits { sent_bytes: 1 << 34, inbox_bytes: 1 << 32, ..Limits::default() };
    let mut parties = Parties::with_arguments(3, &arguments(work));
    timed(|| {
        let outcome = runtime.block_on(parties.run(algorithm, &limits));
        let finished = |ending: &Ending| matches!(ending, Ending::Finished(_));
        assert!(outcome.endings.iter().all(finished), "{:?}", outcome.endings);
    })
}

fn native(work: Work) -> Duration {
    let mut lab = Lab::new(anchorhold_bench_protocols::algorithm());
    lab.parties(3);
    for seat in 0..3 {
        lab.argument_bytes(seat, arguments(work).as_bytes());
    }
    timed(|| drop(lab.run().result(0).clone()))
}

/// Measures several times, and returns the middle one in seconds.
fn median(mut measure: impl FnMut() -> Duration) -> f64 {
    let mut seconds: Vec<f64> = (0..5).map(|_| measure().as_secs_f64()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[2]
}

fn shown(number: f64) -> String {
    if number < 100.0 { format!("{number:.4}") } else { format!("{number:.0}") }
}
