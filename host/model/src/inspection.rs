//! Looks at a component without running or compiling it: what it imports and exports, and whether
//! a host will take it.

mod effort;

use std::collections::BTreeSet;

use wasmparser::{
    BinaryReaderError, ComponentTypeRef, Parser, Payload, TypeBounds, ValidPayload, Validator,
    WasmFeatures,
};

use crate::{Digest, limits, printable};

use effort::Effort;

/// The package and version of the contract that this host speaks.
pub const CONTRACT: &str = "anchorhold:algorithm";
/// The contract's version. A component that was built for another one is refused.
pub const CONTRACT_VERSION: &str = "0.1.0";

/// How many refused imports are named, and how much of each name.
const NAMED_IMPORTS: usize = 12;
const NAMED_CHARACTERS: usize = 80;
/// What an algorithm must export.
const EXPORTS: [&str; 2] = ["describe", "run"];
/// The interfaces of WASI 0.2 that a host links, whatever the patch version.
const WASI: [&str; 18] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

/// What a component is from the outside.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Inspection {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: u64,
    /// The imports that a host offers, in the component's order.
    pub imports: Vec<String>,
    /// The exports, in the component's order.
    pub exports: Vec<String>,
}

/// Why a component is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is larger than a host looks at.
    #[error("the component has {0} bytes; at most {max} are taken", max = limits::COMPONENT_BYTES)]
    TooLarge(u64),
    /// It is not WebAssembly.
    #[error("this is not WebAssembly: it does not begin with the bytes 00 61 73 6d")]
    NotWasm,
    /// It is a core module.
    #[error(
        "this is a core WebAssembly module, not a component; build it for the target wasm32-wasip2"
    )]
    CoreModule,
    /// It is truncated, corrupt, or uses a feature that hosts do not allow.
    #[error("the component is not valid: {0}")]
    Invalid(String),
    /// Compiling it could take more than a host gives for it.
    #[error("the component has more than {most} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: u64,
    },
    /// It was built for another version of the contract.
    #[error(
        "the component was built for {CONTRACT} {found}, this host speaks {CONTRACT_VERSION}; build it with the matching SDK"
    )]
    OtherContract {
        /// The version that it was built for.
        found: String,
    },
    /// It imports what no host offers.
    #[error("the component imports {}, which a host does not offer{}", .imports.join(", "), .hint)]
    ForbiddenImports {
        /// The imports, in the component's order.
        imports: Vec<String>,
        /// What leads to such imports, as a part of the sentence.
        hint: String,
    },
    /// It does not export what an algorithm must.
    #[error("the component does not export {}; declare an algorithm with the SDK's `algorithm!`", .0.join(" and "))]
    MissingExports(Vec<&'static str>),
}

/// Returns the features of WebAssembly that hosts allow: those of a Rust component, wide
/// arithmetic among them, and none whose result depends on the machine.
pub fn features() -> WasmFeatures {
    WasmFeatures::WASM1
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::CALL_INDIRECT_OVERLONG
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::BULK_MEMORY_OPT
        | WasmFeatures::SIMD
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::WIDE_ARITHMETIC
        | WasmFeatures::COMPONENT_MODEL
}

/// Validates a component and says what it imports and exports.
///
/// # Errors
///
/// The first reason for which a host refuses it.
pub fn inspect(component: &[u8]) -> Result<Inspection, Refusal> {
    let validator = Validator::new_with_features(features());
    look(component, Digest::of(component), Some(validator))
}

/// Says the same of a component with this digest that was validated before, in a fraction of the
/// time.
///
/// # Errors
///
/// The first reason for which a host refuses it; what only validation finds is not found.
pub fn outline(component: &[u8], digest: Digest) -> Result<Inspection, Refusal> {
    look(component, digest, None)
}

