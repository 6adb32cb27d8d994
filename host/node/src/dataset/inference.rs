//! Finds the type of a column from all of its values.

use anchorhold_model::ColumnType;

use super::field::{boolean, float64};

/// The largest whole number up to which `float64` holds each one exactly.
const EXACT_FLOAT: u64 = 1 << 53;

/// The types that all values seen so far have.
#[derive(Debug)]
pub(super) struct Inference {
    seen: bool,
    int64: bool,
    float64: bool,
    boolean: bool,
}

impl Inference {
    /// Begins with no value seen.
    pub(super) const fn new() -> Self {
        Self { seen: false, int64: true, float64: true, boolean: true }
    }

    /// Takes one more value into account: a field that is not null.
    pub(super) fn see(&mut self, field: &str) {
        self.seen = true;
        if self.int64 || self.float64 {
            let (int64, float64) = number(field.trim_ascii());
            self.int64 &= int64;
            self.float64 &= float64;
        }
        if self.boolean {
            self.boolean = boolean(field).is_ok();
        }
    }

    /// Returns the first type, in the order `int64`, `float64`, `boolean`, `utf8`, that all values
    /// have; `utf8` where there was none, since nothing is known of the values to come.
    pub(super) fn column_type(&self) -> ColumnType {
        match self {
            Self { seen: false, .. } => ColumnType::Utf8,
            Self { int64: true, .. } => ColumnType::Int64,
            Self { float64: true, .. } => ColumnType::Float64,
            Self { boolean: true, .. } => ColumnType::Boolean,
            _ => ColumnType::Utf8,
        }
    }
}

/// Says whether a text is a number that `int64` and that `float64` can hold without loss. Leading
/// zeros or a plus sign are part of an identifier, a postal code or a telephone number, as are
/// more digits than fit.
fn number(text: &str) -> (bool, bool) {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if let [b'+', ..] | [b'0', b'0'..=b'9', ..] = digits {
        return (false, false);
    }
    match text.parse::<i64>() {
        Ok(whole) => (true, whole.unsigned_abs() <= EXACT_FLOAT),
        Err(_) if digits.iter().all(u8::is_ascii_digit) => (false, false),
        Err(_) => (false, float64(text).is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer(fields: &[&str]) -> ColumnType {
        let mut inference = Inference::new();
        fields.iter().for_each(|field| inference.see(field));
        inference.column_type()
    }

    #[test]
    fn the_first_type_that_all_values_have_is_taken() {
        for (fields, expected) in [
            (&["1", "-2", " 0 "][..], ColumnType::Int64),
            (&["1", "2", "1.5"], ColumnType::Float64),
            (&["1.0", "2.0"], ColumnType::Float64),
            (&["1e3", ".5", "-0.5"], ColumnType::Float64),
            (&["true", "False", "TRUE"], ColumnType::Boolean),
            (&["1", "true"], ColumnType::Utf8),
            (&["true", "1"], ColumnType::Utf8),
            (&["1.5", "x"], ColumnType::Utf8),
            (&[], ColumnType::Utf8),
        ] {
            assert_eq!(infer(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn nothing_is_lost_by_inference() {
        for (fields, expected) in [
            (&["007", "8"][..], ColumnType::Utf8),
            (&["+491701234567"], ColumnType::Utf8),
            (&["-01.5"], ColumnType::Utf8),
            (&["9223372036854775807"], ColumnType::Int64),
            (&["9223372036854775808"], ColumnType::Utf8),
            (&["9007199254740992", "0.5"], ColumnType::Float64),
            (&["9007199254740993", "0.5"], ColumnType::Utf8),
            (&["nan", "0.5"], ColumnType::Utf8),
            (&["inf", "0.5"], ColumnType::Utf8),
            (&["1e999", "0.5"], ColumnType::Utf8),
        ] {
            assert_eq!(infer(fields), expected, "{fields:?}");
        }
    }
}
