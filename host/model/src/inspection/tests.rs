use super::*;

fn component(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the text is a component")
}

fn refusal(wat: &str) -> String {
    inspect(&component(wat)).expect_err("a host does not take it").to_string()
}

const EXPORTING: &str = r#"(component
    (import "anchorhold:algorithm/messaging@0.1.0" (instance))
    (import "wasi:cli/stdout@0.2.3" (instance))
    (core module (func (export "f")))
    (core instance (instantiate 0))
    (alias core export 0 "f" (core func))
    (func (canon lift (core func 0)))
    (export "describe" (func 0))
    (export "run" (func 0)))"#;

#[test]
fn imports_and_exports_are_named() {
    let seen = inspect(&component(EXPORTING)).expect("a host takes it");
    assert_eq!(seen.imports, ["anchorhold:algorithm/messaging@0.1.0", "wasi:cli/stdout@0.2.3"]);
    assert_eq!(seen.exports, ["describe", "run"]);
    assert_eq!(seen.digest, Digest::of(&component(EXPORTING)));
}

#[test]
fn what_is_not_a_component_is_refused() {
    assert_eq!(inspect(b"").expect_err("empty"), Refusal::NotWasm);
    assert_eq!(inspect(b"#!/bin/sh").expect_err("a script"), Refusal::NotWasm);
    assert_eq!(refusal("(module)"), Refusal::CoreModule.to_string());
    assert_eq!(
        refusal("(component)"),
        Refusal::MissingExports(vec!["describe", "run"]).to_string()
    );
}

#[test]
fn every_truncation_is_refused() {
    let whole = component(EXPORTING);
    for length in 0..whole.len() {
        assert!(inspect(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn no_flipped_bit_panics() {
    let whole = component(EXPORTING);
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = inspect(&flipped);
    }
}

#[test]
fn forbidden_imports_are_all_named_with_a_hint() {
    let text = refusal(
        r#"(component
            (import "wasi:filesystem/types@0.2.6" (instance))
            (import "wasi:cli/stdout@0.2.6" (instance))
            (import "wasi:cli/stdout@0.3.0" (instance))
            (import "wasi:sockets/tcp@0.2.6" (instance)))"#,
    );
    assert!(text.contains("wasi:cli/stdout@0.3.0, wasi:filesystem/types@0.2.6"), "{text}");
    assert!(text.contains("wasi:sockets/tcp@0.2.6") && text.contains("std::fs"), "{text}");
    assert!(!text.contains("stdout@0.2.6"), "{text}");
    assert!(refusal(r#"(component (import "f" (func)))"#).contains("imports f,"));
    let resource = r#"(component (import "r" (type (sub resource))))"#;
    assert!(refusal(resource).contains("imports r,"));
}

#[test]
fn another_contract_is_told_as_such() {
    let text = refusal(r#"(component (import "anchorhold:algorithm/messaging@0.2.0" (instance)))"#);
    assert!(text.contains("0.2.0") && text.contains(CONTRACT_VERSION), "{text}");
}

#[test]
fn features_that_depend_on_the_machine_are_refused() {
    let relaxed = r#"(component (core module (func (param v128 v128) (result v128)
        local.get 0 local.get 1 i8x16.relaxed_swizzle)))"#;
    assert!(refusal(relaxed).contains("relaxed"), "{}", refusal(relaxed));
    let shared = r#"(component (core module (memory 1 1 shared)))"#;
    assert!(refusal(shared).contains("threads"), "{}", refusal(shared));
}

#[test]
fn what_is_inside_is_validated_too() {
    let bad = r#"(component (core module (func (result i32) i64.const 0)))"#;
    assert!(refusal(bad).contains("type mismatch"), "{}", refusal(bad));
    let deep = format!("{}{}", "(component ".repeat(9), ")".repeat(9));
    assert!(refusal(&deep).contains("in each other"), "{}", refusal(&deep));
}

/// Components of which each instantiates the one before twice: 2^N instances.
fn doubling(levels: usize) -> String {
    let level = |n: usize| {
        let before = n - 1;
        format!(
            "(component $c{n} (alias outer 1 $c{before} (component $d))
                (instance (instantiate $d)) (instance (instantiate $d)))"
        )
    };
    let levels: String = (1..=levels).map(level).collect();
    format!("(component (component $c0) {levels})")
}

#[test]
fn what_would_explode_in_a_compiler_is_refused() {
    assert_eq!(refusal(&doubling(3)), refusal("(component)"), "a few instances are well");
    assert!(refusal(&doubling(34)).contains("more than 16 instances"));
    let core = "(core module $m)".to_owned() + &"(core instance (instantiate $m))".repeat(65);
    assert!(refusal(&format!("(component {core})")).contains("more than 64 core instances"));

    let function = |body: &str| format!("(component (core module (func {body})))");
    let blocks = format!("{}{}", "block ".repeat(1_001), "end ".repeat(1_001));
    assert!(refusal(&function(&blocks)).contains("blocks in each other"));
    let locals = format!("(local {})", "i64 ".repeat(1_000));
    let loops = function(&format!("{locals} {}", "loop end ".repeat(1_000)));
    assert!(refusal(&loops).contains("loops times variables"));
    // What a block returns is a variable, and so is what a function takes.
    let returning = function(&"block (result i32) i32.const 0 end drop ".repeat(6_000));
    assert!(refusal(&returning).contains("branches times variables in one function"));
    let branches = function(&format!("{locals} {}", "block end ".repeat(25_001)));
    assert!(refusal(&branches).contains("branches times variables in one function"));
    let taking = format!("(param {})", "i64 ".repeat(1_000));
    let taking = function(&format!("{taking} {}", "block end ".repeat(25_001)));
    assert!(refusal(&taking).contains("branches times variables in one function"));
    let values = "i32 ".repeat(9);
    let block = format!("(block (param {values}) (result {values}))");
    let wide = function(&format!("{} {block} unreachable", "i32.const 1 ".repeat(9)));
    assert!(refusal(&wide).contains("more than 16 values of one block"), "{}", refusal(&wide));
    let each = format!("(func {locals} {})", "block end ".repeat(20_000));
    let together = format!("(component (core module {}))", each.repeat(51));
    assert!(refusal(&together).contains("more than 1000000000 branches times variables"));
    let large = function(&"i32.const 1 drop ".repeat(200_000));
    assert!(refusal(&large).contains("bytes in one function"));
    let many = format!("(component (core module {}))", "(func)".repeat(50_001));
    assert!(refusal(&many).contains("functions"));
}

#[test]
fn many_forbidden_imports_make_a_short_sentence() {
    let import = |n: usize| format!("(import \"a{n}\" (func))");
    let imports: String = (0..10_000).map(import).collect();
    let text = refusal(&format!("(component {imports})"));
    assert!(text.contains("9988 more") && text.len() < 500, "{text}");
}
