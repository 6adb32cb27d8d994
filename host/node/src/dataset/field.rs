//! What the text of a field means.

use anchorhold_model::ColumnType;

/// A field that has no value of its column's type.
#[derive(Debug, PartialEq)]
pub(super) struct NotOfType;

/// Returns a field unless it is null: one of the null texts, spaces around it not counted.
pub(super) fn present<'a>(field: &'a str, nulls: &[String]) -> Option<&'a str> {
    let text = field.trim_ascii();
    (!nulls.iter().any(|null| null == text)).then_some(field)
}

/// Checks that a field that is not null has a value of a type.
pub(super) fn check(column_type: ColumnType, field: &str) -> Result<(), NotOfType> {
    match column_type {
        ColumnType::Int64 => int64(field).map(drop),
        ColumnType::Float64 => float64(field).map(drop),
        ColumnType::Utf8 => Ok(()),
        ColumnType::Boolean => boolean(field).map(drop),
    }
}

/// Reads a whole number.
pub(super) fn int64(field: &str) -> Result<i64, NotOfType> {
    field.trim_ascii().parse().map_err(|_| NotOfType)
}

/// Reads a number that is neither infinite nor `nan`: no sum or average has a meaning with those,
/// and a missing value is a null.
pub(super) fn float64(field: &str) -> Result<f64, NotOfType> {
    let number: f64 = field.trim_ascii().parse().map_err(|_| NotOfType)?;
    if number.is_finite() { Ok(number) } else { Err(NotOfType) }
}

/// Reads `true` or `false`, lower-case, in upper case as R writes them or capitalized as in Python.
pub(super) fn boolean(field: &str) -> Result<bool, NotOfType> {
    match field.trim_ascii() {
        text if text.eq_ignore_ascii_case("true") => Ok(true),
        text if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(NotOfType),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_the_type_says() {
        assert_eq!(int64(" -5\t"), Ok(-5));
        assert_eq!(int64("9223372036854775807"), Ok(i64::MAX));
        assert_eq!(float64(" 1e-3"), Ok(0.001));
        assert_eq!(boolean("TRUE"), Ok(true));
        assert_eq!(boolean("False "), Ok(false));
    }

    #[test]
    fn what_is_not_of_the_type_is_refused() {
        for text in ["1.0", "9223372036854775808", "0x10", "1_000", "1 000", "x", "", "-"] {
            assert_eq!(check(ColumnType::Int64, text), Err(NotOfType), "{text}");
        }
        for text in ["inf", "-Infinity", "nan", "NaN", "1e999", "1,5", "0x1p3", "", "."] {
            assert_eq!(check(ColumnType::Float64, text), Err(NotOfType), "{text}");
        }
        for text in ["1", "0", "yes", "t", ""] {
            assert_eq!(check(ColumnType::Boolean, text), Err(NotOfType), "{text}");
        }
    }

    #[test]
    fn a_null_is_one_of_the_texts() {
        let nulls = ["".to_owned(), "NA".to_owned()];
        for null in ["", " ", "NA", " NA "] {
            assert_eq!(present(null, &nulls), None, "{null:?}");
        }
        for field in ["na", "N A", "NaN", "0", "null", " x "] {
            assert_eq!(present(field, &nulls), Some(field));
        }
    }
}
