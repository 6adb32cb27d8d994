//! What comes from the other party, message by message, and what form it has.
//!
//! polytune accepts messages that are shorter than they should be, or have nothing where something
//! belongs. It then panics or, worse, leaves a check out: an output share that is not there counts as
//! zero. So each message is held to its form before polytune reads it, to the byte.
//!
//! The encoding is bincode's with numbers of fixed width: a list begins with its length in eight
//! bytes, an option with a byte that says whether it is there.

use std::collections::VecDeque;

use polytune::garble_lang::register_circuit::Circuit;

/// The seat that evaluates the circuit which the other garbles.
pub(crate) const EVALUATOR: usize = 0;

/// The statistical security parameter of polytune: a guess succeeds with 2^-40.
const STATISTICAL: usize = 40;

/// The computational one, in bits.
const COMPUTATIONAL: usize = 128;

/// How many leaky triples polytune makes one of, where a circuit has fewer than 3,100 AND gates.
const BUCKET: usize = 5;

/// The bytes of a commitment, a seed, or a point of the curve.
const HASH: usize = 32;

/// The bytes of a label, a key, or a MAC.
const BLOCK: usize = COMPUTATIONAL / 8;

/// The bytes of a bit, encoded.
const BIT: usize = 1;

/// The bytes of a row of a garbled gate: a bit, a list of two MACs and a label, and what
/// authenticates them.
const ROW: usize = BIT + 8 + 2 * BLOCK + BLOCK + 16;

/// What a message, or a part of it, looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// This many bytes.
    Bytes(usize),
    /// A list of this many elements of one form.
    List(usize, Box<Form>),
    /// One after the other.
    Sequence(Vec<Form>),
    /// A list of options, each of which is there or not; one that is there has this many bytes.
    Options(Vec<bool>, usize),
}

impl Form {
    /// Says whether a message has this form.
    pub fn fits(&self, message: &[u8]) -> bool {
        self.skip(message).is_some_and(<[u8]>::is_empty)
    }

    /// Returns what follows this form in the bytes, if they begin with it.
    fn skip<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(length) => bytes.get(*length..),
            Self::List(length, element) => {
                let elements = skip_length(*length, bytes)?;
                (0..*length).try_fold(elements, |rest, _| element.skip(rest))
            }
            Self::Sequence(forms) => forms.iter().try_fold(bytes, |rest, form| form.skip(rest)),
            Self::Options(there, length) => {
                let options = skip_length(there.len(), bytes)?;
                there.iter().try_fold(options, |rest, there| match (there, rest.split_first()?) {
                    (false, (0, rest)) => Some(rest),
                    (true, (1, rest)) => rest.get(*length..),
                    _ => None,
                })
            }
        }
    }
}

fn skip_length(length: usize, bytes: &[u8]) -> Option<&[u8]> {
    let (said, rest) = bytes.split_first_chunk()?;
    (u64::try_from(length) == Ok(u64::from_le_bytes(*said))).then_some(rest)
}

fn list(length: usize, bytes: usize) -> Form {
    Form::List(length, Box::new(Form::Bytes(bytes)))
}

fn lists(length: usize, inner: usize) -> Form {
    Form::List(length, Box::new(list(inner, 1)))
}

