//! Measures the cell, each thing beside its floor in the same run: what the same work costs
//! without the cell. Absolute times depend on the machine; the ratios are what counts.

#[path = "cell/floor.rs"]
mod floor;
#[path = "cell/guest.rs"]
mod guest;
#[path = "cell/plain.rs"]
mod plain;
#[path = "cell/table.rs"]
mod table;

use std::time::Duration;

use anchorhold_bench_kernels::{exponentiation, fp61, ristretto};
use anchorhold_sandbox::{Cache, CacheKey, Engine, EngineConfig};
use anchorhold_tests::{ANCHORHOLD_BENCH_KERNELS, SECURE_SUM};

use guest::{Guest, engine};
use table::{compare, header, timed};

fn main() {
    // `cargo bench -- TITLE` measures what has these words in its title.
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |title: &str| {
        let wanted = words.iter().all(|word| title.contains(word.as_str()));
        if wanted {
            header(title);
        }
        wanted
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system has room");
    let guest = runtime.block_on(Guest::load(ANCHORHOLD_BENCH_KERNELS));
    println!("memory of executions: {:?}", guest.allocation());
    // First, while the pool is untouched: what it keeps resident is not counted twice.
    if wanted("executions that wait") {
        waiting(&runtime, &guest);
    }
    if wanted("start of a component, from nothing") {
        starts(&runtime);
    }
    if wanted("start of an execution") {
        let often = |n| run_often(&runtime, &guest, n);
        compare("in the pool, run and dropped", 20000, often, floor::pooled());
    }
    if wanted("windows, for each call") {
        windows(&runtime, &guest);
    }
    if wanted("computing, for each iteration; the floor is the same source native") {
        kernels(&runtime, &guest);
    }
    if wanted("computing without wide arithmetic and SIMD") {
        let plain = plain::component("kernels");
        kernels(&runtime, &runtime.block_on(Guest::load(&plain)));
    }
}

fn windows(runtime: &tokio::runtime::Runtime, guest: &Guest) {
    let run = |guest: &Guest, argument: &str| runtime.block_on(guest.run(argument));
    per_call("send and receive 64 B", 10_000, &|n| run(guest, &format!("messages {n}")), |n| {
        runtime.block_on(floor::echo(n, 64))
    });
    per_call("send and receive 16 MiB", 10, &|n| run(guest, &format!("large-messages {n}")), |n| {
        floor::copies(2 * n, 16 << 20)
    });
    let stored = runtime.block_on(Guest::load_with_storage(ANCHORHOLD_BENCH_KERNELS));
    let sled = floor::Sled::new();
    per_call("storage set, 1 KiB", 2_000, &|n| run(&stored, &format!("sets {n}")), |n| {
        sled.sets(n)
    });
    per_call("storage get, 1 KiB", 2_000, &|n| run(&stored, &format!("gets {n}")), |n| {
        sled.gets(n)
    });
    compare("storage commit, 1 KiB", 10, |n| stored.commits(n), |n| sled.commits(n));
}

type Kernel = (&'static str, &'static str, fn(u64) -> u64, u64);

const KERNELS: [Kernel; 3] = [
    ("Fp61 multiplication", "fp61", fp61, 40_000_000),
    ("2048-bit exponentiation", "exponentiation", exponentiation, 20),
    ("ristretto255 multiplication", "ristretto", ristretto, 2_000),
];

fn kernels(runtime: &tokio::runtime::Runtime, guest: &Guest) {
    for (what, kernel, native, iterations) in KERNELS {
        let inside = |n| runtime.block_on(guest.run(&format!("{kernel} {n}")));
        per_call(what, iterations, &inside, |n| timed(|| native(n)));
    }
}

/// Compares `n` calls within one execution with their floor, the execution itself not counted.
fn per_call(
    what: &str,
    n: u64,
    inside: &dyn Fn(u64) -> Duration,
    floor: impl FnMut(u64) -> Duration,
) {
    compare(what, n, |n| inside(n).saturating_sub(inside(0)), floor);
}

fn run_often(runtime: &tokio::runtime::Runtime, guest: &Guest, n: u64) -> Duration {
    (0..n).map(|_| runtime.block_on(guest.run("fp61 0"))).sum()
}

/// Starts of the secure sum by an engine that has never seen it.
fn starts(runtime: &tokio::runtime::Runtime) {
    let component = std::fs::read(SECURE_SUM).expect("it was built for the benchmark");
    let folder = tempfile::tempdir().expect("there is room");
    let cache = || {
        let key = CacheKey::open(&folder.path().join("key")).expect("the folder is ours");
        Some(Cache::open(&folder.path().join("cache"), key).expect("the folder is ours"))
    };
    let prepare = |engine: Engine| {
        timed(|| runtime.block_on(engine.prepare(component.clone())).expect("it is an algorithm"))
    };
    let mebibytes = component.len() as f64 / f64::from(1 << 20);
    let what = format!("from wasm, {mebibytes:.2} MiB");
    compare(&what, 1, |_| prepare(engine(None)), |_| floor::compile(&component));
    prepare(engine(cache()));
    compare("from the cache", 1, |_| prepare(engine(cache())), |_| floor::read(folder.path()));
}

/// Measures what a waiting execution holds.
fn waiting(runtime: &tokio::runtime::Runtime, guest: &Guest) {
    const EXECUTIONS: u64 = 1_000;
    let look =
        || (floor::kernel_says("smaps_rollup", "Pss:"), floor::kernel_says("status", "Threads:"));
    let before = look();
    let after = runtime.block_on(guest.wait(EXECUTIONS, look));
    let kibibytes = after.0.saturating_sub(before.0) as f64 / EXECUTIONS as f64;
    println!("  {EXECUTIONS} executions: {kibibytes:.1} KiB each resident, host side included");
    println!("  threads of the process before {}, while they wait {}", before.1, after.1);
}

/// The settings of every engine here.
fn config(cache: Option<Cache>) -> EngineConfig {
    EngineConfig { cache, ..EngineConfig::default() }
}
