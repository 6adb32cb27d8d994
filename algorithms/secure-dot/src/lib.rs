//! Computes the dot products of columns that different organizations hold of the same rows, such as
//! the same patients; nobody learns another's values.
//!
//! **Parties**: n >= 2 holders of a column each. Two of them need a third party without data: a crypto
//! provider, or a helper that computes with them. More may have a provider; without one the first
//! three compute.
//!
//! **Messages**: each party tells each that it is ready and how many rows it has, or why not. Then the
//! columns are shared and multiplied, in one matrix product for each 131,072 values; this is checked,
//! and the dot products are opened to one holder after the other. See [`anchorhold_sdk::mpc::spdz`] with
//! a provider, and [`anchorhold_sdk::mpc::replicated::Verified`] without; the README says how many
//! rounds and bytes.
//!
//! **Assumes** messages that only their receiver can read, and with a provider that it follows the
//! protocol and colludes with no holder: then all holders but one may be corrupt and do what they like.
//! Without a provider at most one of the three that compute may be, together with any holders that do
//! not. What was sent wrong is noticed before anything is opened that depends on it, and then there is
//! no result. The columns must be of the same rows in the same order: nobody can check that.
//!
//! **Leaks** nothing but the dot products, which all holders and the requester learn; the number of
//! rows, which all parties do; and of a party that cannot take part, why, with the first row that has
//! no value.
//!
//! **Does not protect** against a holder that chooses its column: one with a single 1 tells the others'
//! value in that row, and one of powers of ten several at once, whatever bounds were declared; nor
//! against repeated questions; or against a party that leaves, so that nobody has a result, or once it
//! has it, so that others do not.

mod plan;

use anchorhold_sdk::mpc::replicated::Verified;
use anchorhold_sdk::mpc::spdz::Spdz;
use anchorhold_sdk::mpc::{Arithmetic, Domain as _, Fp127, Setting, Shared, agree};
use anchorhold_sdk::{Dataset, Description, Result, Role, Seat, Security, Task, algorithm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use plan::Plan;

/// The dataset that each holder reads.
const DATASET: &str = "records";

/// Who has a column.
const HOLDER: &str = "holder";
/// Who deals randomness to the holders, and has no data.
const PROVIDER: &str = "provider";
/// Who computes with two holders, and has no data.
const HELPER: &str = "helper";

/// How many values are shared and multiplied at once: so that a million rows fit into the memory of an
/// execution, and a usual table takes one step.
const VALUES_AT_ONCE: usize = 1 << 17;

algorithm!(describe, run);

/// What to multiply. All parties must be given the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The column of each holder, in the order of their seats.
    #[schemars(length(min = 2))]
    pub columns: Vec<Column>,
    /// The most rows that a dataset may have.
    #[serde(default = "default_max_rows")]
    pub max_rows: u64,
}

/// The column of one holder.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: whole or floating-point numbers without nulls.
    pub name: String,
    /// The smallest value that it may have, a whole number.
    pub minimum: i64,
    /// The largest value that it may have, a whole number.
    pub maximum: i64,
    /// To how many decimals its values are rounded before they are multiplied, to the nearest.
    #[serde(default)]
    #[schemars(range(max = 18))]
    pub decimals: u32,
}

/// What a party returns.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The number of rows that all holders have.
    pub rows: usize,
    /// The dot product of each pair of holders. Only a holder has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<Product>>,
}

/// The dot product of two holders' columns.
#[derive(Debug, Clone, Serialize)]
pub struct Product {
    /// The organization of the lower seat.
    pub left: String,
    /// The organization of the higher seat.
    pub right: String,
    /// The exact sum of all products, with as many decimals as both columns have together.
    pub dot: String,
}

/// Says what this algorithm is.
pub fn describe() -> Description {
    let security = Security::malicious(
        "With a provider all holders but one, but not with the provider; without it one of the three \
         that compute, and any holders that do not.",
        "The number of rows; why a party cannot take part.",
    );
    Description::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
        security,
    )
    .role(
        Role::new(HOLDER, "The dot products of all pairs of columns; the number of rows.")
            .at_least(2),
    )
    .role(Role::new(PROVIDER, "The number of rows.").at_least(0).at_most(1))
    .role(Role::new(HELPER, "The number of rows.").at_least(0).at_most(1))
    .arguments::<Arguments>()
    .dataset(Dataset::new(DATASET).role(HOLDER).columns_by_argument())
}

/// Computes one party's part.
///
/// # Errors
/// One sentence that names the party, argument or column that is at fault, and no value.
pub fn run(task: &mut Task, arguments: Arguments) -> Result<Outcome> {
    let own = Plan::new(task, &arguments).and_then(|plan| {
        let column = plan.own_column(task)?;
        Ok((plan, column))
    });
    let rows = |(_, column): &(_, Option<Vec<Fp127>>)| column.as_ref().map_or(0, Vec::len);
    let ((plan, own), rows) = agree(task, &arguments, own, rows)?;
    let rows = plan.common_rows(task, &rows)?;
    let own = own.as_deref();
    let dots = match plan.setting {
        Setting::Provider(provider) => {
            products(&mut Spdz::<Fp127>::new(task, provider)?, &plan.holders, own, rows)
        }
        Setting::Servers(servers) => {
            products(&mut Verified::<Fp127>::new(task, servers)?, &plan.holders, own, rows)
        }
    };
    let products = dots?.map(|dots| plan.products(task, rows, &dots)).transpose()?;
    Ok(Outcome { rows, products })
}

/// Multiplies each pair of the holders' columns, and opens the dot products to the holders.
///
/// All columns but the last, times all but the first: of n holders' that is 2(n - 1) columns of factors,
/// and not n(n - 1) as pair by pair, in one step. What the product has of no pair is not opened.
fn products<A: Arithmetic<Element = Fp127>>(
    parties: &mut A,
    holders: &[Seat],
    own: Option<&[Fp127]>,
    rows: usize,
) -> Result<Option<Vec<Fp127>>> {
    let others = holders.len() - 1;
    // In row i and column j is the product of the holders i and j + 1.
    let pairs = |i| (i..others).map(move |j| i * others + j);
    let pairs: Vec<_> = (0..others).flat_map(pairs).collect();
    let mut dots = parties.public(&vec![Fp127::ZERO; pairs.len()]);
    let at_once = (VALUES_AT_ONCE / holders.len()).max(1);
    for first in (0..rows).step_by(at_once) {
        let some = first..rows.min(first + at_once);
        let (own, shape) = (own.map(|own| &own[some.clone()]), (others, some.len()));
        let columns = parties.share_from(holders, own, some.len())?;
        let left = Shared::concatenation(&columns[..others]).into_matrix(shape);
        let right = Shared::concatenation(&columns[1..]).into_matrix(shape);
        let products = parties.times(&left, &right.transposed())?;
        dots = dots.plus(&products.elements().at(&pairs));
    }
    let mut opened = None;
    for holder in holders {
        opened = parties.open_to(*holder, &dots)?.or(opened);
    }
    Ok(opened)
}

fn default_max_rows() -> u64 {
    1_000_000
}