/// The messages that the party of a seat receives in this order: polytune's name for the phase, and
/// the form.
pub(crate) fn messages(circuit: &Circuit, own: usize) -> VecDeque<(&'static str, Form)> {
    let inputs: usize = circuit.input_regs.iter().sum();
    let ands = circuit.and_ops;
    let triples = ands * BUCKET;
    let mut messages = VecDeque::new();
    let mut say = |phase, form| messages.push_back((phase, form));

    // Two coin tosses.
    for _ in 0..2 {
        say("RNG comm", list(1, HASH));
        say("RNG ver", list(HASH, 1));
    }
    // Authenticated bits: masks for the wires, then triples.
    for bits in [inputs + ands, 3 * triples] {
        let bits = bits + STATISTICAL + 3 * STATISTICAL;
        let columns = bits.next_multiple_of(8) + COMPUTATIONAL + STATISTICAL;
        for sends in [own == 0, own != 0] {
            if sends {
                say("CO_OT_s", list(HASH, 1));
                say("CO_OT_c0c1", list(COMPUTATIONAL, 2 * BLOCK));
                say("ALSZ_OT_setup", lists(COMPUTATIONAL, columns / 8));
                say("KOS_OT_x_t0_t1", list(1, 3 * BLOCK));
            } else {
                say("CO_OT_r", lists(COMPUTATIONAL, HASH));
                say("KOS_OT_corr", list(bits, BLOCK));
            }
        }
        say("fabitn", list(3 * STATISTICAL, BIT + BLOCK));
        say("fashare comm", list(STATISTICAL, 3 * HASH));
        say("fashare ver", lists(STATISTICAL, BIT + BLOCK));
        say("fashare di_bi", list(STATISTICAL, BLOCK));
    }
    // The triples are multiplied, checked, and combined to those of the circuit.
    say("haand", list(triples, 2 * BIT));
    say("flaand", list(triples, BIT + BLOCK));
    say("flaand comm", list(triples, HASH));
    say("flaand hash", list(triples, BLOCK));
    let others = [list(BUCKET - 1, BIT), list(BUCKET - 1, BLOCK)];
    say("dvalue", Form::List(ands, Box::new(Form::Sequence(others.to_vec()))));
    say("faand", list(ands, 2 * BIT + 2 * BLOCK));
    // The garbled circuit, its inputs, its output.
    if own == EVALUATOR {
        let rows = vec![list(ROW, 1); 4];
        say("preprocessed gates", Form::List(ands, Box::new(Form::Sequence(rows))));
    }
    let of = |range: std::ops::Range<usize>| -> Vec<bool> {
        (0..circuit.max_reg_count).map(|register| range.contains(&register)).collect()
    };
    let first = circuit.input_regs[0];
    let halves = [of(0..first), of(first..inputs)];
    say("wire shares", Form::Options(halves[own].clone(), BIT + BLOCK));
    say("masked inputs", Form::Options(halves[1 - own].clone(), BIT));
    if own == EVALUATOR {
        say("labels", Form::Options(of(0..inputs), BLOCK));
    }
    let mut outputs = of(0..0);
    circuit.output_regs.iter().for_each(|register| outputs[*register] = true);
    say("output wire shares", Form::Options(outputs.clone(), BIT + BLOCK));
    if own != EVALUATOR {
        say("lambda", Form::Options(outputs, BIT + BLOCK));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two lists of two bytes each.
    fn message() -> Vec<u8> {
        let length = [2, 0, 0, 0, 0, 0, 0, 0];
        [&length[..], &length, &[1, 2], &length, &[3, 4]].concat()
    }

    #[test]
    fn a_form_fits_its_message_and_none_that_is_shorter_or_longer() {
        let form = lists(2, 2);
        let message = message();
        assert!(form.fits(&message));
        assert!((0..message.len()).all(|length| !form.fits(&message[..length])));
        assert!(!form.fits(&[&message[..], &[0]].concat()));
    }

    #[test]
    fn bytes_may_not_move_from_one_list_to_another() {
        let mut moved = message();
        moved[8] = 1;
        moved.swap(17, 18);
        moved.remove(9);
        assert!(!lists(2, 2).fits(&moved));
        let mut same_length = message();
        (same_length[8], same_length[18]) = (1, 3);
        assert!(!lists(2, 2).fits(&same_length));
    }

    #[test]
    fn an_option_is_there_where_it_must_be_and_nowhere_else() {
        let form = Form::Options(vec![false, true], 1);
        let options = |options: &[u8]| [&[2, 0, 0, 0, 0, 0, 0, 0], options].concat();
        assert!(form.fits(&options(&[0, 1, 7])));
        for other in [&[1, 7, 0][..], &[0, 0, 7], &[0, 0], &[1, 7, 1, 7], &[0, 2, 7]] {
            assert!(!form.fits(&options(other)), "{other:?}");
        }
    }
}
