//! How people write the columns of a dataset: `age:int64,wt_loss:float64?`.

use anchorhold_model::{Column, ColumnType};

use super::error::shown;

/// Why a text does not declare columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a column as in age:int64 or wt_loss:float64? (types: int64, float64, utf8, boolean; ? allows nulls), got {text}"
)]
pub struct DeclarationError {
    text: String,
}

/// Parses columns declared as `NAME:TYPE`, or `NAME:TYPE?` for a nullable one, with commas
/// between them. A name may contain colons, but no comma.
///
/// The text of [`Column`] is the same: what it displays can be parsed.
///
/// # Errors
///
/// The first part that is not a column.
pub fn parse_columns(text: &str) -> Result<Vec<Column>, DeclarationError> {
    text.split(',').map(parse_column).collect()
}

fn parse_column(text: &str) -> Result<Column, DeclarationError> {
    let error = || DeclarationError { text: shown(text) };
    let (name, column_type) = text.rsplit_once(':').ok_or_else(error)?;
    let (name, column_type) = (name.trim(), column_type.trim());
    let plain = column_type.strip_suffix('?');
    let column_type: ColumnType = plain.unwrap_or(column_type).parse().map_err(|_| error())?;
    if name.is_empty() {
        return Err(error());
    }
    Ok(Column { name: name.to_owned(), column_type, nullable: plain.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_column_displays_is_parsed_again() {
        let text = "age:int64,wt_loss:float64?,a:b:utf8,dead:boolean?";
        let columns = parse_columns(text).expect("each part is a column");
        assert_eq!(columns[1].column_type, ColumnType::Float64);
        assert_eq!((columns[1].nullable, columns[2].nullable), (true, false));
        assert_eq!(columns[2].name, "a:b");
        let texts: Vec<String> = columns.iter().map(Column::to_string).collect();
        assert_eq!(texts.join(","), text);
        assert_eq!(
            parse_columns(" age : int64 ").map(|columns| columns[0].to_string()),
            Ok("age:int64".into())
        );
    }

    #[test]
    fn other_texts_are_refused_with_the_part_shown() {
        for (text, part) in [
            ("", "\"\""),
            ("age", "\"age\""),
            ("age:int64,", "\"\""),
            ("age:int64,sex:int32", "\"sex:int32\""),
            (":int64", "\":int64\""),
            ("age:", "\"age:\""),
            ("age:int64??", "\"age:int64??\""),
            ("age:Int64", "\"age:Int64\""),
        ] {
            let error = parse_columns(text).expect_err(text).to_string();
            assert!(error.ends_with(&format!("got {part}")), "{text}: {error}");
        }
    }
}
