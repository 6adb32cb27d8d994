//! What the same work costs without the cell.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anchorhold_model::Seat;
use anchorhold_sandbox::Courier as _;
use anchorhold_tests::windows::Echo;
use tempfile::TempDir;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Store};

use crate::table::timed;

/// The compiler alone, with the settings that it has by default.
pub fn compile(component: &[u8]) -> Duration {
    let engine = Engine::new(Config::new().wasm_wide_arithmetic(true)).expect("it compiles");
    timed(|| Component::new(&engine, component).expect("it is a component"))
}

/// Reads the files of a cache.
pub fn read(folder: &Path) -> Duration {
    timed(|| {
        let entries = fs::read_dir(folder.join("cache")).expect("it was filled");
        entries.map(|entry| fs::read(entry.expect("it is ours").path())).collect::<Vec<_>>()
    })
}

/// Instantiates, calls and drops a component with one memory and nothing else, from a pool.
pub fn pooled() -> impl FnMut(u64) -> Duration {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::pooling());
    let engine = Engine::new(&config).expect("this machine runs WebAssembly");
    let component = r#"(component
        (core module $m (memory 17) (func (export "f")))
        (core instance $i (instantiate $m))
        (func (export "f") (canon lift (core func $i "f"))))"#;
    let component = wat::parse_str(component).expect("it is a component");
    let component = Component::new(&engine, component).expect("it is a component");
    let linked =
        Linker::<()>::new(&engine).instantiate_pre(&component).expect("it imports nothing");
    move |n| {
        timed(|| {
            for _ in 0..n {
                let mut store = Store::new(&engine, ());
                let instance = linked.instantiate(&mut store).expect("there is room");
                let f = instance.get_typed_func::<(), ()>(&mut store, "f").expect("it is there");
                f.call(&mut store, ()).expect("it does nothing");
            }
        })
    }
}

/// Sends to the same courier and receives from it, natively.
pub async fn echo(n: u64, bytes: usize) -> Duration {
    let mut courier = Echo::default();
    let start = std::time::Instant::now();
    for _ in 0..n {
        courier.send(Seat(1), "bench".into(), vec![0; bytes]).await.expect("it keeps it");
        let received = courier.receive(Some(Seat(1)), Some("bench"), None).await;
        std::hint::black_box(received.expect("it was sent"));
    }
    start.elapsed()
}

/// Copies bytes from one place in memory to a fresh one.
pub fn copies(n: u64, bytes: usize) -> Duration {
    let source = vec![7_u8; bytes];
    timed(|| (0..n).for_each(|_| drop(std::hint::black_box(source.clone()))))
}

/// sled alone.
pub struct Sled {
    folder: TempDir,
    tree: sled::Db,
}

impl Sled {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let tree = sled::open(folder.path().join("sled")).expect("the folder is new");
        Self { folder, tree }
    }

    pub fn sets(&self, n: u64) -> Duration {
        let set = |index: u64| self.tree.insert(key(index), vec![7; 1024]).expect("there is room");
        timed(|| (0..n).for_each(|index| drop(set(index))))
    }

    pub fn gets(&self, n: u64) -> Duration {
        let get = |index: u64| self.tree.get(key(index)).expect("it can be read");
        timed(|| (0..n).for_each(|index| drop(std::hint::black_box(get(index)))))
    }

    /// Writes 1 KiB to a file and syncs it: what a disk asks for anything that lasts.
    pub fn commits(&self, n: u64) -> Duration {
        let mut file = File::create(self.folder.path().join("file")).expect("there is room");
        timed(|| {
            for _ in 0..n {
                file.write_all(&[7; 1024]).expect("there is room");
                file.sync_data().expect("there is a disk");
            }
        })
    }
}

fn key(index: u64) -> String {
    format!("key-{}", index % 100)
}

/// Returns a number that the kernel says of this process.
pub fn kernel_says(file: &str, name: &str) -> u64 {
    let said = fs::read_to_string(Path::new("/proc/self").join(file)).expect("this is Linux");
    let line = said.lines().find(|line| line.starts_with(name)).expect("it is there");
    let number = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    number.expect("it is a number")
}
