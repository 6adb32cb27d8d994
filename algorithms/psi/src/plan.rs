//! What the arguments come to: who is who, which columns are keys, and what is refused.

use anchorhold_sdk::{Decimal, Error, Result, Seat, Task};

use crate::{Arguments, Facts, Kind, MODELLER, Output, POD};

/// Returns the most elements of a set: what fits into the memory of an execution, with what is kept of each
/// until it is answered.
const fn max_elements(kind: Kind) -> u32 {
    match kind {
        Kind::Ecdh => 4_000_000,
        Kind::Voprf => 2_000_000,
        Kind::Rsa => 1_000_000,
    }
}

/// The most key columns.
const MAX_KEYS: usize = 64;

/// Below this the difference of a sum from its smallest possible value stays, since it is found by as
/// many steps as its square root.
pub const LARGEST_SUM: u64 = 1 << 36;

/// What the arguments come to.
pub struct Plan<'a> {
    arguments: &'a Arguments,
    pub modeller: Seat,
    pub pod: Seat,
    own_keys: &'a [String],
    is_modeller: bool,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let [modeller, pod] = [MODELLER, POD].map(|role| only_seat(task, role));
        let (modeller, pod) = (modeller?, pod?);
        if task.parties().len() != 2 {
            return Err(Error::new("there are two parties, a modeller and a pod, and no others"));
        }
        let is_modeller = task.seat() == modeller;
        let keys = keys(arguments)?;
        let own_keys = if is_modeller { keys[0] } else { keys[1] };
        let plan = Self { arguments, modeller, pod, own_keys, is_modeller };
        plan.check_bounds()?;
        plan.check_output()?;
        Ok(plan)
    }

    pub fn is_modeller(&self) -> bool {
        self.is_modeller
    }

    pub fn own_keys(&self) -> &[String] {
        self.own_keys
    }

    pub fn is_exact(&self) -> bool {
        self.arguments.exact
    }

    pub fn is_padded(&self) -> bool {
        self.arguments.pad
    }

    /// Returns how many elements the own set may have, and which argument says so.
    pub fn own_bound(&self) -> (usize, &'static str) {
        let Arguments { max_modeller, max_pod, .. } = self.arguments;
        match self.is_modeller {
            true => (as_size(*max_modeller), "max_modeller"),
            false => (as_size(*max_pod), "max_pod"),
        }
    }

    /// Returns the sizes of the modeller's set and of the pod's, as each said of itself.
    pub fn sizes(&self, facts: &[Facts]) -> Result<[usize; 2]> {
        let Arguments { max_modeller, max_pod, pad, .. } = self.arguments;
        let bounds = [(self.modeller, *max_modeller), (self.pod, *max_pod)];
        let sizes = bounds.map(|(seat, bound)| {
            let elements = facts[seat.index()].elements;
            if elements > bound || (*pad && elements != bound) {
                return Err(Error::new(format!(
                    "{seat} says that it has {elements} elements, with a bound of {bound}"
                )));
            }
            Ok(as_size(elements))
        });
        let [modeller, pod] = sizes;
        Ok([modeller?, pod?])
    }

    /// Says how the values of the column that is added become integers.
    pub fn decimal(&self) -> Result<Decimal> {
        let Some(column) = &self.arguments.column else {
            return Err(Error::new("the output \"sum\" needs the argument \"column\""));
        };
        Decimal::new(column.decimals, column.minimum, column.maximum, self.summands())
            .map_err(|error| Error::new(format!("the column {:?}: {error}", column.name)))
    }

    /// Returns the smallest integer that a value of the column becomes.
    pub fn smallest(&self) -> i64 {
        let column = self.arguments.column.as_ref();
        column.map_or(0, |column| column.minimum * 10_i64.pow(column.decimals))
    }

    /// Returns by how much the largest integer is larger.
    pub fn range(&self) -> u64 {
        let column = self.arguments.column.as_ref();
        column.map_or(0, |column| {
            column.maximum.abs_diff(column.minimum) * 10_u64.pow(column.decimals)
        })
    }

    /// Writes the sum over so many elements, which is larger by this than the smallest possible.
    pub fn total(&self, elements: u32, above: u64) -> Result<String> {
        let sum = i128::from(self.smallest()) * i128::from(elements) + i128::from(above);
        // Within the bounds it fits, as is checked of the arguments.
        let sum = i64::try_from(sum).map_err(Error::new)?;
        Ok(self.decimal()?.text(sum))
    }

    /// Returns how many values are added at the most.
    fn summands(&self) -> u64 {
        self.arguments.max_modeller.min(self.arguments.max_pod).into()
    }

    fn check_bounds(&self) -> Result<()> {
        let Arguments { kind, max_modeller, max_pod, .. } = self.arguments;
        let most = max_elements(*kind);
        for (name, bound) in [("max_modeller", *max_modeller), ("max_pod", *max_pod)] {
            if bound > most {
                return Err(Error::new(format!("{name:?} must be at most {most}, not {bound}")));
            }
        }
        Ok(())
    }

    fn check_output(&self) -> Result<()> {
        let Arguments { kind, output, link, column, minimum_size, .. } = self.arguments;
        if *output != Output::Rows && *kind != Kind::Ecdh {
            return Err(Error::new(format!(
                "the output {} needs the kind \"ecdh\": in the others replies cannot be permuted",
                if *output == Output::Count { "\"count\"" } else { "\"sum\"" }
            )));
        }
        if *link && *output != Output::Rows {
            return Err(Error::new("\"link\" needs the output \"rows\""));
        }
        if *output != Output::Sum {
            return match column.is_some() || minimum_size.is_some() {
                true => {
                    Err(Error::new("\"column\" and \"minimum_size\" are for the output \"sum\""))
                }
                false => Ok(()),
            };
        }
        self.decimal()?;
        let largest = u128::from(self.range()) * u128::from(self.summands());
        if largest >= LARGEST_SUM.into() {
            return Err(Error::new(
                "the sum of as many values as the smaller set may have can differ by 2^36 or more: \
                 declare narrower bounds, fewer decimals or smaller sets",
            ));
        }
        Ok(())
    }
}

/// Returns the key columns of the modeller and of the pod.
fn keys(arguments: &Arguments) -> Result<[&[String]; 2]> {
    let Arguments { keys, modeller_keys, pod_keys, .. } = arguments;
    let keys: [&[String]; 2] = match (keys, modeller_keys, pod_keys) {
        (Some(keys), None, None) => [keys, keys],
        (None, Some(modeller), Some(pod)) => [modeller, pod],
        _ => {
            return Err(Error::new(
                "either \"keys\" must be given, or both \"modeller_keys\" and \"pod_keys\"",
            ));
        }
    };
    let [modeller, pod] = keys.map(<[String]>::len);
    if modeller != pod || !(1..=MAX_KEYS).contains(&modeller) {
        return Err(Error::new(format!(
            "a key must be of the same number of columns at both parties, 1 to {MAX_KEYS}, not of \
             {modeller} and {pod}"
        )));
    }
    Ok(keys)
}

fn only_seat(task: &Task, role: &str) -> Result<Seat> {
    let mut seats = task.seats_of(role);
    match (seats.next(), seats.next()) {
        (Some(seat), None) => Ok(seat),
        _ => Err(Error::new(format!("there must be exactly one party in the role {role:?}"))),
    }
}

fn as_size(elements: u32) -> usize {
    usize::try_from(elements).expect("a u32 fits usize on wasm32 and on larger machines")
}
