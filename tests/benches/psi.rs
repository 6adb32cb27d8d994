//! Measures private set intersection: as components, the same source native, and beside OpenMined's
//! where `make peers` has installed it. Processor time and bytes are of both parties together. Absolute
//! times depend on the machine; the ratios are what counts.

#[path = "peer/cost.rs"]
mod cost;

use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use anchorhold::local::{LocalParty, Observer, Seed, run_task};
use anchorhold_model::{Ending, Limits, Party, RunId};
use anchorhold_node::dataset::{Dataset, NULL_TEXTS};
use anchorhold_node::storage::TaskStorage;
use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_storage::{Quota, StorageKey, Store};
use anchorhold_tests::{PSI, prepare};
use serde_json::json;

use cost::{Cost, measured, of_reports, peer, print, report};

/// The kinds, and how many keys the modeller and the pod have.
const WORKS: [(&str, usize, usize); 4] = [
    ("ecdh", 10_000, 10_000),
    ("voprf", 10_000, 10_000),
    ("rsa", 10_000, 10_000),
    ("ecdh", 1_000, 1_000_000),
];

/// What stands for a process that measures the native source alone.
const NATIVE: &str = "native";

fn main() {
    let words: Vec<_> = env::args().collect();
    if let [_, first, kind, modeller, pod, ..] = &words[..]
        && first == NATIVE
    {
        let number = |text: &String| text.parse().expect("it is a number");
        return native(kind, number(modeller), number(pod));
    }
    println!("kind, keys of the modeller and of the pod      processor       bytes      memory");
    for (kind, modeller, pod) in WORKS {
        println!("  {kind} {modeller} {pod}");
        let ours = component(kind, modeller, pod);
        print("component", ours, None);
        let sizes = [kind.to_owned(), modeller.to_string(), pod.to_string()];
        let this = env::current_exe().expect("it was started");
        let native = measured(Command::new(this).arg(NATIVE).args(&sizes));
        print("the same source native", native, Some(ours));
        match peer("openmined") {
            None => println!("    openmined is not here: `make peers` installs it"),
            Some(mut peer) => print("openmined", measured(peer.args(&sizes[1..])), Some(ours)),
        }
    }
}

/// The keys of a party: of the pod's, every second is the modeller's, as far as both go.
fn keys(step: usize, number: usize) -> Vec<String> {
    (0..number).map(|key| format!("patient-{}", step * key)).collect()
}

fn shared(modeller: usize, pod: usize) -> usize {
    modeller.min(pod.div_ceil(2))
}

/// Runs the component in this process.
fn component(kind: &str, modeller: usize, pod: usize) -> Cost {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system has room");
    let algorithm = runtime.block_on(prepare(PSI)).expect("it is a component");
    let folder = tempfile::tempdir().expect("there is room");
    let store = Store::open(&folder.path().join("storage"), &StorageKey::from_bytes([1; 32]));
    let store = store.expect("the folder is new");
    let limits = Limits::default();
    let arguments = json!({ "kind": kind, "keys": ["patient"] }).to_string();
    let parties = [("modeller", 2, modeller), ("pod", 1, pod)];
    let parties = (0_u8..).zip(parties).map(|(seat, (role, step, number))| {
        let path = folder.path().join(role);
        let rows: Vec<_> = ["patient".to_owned()].into_iter().chain(keys(step, number)).collect();
        fs::write(&path, rows.join("\n")).expect("there is room");
        let dataset = Dataset::open("records", &path, &[], &NULL_TEXTS).expect("it is a table");
        let grant = Arc::new(dataset).grant(None).expect("it has columns");
        let run = store.run(RunId::from_bytes([seat; 32]), Quota::from(&limits));
        let run = run.expect("it is open once");
        LocalParty {
            party: Party { organization: role.to_owned(), role: role.to_owned() },
            arguments: arguments.clone().into_bytes(),
            datasets: vec!["records".to_owned()],
            storage: Box::new(TaskStorage::new(run.begin(), vec![grant])),
        }
    });
    let (seed, observer) = ((Seed::Fixed(7), 0), Observer::new(drop));
    let reports =
        runtime.block_on(run_task(&algorithm, seed, parties.collect(), &limits, observer));
    let reports = reports.expect("they fill the roles");
    let Ending::Finished(result) = &reports[0].ending else { panic!("{}", reports[0].ending) };
    let result: serde_json::Value = serde_json::from_slice(result).expect("it is JSON");
    assert_eq!(result["shared"], shared(modeller, pod));
    of_reports(&reports)
}

/// Runs the source in the lab, and prints what it cost as the peers do.
fn native(kind: &str, modeller: usize, pod: usize) {
    let mut lab = Lab::new(psi::algorithm());
    for (seat, (role, step, number)) in
        [("modeller", 2, modeller), ("pod", 1, pod)].into_iter().enumerate()
    {
        let keys = keys(step, number);
        lab.party(role, role).dataset(
            seat,
            "records",
            &Rows::new().utf8("patient", keys.iter().map(String::as_str)),
        );
    }
    lab.arguments(json!({ "kind": kind, "keys": ["patient"] }));
    report(1, || {
        let report = lab.run();
        assert_eq!(report.result(0)["shared"], shared(modeller, pod));
        report.traffic().bytes as f64
    });
}
