//! Bounds what a small component could make a compiler do: work and memory that grow faster than
//! the component does.

use std::collections::VecDeque;

use wasmparser::{
    BinaryReaderError, BlockType, ComponentInstance, FunctionBody, Instance, Operator, Payload,
};

use super::Refusal;

/// The largest body of a function; those of Rust components stay below 100 KiB.
const FUNCTION_BYTES: usize = 512 << 10;
/// The most functions; a Rust component of 1 MB has two thousand.
const FUNCTIONS: u32 = 50_000;
/// How deep blocks, loops and conditions may be nested in each other.
const BLOCKS: u32 = 1_000;
/// The most loops times variables of a function: a compiler keeps a value for each such pair.
const LOOPS_TIMES_VARIABLES: u64 = 250_000;
/// The most values that a block takes and returns; one of the Rust compiler returns one at the most.
const BLOCK_VALUES: u32 = 16;
/// The most places that branches lead to times variables of a function: a compiler keeps four bytes
/// for each such pair.
const PLACES_TIMES_VARIABLES: u64 = 25_000_000;
/// The most of that in all functions together.
const ALL_PLACES_TIMES_VARIABLES: u64 = 1_000_000_000;
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
    /// The number of values that each type of the current module takes and returns.
    types: Vec<u32>,
    /// The types of the functions of the current module whose bodies are still to come.
    bodies: VecDeque<u32>,
    places_times_variables: u64,
}

impl Effort {
    /// Counts a part of the component.
    pub(super) fn count(&mut self, payload: &Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::Version { .. } => {
                self.depth = self.depth.saturating_add(1);
                self.types.clear();
                self.bodies.clear();
            }
            Payload::TypeSection(section) => {
                for function in section.clone().into_iter_err_on_gc_types() {
                    let function = function.map_err(invalid)?;
                    let values = function.params().len() + function.results().len();
                    self.types.push(u32::try_from(values).unwrap_or(u32::MAX));
                }
            }
            Payload::FunctionSection(section) => {
                for function in section.clone() {
                    self.bodies.push_back(function.map_err(invalid)?);
                }
            }
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
                self.check_body(body)?;
            }
            _ => {}
        }
        at_most("components in each other", self.depth, NESTING)
    }

    fn check_body(&mut self, body: &FunctionBody<'_>) -> Result<(), Refusal> {
        let own_type = self.bodies.pop_front();
        let mut variables = u64::from(own_type.map_or(0, |own_type| self.values(own_type)));
        for local in body.get_locals_reader().map_err(invalid)? {
            variables = variables.saturating_add(u64::from(local.map_err(invalid)?.0));
        }
        let (mut depth, mut loops, mut places) = (0_u32, 0_u64, 1_u64);
        for operator in body.get_operators_reader().map_err(invalid)? {
            let (opens, leads_to) = match operator.map_err(invalid)? {
                Operator::Loop { blockty } => {
                    loops += 1;
                    (Some(blockty), 3)
                }
                Operator::Block { blockty } => (Some(blockty), 1),
                Operator::If { blockty } => (Some(blockty), 3),
                Operator::End => {
                    depth = depth.saturating_sub(1);
                    (None, 0)
                }
                Operator::Else | Operator::BrIf { .. } => (None, 1),
                Operator::BrTable { targets } => (None, u64::from(targets.len()) + 1),
                _ => (None, 0),
            };
            places = places.saturating_add(leads_to);
            if let Some(block) = opens {
                depth += 1;
                let values = match block {
                    BlockType::Empty => 0,
                    BlockType::Type(_) => 1,
                    BlockType::FuncType(of) => self.values(of),
                };
                at_most("values of one block", values, BLOCK_VALUES)?;
                variables = variables.saturating_add(u64::from(values));
            }
            at_most("blocks in each other", depth, BLOCKS)?;
        }
        let most = |what, number, most| match number > most {
            true => Err(Refusal::TooMuch { what, most }),
            false => Ok(()),
        };
        let (loops, places) = (loops.saturating_mul(variables), places.saturating_mul(variables));
        self.places_times_variables = self.places_times_variables.saturating_add(places);
        let all = self.places_times_variables;
        most("loops times variables in one function", loops, LOOPS_TIMES_VARIABLES)?;
        most("branches times variables in one function", places, PLACES_TIMES_VARIABLES)?;
        most("branches times variables", all, ALL_PLACES_TIMES_VARIABLES)
    }

    /// Returns how many values a type of the current module takes and returns.
    fn values(&self, of: u32) -> u32 {
        // That there is such a type is seen by who validates.
        let of = usize::try_from(of).ok().and_then(|of| self.types.get(of));
        of.copied().unwrap_or(0)
    }
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
