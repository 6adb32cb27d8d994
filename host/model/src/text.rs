//! Text for people: what somebody else wrote, made fit for a terminal or a log, and errors.

use std::error::Error;

/// Returns the words of an error and of all its causes, as one sentence.
pub fn chain(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence = format!("{sentence}: {error}");
        cause = error.source();
    }
    sentence
}

/// Escapes what a terminal or a reader of a log might act on: control characters other than the
/// tab, line ends among them, and those that change the direction of text.
pub fn printable(text: &str) -> String {
    let acts = |c: char| {
        c.is_control() && c != '\t'
            || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut printable, c| {
        if acts(c) {
            printable.extend(c.escape_default())
        } else {
            printable.push(c)
        }
        printable
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_the_rest_is_not() {
        assert_eq!(printable("Größe\t1 \"a\\b\""), "Größe\t1 \"a\\b\"");
        assert_eq!(printable("\x1b[2J\r\n\u{9b}\u{202e}x"), "\\u{1b}[2J\\r\\n\\u{9b}\\u{202e}x");
    }
}