fn look(
    component: &[u8],
    digest: Digest,
    validator: Option<Validator>,
) -> Result<Inspection, Refusal> {
    let bytes = u64::try_from(component.len()).unwrap_or(u64::MAX);
    if bytes > limits::COMPONENT_BYTES {
        return Err(Refusal::TooLarge(bytes));
    }
    if !component.starts_with(b"\0asm") {
        return Err(Refusal::NotWasm);
    }
    if Parser::is_core_wasm(component) {
        return Err(Refusal::CoreModule);
    }
    let invalid = |error: BinaryReaderError| Refusal::Invalid(error.to_string());
    let (imports, exports) = names(component).map_err(invalid)?;
    check_imports(&imports)?;
    if let Some(validator) = validator {
        validate(component, validator)?;
    }
    let missing: Vec<_> =
        EXPORTS.into_iter().filter(|name| !exports.iter().any(|export| export == name)).collect();
    if !missing.is_empty() {
        return Err(Refusal::MissingExports(missing));
    }
    Ok(Inspection { digest, bytes, imports, exports })
}

/// Collects the names of the component's own imports and exports, not those of the modules and
/// components inside.
fn names(component: &[u8]) -> Result<(Vec<String>, Vec<String>), BinaryReaderError> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { .. } => depth = depth.saturating_add(1),
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    let import = import?;
                    // A name for a type that is imported already gives nothing to reach.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

/// Validates everything, the bodies of functions included, and bounds what compiling it takes.
fn validate(component: &[u8], mut validator: Validator) -> Result<(), Refusal> {
    let invalid = |error: BinaryReaderError| Refusal::Invalid(error.to_string());
    let mut allocations = Default::default();
    let mut effort = Effort::default();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(invalid)?;
        effort.count(&payload)?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload).map_err(invalid)? {
            let mut function = function.into_validator(allocations);
            function.validate(&body).map_err(invalid)?;
            allocations = function.into_allocations();
        }
    }
    Ok(())
}

fn check_imports(imports: &[String]) -> Result<(), Refusal> {
    for (name, version) in imports.iter().filter_map(|import| import.split_once('@')) {
        let ours = name.split_once('/').is_some_and(|(package, _)| package == CONTRACT);
        if ours && version != CONTRACT_VERSION {
            return Err(Refusal::OtherContract { found: shown(version) });
        }
    }
    let forbidden: BTreeSet<&String> =
        imports.iter().filter(|import| !is_offered(import)).collect();
    if forbidden.is_empty() {
        return Ok(());
    }
    let hints: BTreeSet<&str> = forbidden.iter().filter_map(|import| hint(import)).collect();
    let hint = hints.into_iter().collect();
    let mut imports: Vec<_> =
        forbidden.iter().take(NAMED_IMPORTS).map(|import| shown(import)).collect();
    if let Some(more) = forbidden.len().checked_sub(NAMED_IMPORTS).filter(|more| *more > 0) {
        imports.push(format!("{more} more"));
    }
    Err(Refusal::ForbiddenImports { imports, hint })
}

/// Makes a name of the component's fit for a sentence.
fn shown(name: &str) -> String {
    printable(&name.chars().take(NAMED_CHARACTERS).collect::<String>())
}

fn is_offered(import: &str) -> bool {
    let Some((name, version)) = import.split_once('@') else { return false };
    match name.split_once('/') {
        Some((CONTRACT, interface)) => ["types", "messaging", "storage"].contains(&interface),
        _ => WASI.contains(&name) && version.starts_with("0.2."),
    }
}

fn hint(import: &str) -> Option<&'static str> {
    [
        (
            "wasi:filesystem/",
            " (one reachable call of std::fs imports it; data comes in as datasets)",
        ),
        ("wasi:sockets/", " (one reachable call of std::net imports it; parties talk by messages)"),
        ("wasi:http/", " (an algorithm has no network; parties talk by messages)"),
    ]
    .into_iter()
    .find_map(|(prefix, hint)| import.starts_with(prefix).then_some(hint))
}

#[cfg(test)]
mod tests;
