//! Builds the components that the tests run, once for all of them, and names them in Rust.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";
const GUESTS: &str = "anchorhold-test-guests";
const OTHERS: [&str; 15] = [
    "secure-sum",
    "secure-average",
    "shamir-sum",
    "millionaires",
    "private-inference",
    "psi",
    "secure-aggregation",
    "secure-dot",
    "secure-median",
    "secure-regression",
    "glm",
    "coxph",
    "federated-training",
    "anchorhold-bench-kernels",
    "anchorhold-bench-protocols",
];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in a folder");
    for watched in [
        "wit",
        "guest-sdk/src",
        "algorithms",
        "tests/guests",
        "tests/kernels",
        "tests/protocols",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(watched).display());
    }
    // A folder of its own: the cargo that runs this script has locked the other.
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace.join("target"), PathBuf::from)
        .join("guests");
    build(workspace, &target);

    let built = target.join(TARGET).join("release");
    let guests = names(&workspace.join("tests/guests/examples"));
    let mut source = String::new();
    for guest in &guests {
        let path = built.join("examples").join(format!("{guest}.wasm"));
        constant(&mut source, guest, &path);
    }
    for other in OTHERS.map(|name| name.replace('-', "_")) {
        constant(&mut source, &other, &built.join(format!("{other}.wasm")));
    }
    let each: String = guests.iter().map(|guest| format!("$each!({guest});")).collect();
    let macros = "/// Expands a macro for each guest.\n#[macro_export]\n";
    writeln!(source, "{macros}macro_rules! for_each_guest {{ ($each:ident) => {{ {each} }} }}")
        .expect("a string takes all");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("guests.rs"), source).expect("cargo made the folder");
}

fn build(workspace: &Path, target: &Path) {
    let features = format!("{GUESTS}/component");
    run(cargo(workspace, target, "build").args([
        "--package",
        GUESTS,
        "--examples",
        "--features",
        &features,
    ]));
    // As `anchorhold algorithm build` builds them.
    for other in OTHERS {
        run(cargo(workspace, target, "rustc")
            .args(["--package", other, "--lib", "--crate-type", "cdylib"])
            .envs([
                ("CARGO_PROFILE_RELEASE_LTO", "fat"),
                ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
            ])
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"));
    }
}

fn cargo(workspace: &Path, target: &Path, command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo sets it"));
    cargo.current_dir(workspace).args([command, "--release", "--quiet", "--target", TARGET]);
    cargo.arg("--target-dir").arg(target);
    // What the outer cargo sets is for the host.
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
    {
        cargo.env_remove(name);
    }
    let flags = "-Ctarget-feature=+simd128,+wide-arithmetic";
    cargo.env("RUSTFLAGS", format!("{flags} --cfg curve25519_dalek_bits=\"64\""));
    cargo
}

fn run(cargo: &mut Command) {
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the components did not build");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the guests are there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn constant(source: &mut String, name: &str, path: &Path) {
    let constant = name.to_uppercase();
    writeln!(source, "/// The component `{name}`.\npub const {constant}: &str = {path:?};")
        .expect("a string takes all");
}
