//! Bounds what a small component could make a compiler do: work and memory that grow faster than
//! the component does.

use wasmparser::{BinaryReaderError, ComponentInstance, FunctionBody, Instance, Operator, Payload};

use super::Refusal;

/// The largest body of a function; those of Rust components stay below 100 KiB.
const FUNCTION_BYTES: usize = 512 << 10;
/// The most functions; a Rust component of 1 MB has two thousand.
const FUNCTIONS: u32 = 50_000;
/// How deep blocks, loops and conditions may be nested in each other.
const BLOCKS: u32 = 1_000;
/// The most loops times locals of a function: a compiler keeps a value for each such pair.
const LOOPS_TIMES_LOCALS: u64 = 250_000;
/// How deep components may be nested in each other; a component of the Rust compiler is flat.
const NESTING: u32 = 8;
/// The most component instances that are written down: all of them inside of each other are still
/// few hundred.
const COMPONENT_INSTANCES: u32 = 16;
/// The most core instances that are written down.
const CORE_INSTANCES: u32 = 64;

/// What was seen of a component so far.
#[derive(Debug, Default)]
pub(super) struct Effort {
    depth: u32,
    functions: u32,
    component_instances: u32,
    core_instances: u32,
}

impl Effort {
    /// Counts a part of the component.
    pub(super) fn count(&mut self, payload: &Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::Version { .. } => self.depth = self.depth.saturating_add(1),
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    let instance = instance.map_err(invalid)?;
                    self.core_instances +=
                        u32::from(matches!(instance, Instance::Instantiate { .. }));
                    at_most("core instances", self.core_instances, CORE_INSTANCES)?;
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    let instance = instance.map_err(invalid)?;
                    let instantiates = matches!(instance, ComponentInstance::Instantiate { .. });
                    self.component_instances += u32::from(instantiates);
                    at_most("instances", self.component_instances, COMPONENT_INSTANCES)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.functions += 1;
                at_most("functions", self.functions, FUNCTIONS)?;
                if body.range().len() > FUNCTION_BYTES {
                    return Err(Refusal::TooMuch {
                        what: "bytes in one function",
                        most: FUNCTION_BYTES as u64,
                    });
                }
                check_body(body)?;
            }
            _ => {}
        }
        at_most("components in each other", self.depth, NESTING)
    }
}

fn check_body(body: &FunctionBody<'_>) -> Result<(), Refusal> {
    let mut locals = 0_u64;
    for local in body.get_locals_reader().map_err(invalid)? {
        locals = locals.saturating_add(u64::from(local.map_err(invalid)?.0));
    }
    let (mut depth, mut loops) = (0_u32, 0_u64);
    for operator in body.get_operators_reader().map_err(invalid)? {
        match operator.map_err(invalid)? {
            Operator::Loop { .. } => {
                depth += 1;
                loops += 1;
            }
            Operator::Block { .. } | Operator::If { .. } => depth += 1,
            Operator::End => depth = depth.saturating_sub(1),
            _ => {}
        }
        at_most("blocks in each other", depth, BLOCKS)?;
    }
    if loops.saturating_mul(locals) > LOOPS_TIMES_LOCALS {
        let (what, most) = ("loops times locals in one function", LOOPS_TIMES_LOCALS);
        return Err(Refusal::TooMuch { what, most });
    }
    Ok(())
}

fn at_most(what: &'static str, number: u32, most: u32) -> Result<(), Refusal> {
    if number > most {
        return Err(Refusal::TooMuch { what, most: u64::from(most) });
    }
    Ok(())
}

fn invalid(error: BinaryReaderError) -> Refusal {
    Refusal::Invalid(error.to_string())
}
