//! One tensor as NumPy writes it: a magic, a header that is a dictionary of Python, and the values' bytes
//! (NEP 1, versions 1.0 to 3.0).

use super::{MAX_DIMENSIONS, Precision, StateError, Tensor};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads a tensor in row-major order, of the types `<f4` and `<f8`.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Tensor, StateError> {
    let unreadable = |reason| StateError::Unreadable { name: name.to_owned(), reason };
    let (header, data) = split(bytes).ok_or_else(|| unreadable("it does not begin as .npy"))?;
    let header = Header::parse(header).map_err(unreadable)?;
    Tensor::from_bytes(name, header.shape, data, header.precision)
}

/// Writes a tensor, so that its values begin at a multiple of 64 bytes.
pub(super) fn write(tensor: &Tensor) -> Vec<u8> {
    let descr = match tensor.precision {
        Precision::Single => "<f4",
        Precision::Double => "<f8",
    };
    let shape: String = tensor.shape.iter().map(|length| format!("{length}, ")).collect();
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    let before = MAGIC.len() + 4;
    let whole = (before + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(whole - before - header.len() - 1));
    header.push('\n');
    let length = u16::try_from(header.len()).expect("eight dimensions take some hundred bytes");
    [MAGIC, &[1, 0], &length.to_le_bytes(), header.as_bytes(), &tensor.to_bytes()].concat()
}

/// Returns the header's text and the values' bytes.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<2>()?;
    let (length, rest) = match version {
        [1, 0] => {
            let (length, rest) = rest.split_first_chunk()?;
            (u16::from_le_bytes(*length).into(), rest)
        }
        [2 | 3, 0] => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::try_from(u32::from_le_bytes(*length)).ok()?, rest)
        }
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((str::from_utf8(header).ok()?, data))
}

/// What a header says.
struct Header {
    precision: Precision,
    shape: Vec<usize>,
}

impl Header {
    fn parse(text: &str) -> Result<Self, &'static str> {
        const MALFORMED: &str = "its header is malformed";
        let text = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let mut rest = text.ok_or(MALFORMED)?.trim();
        let (mut precision, mut shape, mut is_row_major) = (None, None, false);
        while !rest.is_empty() {
            let (key, value) = rest.split_once(':').ok_or(MALFORMED)?;
            let value = value.trim_start();
            // A shape has commas of its own.
            let (value, next) = match value.strip_prefix('(') {
                Some(value) => value.split_once(')').ok_or(MALFORMED)?,
                None => value.split_at(value.find(',').unwrap_or(value.len())),
            };
            match (key.trim().trim_matches(['\'', '"']), value.trim()) {
                ("descr", "'<f4'" | "\"<f4\"") => precision = Some(Precision::Single),
                ("descr", "'<f8'" | "\"<f8\"") => precision = Some(Precision::Double),
                ("descr", _) => return Err("its values are neither of the type <f4 nor <f8"),
                ("fortran_order", "False") => is_row_major = true,
                ("fortran_order", "True") => return Err("it is not in row-major order"),
                ("shape", value) => shape = Some(lengths(value).ok_or(MALFORMED)?),
                _ => return Err(MALFORMED),
            }
            let next = next.trim_start();
            rest = match next.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if next.is_empty() => next,
                None => return Err(MALFORMED),
            };
        }
        match (precision, shape, is_row_major) {
            (Some(precision), Some(shape), true) => Ok(Self { precision, shape }),
            _ => Err(MALFORMED),
        }
    }
}

/// Reads the lengths of a shape: nothing, or numbers with commas between or after them.
fn lengths(text: &str) -> Option<Vec<usize>> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Some(Vec::new());
    }
    // One more than there may be tells that there are too many.
    let lengths = text.split(',').take(MAX_DIMENSIONS + 1);
    lengths.map(|length| length.trim().parse().ok()).collect()
}
