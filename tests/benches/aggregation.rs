//! Measures secure aggregation: masks of a million values, and averages of ten and a hundred workers with as
//! many each, as components, the same source native, and beside Flower's where `make peers` has installed
//! it. Absolute times depend on the machine; the ratios are what counts.
//!
//! Flower's SecAgg+ draws masks from a generator with a seed of 32 bits, and sends eight bytes for each
//! value; here it masks between all workers, as ours do, and shares no secrets.

#[path = "peer/cost.rs"]
mod cost;

use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use anchorhold::local::{LocalParty, Observer, Seed, run_task};
use anchorhold_model::{Ending, Limits, Party, RunId};
use anchorhold_node::dataset::Dataset;
use anchorhold_node::storage::TaskStorage;
use anchorhold_sandbox::Report;
use anchorhold_sdk::lab::Lab;
use anchorhold_storage::{Quota, StorageKey, Store};
use anchorhold_tests::{ANCHORHOLD_BENCH_PROTOCOLS, SECURE_AGGREGATION, prepare};
use secure_aggregation::tensors::{Precision, StateDictionary, Tensor};
use serde_json::{Value, json};

use cost::{Cost, measured, of_reports, peer, print, report};

const VALUES: usize = 1_000_000;
/// Of a value, and by how much the average may be off.
const BITS: u32 = 22;
const CLIP: f64 = 8.0;
const ERROR: f64 = 1e-5;

/// How many workers, and whether the same source is measured native.
const WORKS: [(usize, bool); 2] = [(10, true), (100, false)];

/// How many masks are drawn in a measurement, by each of three parties.
const MASKS: u32 = 20;

/// What stands for a process that measures the native source alone.
const NATIVE: &str = "native";

fn main() {
    let words: Vec<_> = env::args().collect();
    match &words[..] {
        [_, first, masks] if first == NATIVE && masks == "masks" => return native_masks(),
        [_, first, workers] if first == NATIVE => {
            return native(workers.parse().expect("it is a number"));
        }
        _ => {}
    }
    let this = |argument: &str| {
        let this = env::current_exe().expect("it was started");
        measured(Command::new(this).args([NATIVE, argument]))
    };
    println!("{VALUES} values each                             processor        bytes      memory");
    println!("  one mask");
    let ours = masks();
    print("component", ours, None);
    print("the same source native", this("masks"), Some(ours));
    beside(&["mask".to_owned(), MASKS.to_string()], ours);
    for (workers, is_native) in WORKS {
        println!(
            "  the average of {workers}; bytes are of a worker, memory of the largest execution"
        );
        let ours = component(workers);
        print("component", ours, None);
        let values = VALUES as f64 * f64::from(modulus_bits(workers)) / 8.0;
        println!("    bytes are {:.3} times those of the values", ours.bytes / values);
        if is_native {
            print("the same source native, all together", this(&workers.to_string()), Some(ours));
        }
        beside(&["average".to_owned(), workers.to_string()], ours);
    }
}

/// Measures Flower.
fn beside(arguments: &[String], ours: Cost) {
    match peer("flwr") {
        None => println!("    Flower is not here: `make peers` installs it"),
        Some(mut peer) => {
            let values = VALUES.to_string();
            print("Flower, all together", measured(peer.args(arguments).arg(values)), Some(ours));
        }
    }
}

/// Of the largest sum.
fn modulus_bits(workers: usize) -> u32 {
    let largest = workers as u64 * ((1 << BITS) - 2);
    u64::BITS - largest.leading_zeros()
}

fn mask_arguments() -> Value {
    json!({ "setting": "replicated", "step": "mask", "length": VALUES, "times": MASKS })
}

/// Puts masks on a vector, in three executions one after the other.
fn masks() -> Cost {
    let arguments = mask_arguments();
    let party = |_| ("party", None);
    let reports = executed(ANCHORHOLD_BENCH_PROTOCOLS, (0..3).map(party).collect(), &arguments);
    let cost = of_reports(&reports);
    Cost { seconds: cost.seconds / f64::from(3 * MASKS), bytes: 0.0, ..cost }
}

