//! Text for people: what somebody else wrote, made fit for a terminal or a log, and errors.

use std::error::Error;
use std::ops::Range;

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

/// Says a problem with the line of a file that it is in, which begins where a span of its bytes does.
pub fn located(file: &str, span: Option<Range<usize>>, problem: &str) -> String {
    let problem = problem.trim().replace('\n', "; ");
    match span.and_then(|span| file.get(..span.start)) {
        Some(before) => format!("line {}: {problem}", before.matches('\n').count() + 1),
        None => problem,
    }
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
    fn a_problem_is_in_the_line_where_its_span_begins() {
        assert_eq!(located("a\nbö = 1\n", Some(2..5), "no\nb "), "line 2: no; b");
        assert_eq!(located("a\nb", Some(0..4), "no"), "line 1: no");
        assert_eq!(located("a\nb", Some(9..9), "no"), "no");
        assert_eq!(located("a\nb", None, "no"), "no");
    }

    #[test]
    fn what_acts_is_escaped_and_the_rest_is_not() {
        assert_eq!(printable("Größe\t1 \"a\\b\""), "Größe\t1 \"a\\b\"");
        assert_eq!(printable("\x1b[2J\r\n\u{9b}\u{202e}x"), "\\u{1b}[2J\\r\\n\\u{9b}\\u{202e}x");
    }
}
