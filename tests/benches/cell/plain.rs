//! The components as a node runs them that takes standard WebAssembly only.

use std::path::Path;

use anchorhold::build::{Request, build};

/// Builds the component of one of the folders of `tests` without wide arithmetic and SIMD, but optimized
/// like the others, and returns its path.
///
/// # Panics
/// If it does not build.
pub fn component(folder: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Another folder: the other components have the same names.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plain");
    let options = [
        "--quiet",
        "--config=profile.release.lto='fat'",
        "--config=profile.release.codegen-units=1",
        "--target-dir",
    ];
    let options = options.into_iter().map(Into::into).chain([target.into()]);
    let request =
        Request { folder: tests.join(folder), plain: true, cargo_options: options.collect() };
    let built = build(&request).expect("the toolchain builds components");
    built.component.to_str().expect("cargo printed it").to_owned()
}