fn native_masks() {
    let mut lab = Lab::new(anchorhold_bench_protocols::algorithm());
    lab.parties(3).arguments(mask_arguments());
    report(3 * MASKS, || {
        lab.run().common_result();
        0.0
    });
}

/// The state dictionary of a worker, in a file.
fn file(worker: usize) -> Vec<u8> {
    let values = (0..VALUES).map(|place| value(worker, place)).collect();
    let tensor =
        Tensor::of_precision("weight", vec![1_000, VALUES / 1_000], values, Precision::Single);
    let tensors = [("weight".to_owned(), tensor.expect("all are finite"))];
    StateDictionary::new(tensors.into()).and_then(|state| state.to_safetensors()).expect("it fits")
}

fn value(worker: usize, place: usize) -> f64 {
    ((worker * 31 + place * 7) % 1_024) as f64 / 64.0 - CLIP
}

fn arguments() -> Value {
    json!({ "clip": CLIP, "bits": BITS, "format": "safetensors" })
}

/// Checks some values of an average.
fn check(average: &[u8], workers: usize) {
    let average = StateDictionary::from_safetensors(average).expect("it is such a file");
    let (_, tensor) = average.tensors().next().expect("it has one");
    for place in (0..VALUES).step_by(997) {
        let sum: f64 = (0..workers).map(|worker| value(worker, place)).sum();
        let off = (tensor.values()[place] - sum / workers as f64).abs();
        assert!(off < ERROR, "{place}: {off}");
    }
}

/// Runs the component in this process; of bytes those of one worker.
fn component(workers: usize) -> Cost {
    let workers_of = (0..workers).map(|worker| ("worker", Some(file(worker))));
    let parties = [("modeller", None)].into_iter().chain(workers_of).collect();
    let reports = executed(SECURE_AGGREGATION, parties, &arguments());
    let Ending::Finished(average) = &reports[0].ending else { panic!("{}", reports[0].ending) };
    check(average, workers);
    Cost { bytes: reports[1].usage.sent.1 as f64, ..of_reports(&reports) }
}

/// Runs a component among parties, each with a role and, some, a file.
fn executed(path: &str, parties: Vec<(&str, Option<Vec<u8>>)>, arguments: &Value) -> Vec<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system has room");
    let algorithm = runtime.block_on(prepare(path)).expect("it is a component");
    let folder = tempfile::tempdir().expect("there is room");
    let store = Store::open(&folder.path().join("storage"), &StorageKey::from_bytes([1; 32]));
    let store = store.expect("the folder is new");
    let limits = Limits::default();
    let parties = (0_u8..).zip(parties).map(|(seat, (role, file))| {
        let run = store.run(RunId::from_bytes([seat; 32]), Quota::from(&limits));
        let grant = file.map(|file| {
            let path = folder.path().join(format!("state-{seat}"));
            fs::write(&path, file).expect("there is room");
            let dataset = Dataset::open_file("state", &path).expect("it is a file");
            Arc::new(dataset).grant(None).expect("it is all")
        });
        LocalParty {
            party: Party { organization: format!("party-{seat}"), role: role.to_owned() },
            arguments: arguments.to_string().into_bytes(),
            datasets: grant.iter().map(|_| "state".to_owned()).collect(),
            storage: Box::new(TaskStorage::new(
                run.expect("it is open once").begin(),
                grant.into_iter().collect(),
            )),
        }
    });
    let (seed, observer) = ((Seed::Fixed(7), 0), Observer::new(drop));
    let parties = parties.collect();
    let reports = runtime.block_on(run_task(&algorithm, seed, parties, &limits, observer));
    reports.expect("they fill the roles")
}

/// Runs the source in the lab.
fn native(workers: usize) {
    let mut lab = Lab::new(secure_aggregation::algorithm());
    lab.party("party-0", "modeller");
    for worker in 0..workers {
        lab.party(&format!("party-{}", worker + 1), "worker");
        lab.file(worker + 1, "state", &file(worker));
    }
    lab.arguments(arguments());
    report(1, || {
        let report = lab.run();
        check(report.bytes(0), workers);
        let of_one = report.trace().iter().filter(|sent| sent.from == 1);
        of_one.map(|sent| sent.body.len() as f64).sum()
    });
}
