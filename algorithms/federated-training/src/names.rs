//! Names that stand for several columns, as a shell writes them: `pixel_{0..7}_{0..7}`, `{mean,worst}_radius`.

use anchorhold_sdk::newton::Column;
use anchorhold_sdk::{Error, Result};

/// The most columns.
pub const MAX_FEATURES: usize = 4_096;

/// Writes out all columns in their order; the last part of a name changes fastest.
///
/// # Errors
/// [`Error::Said`] if they are too many or none, one is named twice, or one has bounds that are none.
pub fn expand(features: &[Column], label: &str) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for feature in features {
        feature.check()?;
        for name in names(&feature.name)? {
            columns.push(Column { name, ..feature.clone() });
        }
        if columns.len() > MAX_FEATURES {
            return Err(too_many());
        }
    }
    if columns.is_empty() {
        return Err(Error::new("there must be at least one feature"));
    }
    let mut sorted: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    sorted.push(label);
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::new(format!("the column {:?} is named twice", pair[0]))),
        None => Ok(columns),
    }
}

fn too_many() -> Error {
    Error::new(format!("the features are more than {MAX_FEATURES} columns"))
}

fn names(pattern: &str) -> Result<Vec<String>> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while !rest.is_empty() {
        let (before, choices, after) = next(rest)?;
        if names.len().saturating_mul(choices.len()) > MAX_FEATURES {
            return Err(too_many());
        }
        let with = |name: &String| {
            let name = format!("{name}{before}");
            choices.iter().map(move |choice| format!("{name}{choice}")).collect::<Vec<_>>()
        };
        names = names.iter().flat_map(with).collect();
        rest = after;
    }
    Ok(names)
}

/// Returns what is before the first braces, what they stand for, and what is after them. Braces in which
/// there is neither a range nor a list stand for themselves.
fn next(rest: &str) -> Result<(&str, Vec<String>, &str)> {
    let whole = Ok((rest, vec![String::new()], ""));
    let Some((before, inside)) = rest.split_once('{') else { return whole };
    let Some((inside, after)) = inside.split_once('}') else { return whole };
    if let Some((first, last)) = inside.split_once("..")
        && let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>())
    {
        if first > last {
            return Err(Error::new(format!("\"{{{first}..{last}}}\" stands for no column")));
        }
        if (last - first) as usize >= MAX_FEATURES {
            return Err(too_many());
        }
        return Ok((before, (first..=last).map(|number| number.to_string()).collect(), after));
    }
    match inside.contains(',') {
        true => Ok((before, inside.split(',').map(str::to_owned).collect(), after)),
        false => Ok((before, vec![format!("{{{inside}}}")], after)),
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn expanded(name: &str) -> Result<Vec<String>> {
        let column = Column { name: name.to_owned(), minimum: 0.0, maximum: 1.0 };
        Ok(expand(&[column], "label")?.into_iter().map(|column| column.name).collect())
    }

    #[test]
    fn ranges_and_lists_are_written_out_in_order() {
        assert_eq!(expanded("age").unwrap(), ["age"]);
        assert_eq!(expanded("x{8..11}").unwrap(), ["x8", "x9", "x10", "x11"]);
        assert_eq!(expanded("p_{0..1}_{0..1}").unwrap(), ["p_0_0", "p_0_1", "p_1_0", "p_1_1"]);
        assert_eq!(
            expanded("{mean,worst}_{a,b}").unwrap(),
            ["mean_a", "mean_b", "worst_a", "worst_b"]
        );
    }

    #[test]
    fn other_braces_stand_for_themselves() {
        for name in ["a{b}c", "a{", "}{", "{}", "{a..b}", "{-1..2}"] {
            assert_eq!(expanded(name).unwrap(), [name]);
        }
    }

    #[test]
    fn too_many_and_twice_the_same_are_refused() {
        let sentence = |name: &str| expanded(name).unwrap_err().sentence();
        for name in ["{0..4096}", "{0..99}{0..99}", "{0..4294967295}{0..4294967295}"] {
            assert_eq!(sentence(name), "the features are more than 4096 columns");
        }
        assert_eq!(expanded("{0..4095}").unwrap().len(), 4_096);
        assert_eq!(sentence("{7..3}"), "\"{7..3}\" stands for no column");
        assert_eq!(sentence("{a,a}"), "the column \"a\" is named twice");
        assert_eq!(sentence("labe{k,l}"), "the column \"label\" is named twice");
    }
}
