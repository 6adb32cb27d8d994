//! What the arguments come to.

use anchorhold_sdk::mpc::Setting;
use anchorhold_sdk::{Decimal, Error, Result, Task, check_range};

use crate::{Arguments, DATASET, Find, PARTY, PROVIDER};

/// The most bits of a value less the smallest: two values are added, and counts are compared.
const MAX_BITS: u32 = 60;
/// Of how many parts of all values a quantile is so many.
const PARTS: u32 = 1_000_000;
/// The most rows of a party: so that a count of all, times the parts, is below 2^60.
const MAX_ROWS: u64 = 1_000_000;

/// The most bits of all parties' values for a median: as many as fit a guest's memory in shares of eight
/// bytes.
const MAX_VALUE_BITS: u64 = 5_000_000;
/// The same with a provider, whose shares have sixteen bytes, and whose randomness is sent to one party.
const MAX_VALUE_BITS_WITH_PROVIDER: u64 = 1_500_000;

/// What the arguments come to.
pub struct Plan {
    pub setting: Setting,
    column: String,
    decimal: Decimal,
    pub decimals: u32,
    /// The smallest value, as an integer.
    pub least: i64,
    /// The largest value, as an integer.
    pub most: i64,
    pub rank: Rank,
    pub minimum_count: u64,
    pub max_rows: u64,
    pub tell_count: bool,
}

/// Which of all values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// The two in the middle, which may be one.
    Median,
    /// The first of which, times the factor, as many are not above it as all times the part.
    Quantile {
        factor: u32,
        part: u32,
    },
    Kth(u64),
}

impl Plan {
    pub fn new(arguments: &Arguments, task: &Task) -> Result<Self> {
        let Arguments { minimum, maximum, decimals, max_rows, minimum_count, .. } = *arguments;
        let setting = Setting::of(task, PROVIDER)?;
        let decimal = Decimal::new(decimals, minimum, maximum, 2)?;
        let (least, most) = (decimal.encode(minimum)?, decimal.encode(maximum)?);
        check_range("max_rows", max_rows, 1..=MAX_ROWS)?;
        // Counts of all parties are compared with it.
        if !(1..=1 << 40).contains(&minimum_count) {
            return Err(Error::new(format!(
                "\"minimum_count\" must be from 1 to 2^40, not {minimum_count}"
            )));
        }
        let rank = match arguments.find {
            Find::Median => Rank::Median,
            Find::Quantile(part) => quantile(part)?,
            Find::Kth(k) if (1..=1 << 40).contains(&k) => Rank::Kth(k),
            Find::Kth(k) => {
                return Err(Error::new(format!("\"kth\" must be from 1 to 2^40, not {k}")));
            }
        };
        let plan = Self {
            setting,
            column: arguments.column.clone(),
            decimal,
            decimals,
            least,
            most,
            rank,
            minimum_count,
            max_rows,
            tell_count: arguments.tell_count,
        };
        if plan.bits() > MAX_BITS {
            return Err(Error::new(format!(
                "there are more than 2^{MAX_BITS} values from {minimum} to {maximum} with {decimals} \
                 decimals: declare narrower bounds or fewer decimals"
            )));
        }
        let all = task.seats_of(PARTY).count() as u64 * max_rows * (u64::from(plan.bits()) + 1);
        let most = match setting {
            Setting::Servers(_) => MAX_VALUE_BITS,
            Setting::Provider(_) => MAX_VALUE_BITS_WITH_PROVIDER,
        };
        if plan.rank == Rank::Median && all > most {
            return Err(Error::new(format!(
                "a median of {max_rows} rows of each party, of {} bits each, is more than {most} bits: \
                 declare fewer \"max_rows\" or narrower bounds",
                plan.bits() + 1
            )));
        }
        Ok(plan)
    }

    /// Returns how many bits a value less the smallest has.
    pub fn bits(&self) -> u32 {
        u64::BITS - self.most.abs_diff(self.least).leading_zeros()
    }

    /// Reads the party's values; of the provider there are none.
    pub fn read(&self, task: &Task) -> Result<Option<Vec<i64>>> {
        if task.role() == PROVIDER {
            return Ok(None);
        }
        let table = task.table(DATASET)?;
        table.check_rows(self.max_rows)?;
        let values = table.encoded(&self.column, &self.decimal)?;
        Ok(Some(values.into_iter().flatten().collect()))
    }
}

fn quantile(part: f64) -> Result<Rank> {
    let refused = || {
        Error::new(format!("\"quantile\" must be from 0 to 1 with up to six decimals, not {part}"))
    };
    let parts = (part * f64::from(PARTS)).round();
    if !(0.0..=1.0).contains(&part) || (parts / f64::from(PARTS) - part).abs() > 1e-12 {
        return Err(refused());
    }
    // A whole number of 0 to a million.
    let parts = parts as u32;
    Ok(match parts {
        0 => Rank::Kth(1),
        _ => Rank::Quantile { factor: PARTS, part: parts },
    })
}
