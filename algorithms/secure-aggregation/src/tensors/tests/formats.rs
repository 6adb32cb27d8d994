//! What format a file is of, and what is of none.

use super::*;

fn header_of(length: u64, rest: usize) -> Vec<u8> {
    [&length.to_le_bytes()[..], &vec![b' '; rest]].concat()
}

#[test]
fn a_file_of_no_format_is_told_as_such() {
    let npy = npy::write(&Tensor::new("w", vec![2], vec![1.5, -2.0]).unwrap());
    let files = [
        b"".to_vec(),
        b" \n".to_vec(),
        b"tensor,value\nw,1.5\n".to_vec(),
        b"[1, 2]".to_vec(),
        b"[[1, 2], [3, 4]]".to_vec(),
        b"\xef\xbb\xbf{\"w\": 1}".to_vec(),
        b"{\0\"\0w\0\"\0:\x001\0}\0".to_vec(),
        npy.clone(),
        // With a byte order that other versions have.
        [b"\x93NUMPY\x02\x00", &npy[8..]].concat(),
        // An archive without a file.
        b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
        // Its first eight bytes are seven.
        vec![0; 7],
        header_of(1, 0),
        header_of(101, 100),
        header_of((8 << 20) + 1, 100),
        header_of(u64::MAX, 100),
    ];
    for file in files {
        let error = StateDictionary::from_file(&file).unwrap_err();
        assert_eq!(error, StateError::NoFormat, "{file:?}");
        assert_eq!(
            error.to_string(),
            "the state dictionary is neither safetensors, .npz nor JSON",
            "{file:?}"
        );
    }
}

#[test]
fn a_file_of_a_format_is_told_what_is_wrong_with_it() {
    let of = |file: &[u8], format: Format, name: &str| {
        assert_eq!(Format::of(file), Some(format), "{file:?}");
        let error = StateDictionary::from_file(file).unwrap_err().to_string();
        let expected = format!("the state dictionary is no {name} file: ");
        assert!(error.starts_with(&expected), "{error}");
    };
    for file in [header_of(0, 0), header_of(100, 100), header_of(2, 100), header_of(0x7b, 0x7b)] {
        of(&file, Format::Safetensors, "safetensors");
    }
    for file in [&b"{"[..], b" \r\n\t{", b"{\"w\": [1, ", b"{{{{{{{{{{", b"       {\"w\": 1"] {
        of(file, Format::Json, "JSON");
    }
    for file in [&b"PK\x03\x04"[..], b"PK\x03\x04{}", b"PK\x03\x04\0\0\0\0"] {
        of(file, Format::Npz, ".npz");
    }
    // One that has all of a header that is too long is told how long it is.
    let error = StateDictionary::from_file(&header_of((8 << 20) + 1, (8 << 20) + 1)).unwrap_err();
    assert!(matches!(error, StateError::TooLong { format: "safetensors", .. }), "{error}");
}
