//! The search on shares: one program for all parties, in either setting.

use anchorhold_sdk::mpc::{Domain as _, Number as _, Numbers, Shared, Threshold};
use anchorhold_sdk::{Error, Result, decimal_text};

use crate::plan::{Plan, Rank};

/// What was found.
pub struct Found {
    pub text: String,
    pub count: Option<u64>,
}

pub fn find<A: Numbers>(parties: &mut A, plan: &Plan, own: Option<&[i64]>) -> Result<Found> {
    let number = |count: u64| A::Element::from_u64(count);
    let own_count = own.map(|own| [number(own.len() as u64)]);
    let counts = parties.share_all(own_count.as_ref().map(|count| &count[..]), 1)?;
    let count = Shared::concatenation(&counts).sum();
    let needed = match plan.rank {
        Rank::Kth(k) => plan.minimum_count.max(k),
        _ => plan.minimum_count,
    };
    let needed_number = parties.public(&[number(needed)]);
    let too_few = parties.is_less(&count, &needed_number)?;
    if parties.open(&too_few)?[0] == A::Element::ONE {
        return Err(Error::new(format!("all parties together have fewer than {needed} values")));
    }
    let told = if plan.tell_count { Some(parties.open(&count)?[0].to_integer()) } else { None };
    let text = match plan.rank {
        Rank::Median => {
            let sum = median(parties, plan, own)?;
            // A half is five tenths.
            decimal_text(i128::from(sum) * 5, plan.decimals + 1)
        }
        Rank::Quantile { factor, part } => {
            let enough = Threshold { factor, number: count.scaled(number(part.into())) };
            let value = parties.kth(own, plan.least..=plan.most, &enough)?;
            decimal_text(value.into(), plan.decimals)
        }
        Rank::Kth(k) => {
            let enough = Threshold { factor: 1, number: parties.public(&[number(k)]) };
            let value = parties.kth(own, plan.least..=plan.most, &enough)?;
            decimal_text(value.into(), plan.decimals)
        }
    };
    Ok(Found { text, count: told.and_then(|count| u64::try_from(count).ok()) })
}

/// Returns the sum of the two middle values, which are one where the count is odd.
fn median<A: Numbers>(parties: &mut A, plan: &Plan, own: Option<&[i64]>) -> Result<i64> {
    let (rows, bits) = (plan.max_rows as usize, plan.bits());
    let own = own.map(|own| filled_up::<A>(own, plan));
    let shared = parties.share_all(own.as_deref(), rows * (bits as usize + 1))?;
    // One vector of all parties' values for each bit, and one that says which of them are there.
    let of_all = |vector: usize| {
        let parts: Vec<_> =
            shared.iter().map(|shared| shared.range(vector * rows..(vector + 1) * rows)).collect();
        Shared::concatenation(&parts)
    };
    let present = of_all(0);
    let bits: Vec<_> = (1..=bits as usize).map(of_all).collect();
    // Half of them are not above the lower one, and more than half not above the upper one.
    let (count, one) = (present.sum(), parties.public(&[A::Element::ONE]));
    let enough = [
        Threshold { factor: 2, number: count.clone() },
        Threshold { factor: 2, number: count.plus(&one) },
    ];
    let middle = parties.kth_of_shared(&bits, &present, &enough)?;
    let sum = parties.open(&middle.sum())?[0].to_integer() + 2 * i128::from(plan.least);
    i64::try_from(sum).map_err(|_| Error::new("the median is not possible within the bounds"))
}

/// Writes which values there are, and then bit by bit, the highest first, how much each is above the
/// smallest one possible.
fn filled_up<A: Numbers>(own: &[i64], plan: &Plan) -> Vec<A::Element> {
    let rows = plan.max_rows as usize;
    let of_rows = |set: &dyn Fn(i64) -> bool| -> Vec<A::Element> {
        let of_row = |row: usize| own.get(row).is_some_and(|value| set(*value));
        (0..rows).map(|row| A::Element::from_u64(of_row(row).into())).collect()
    };
    let mut all = of_rows(&|_| true);
    for bit in (0..plan.bits()).rev() {
        all.extend(of_rows(&|value| value.abs_diff(plan.least) >> bit & 1 == 1));
    }
    all
}
