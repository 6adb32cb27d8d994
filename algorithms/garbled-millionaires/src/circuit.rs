//! What is computed, as a circuit of bits.

use anchorhold_sdk::{Error, Result};
use polytune::garble_lang::circuit::PANIC_RESULT_SIZE_IN_BITS;
use polytune::garble_lang::literal::Literal;
use polytune::garble_lang::register_circuit::Circuit;
use polytune::garble_lang::token::{SignedNumType, UnsignedNumType};
use polytune::garble_lang::{CircuitKind, CompileOptions, GarbleProgram, compile_with_options};

/// The comparison, in [Garble](https://garble-lang.org).
///
/// Each party gives its value, and 64 random bits that the answer does not depend on. They are for
/// what polytune opens to check its masks: 120 random sums of the bits that mask the wires, each
/// hidden by a random sum of 120 further bits. Those are 120 equations in 120 unknowns, which in seven
/// of ten runs depend on one another; then a sum over about half of the masks is open, and the
/// evaluator, who knows every wire under its mask, has that sum of wires. With the random inputs among
/// them it says nothing.
const PROGRAM: &str = "
pub fn main(first: (i64, u64), second: (i64, u64)) -> (bool, bool) {
    (first.0 > second.0, second.0 > first.0)
}";

/// The circuit that compares two values.
pub(crate) struct Comparison {
    program: GarbleProgram,
    circuit: Circuit,
}

impl Comparison {
    pub fn new() -> Self {
        let options =
            CompileOptions { circuit_kind: CircuitKind::Register, ..CompileOptions::default() };
        let program = compile_with_options(PROGRAM, options).expect("it is always the same");
        let mut circuit = program.circuit.unwrap_register_ref().clone();
        // Where it panicked, which it does nowhere.
        circuit.output_regs.drain(..PANIC_RESULT_SIZE_IN_BITS);
        Self { program, circuit }
    }

    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Returns the input of the party of a seat, 0 or 1.
    pub fn input(&self, seat: usize, value: i64, random: u64) -> Vec<bool> {
        let value = Literal::NumSigned(value, SignedNumType::I64);
        let random = Literal::NumUnsigned(random, UnsignedNumType::U64);
        let input = self.program.literal_arg(seat, Literal::Tuple(vec![value, random]));
        input.expect("both parameters have this type").as_bits()
    }

    /// Returns of each party whether the other has no more than it.
    ///
    /// # Errors
    /// [`Error::Said`] if the output is no answer.
    pub fn answer(&self, output: &[bool]) -> Result<[bool; 2]> {
        match output {
            [first, second] if !(*first && *second) => Ok([!second, !first]),
            _ => Err(Error::new("what was computed is no answer")),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Both parties compile it, each for itself.
    #[test]
    fn the_circuit_is_the_same_each_time() {
        let first = Comparison::new();
        assert!((0..20).all(|_| Comparison::new().circuit() == first.circuit()));
    }

    /// From 320 gates on, five leaky triples make one that leaks with 2^-40; up to 1,000, polytune
    /// makes all in one batch.
    #[test]
    fn the_circuit_has_as_many_gates_as_the_messages_assume() {
        assert!((320..=1_000).contains(&Comparison::new().circuit().and_ops));
    }

    #[test]
    fn no_output_but_an_answer_is_taken() {
        let comparison = Comparison::new();
        for output in [&[true, true][..], &[], &[true], &[false, true, false]] {
            assert!(comparison.answer(output).is_err(), "{output:?}");
        }
    }

    proptest! {
        #[test]
        fn the_circuit_says_who_has_most(first: i64, second: i64, random: [u64; 2], near: bool) {
            let second = if near { first.wrapping_add(second % 2) } else { second };
            let comparison = Comparison::new();
            let inputs = [
                comparison.input(0, first, random[0]),
                comparison.input(1, second, random[1]),
            ];
            let answer = comparison.answer(&comparison.circuit().eval(&inputs)).unwrap();
            prop_assert_eq!(answer, [first >= second, second >= first]);
        }
    }
}
