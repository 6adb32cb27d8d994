use super::*;

const MEBIBYTE: usize = 1 << 20;

fn opened(bytes: &[u8]) -> (TempDir, Grant) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    fs::write(&path, bytes).unwrap();
    let grant = Arc::new(Dataset::open_file("state", &path).unwrap()).grant(None).unwrap();
    (folder, grant)
}

#[test]
fn its_pieces_are_the_file() {
    for (length, pieces) in [
        (0, 1),
        (1, 1),
        (MEBIBYTE - 1, 1),
        (MEBIBYTE, 1),
        (MEBIBYTE + 1, 2),
        (2 * MEBIBYTE, 2),
        (3 * MEBIBYTE - 7, 3),
    ] {
        let bytes: Vec<u8> = (0..length).map(|place| (place % 253) as u8).collect();
        let (_folder, grant) = opened(&bytes);
        assert_eq!(grant.dataset().size(), format!("{length} bytes"));
        let keys: Vec<String> = grant.keys().collect();
        assert_eq!(keys.len(), pieces);
        assert_eq!(keys[0], "data/state/file/00000000");
        let read: Vec<Vec<u8>> = keys.iter().map(|key| grant.get(key).unwrap().unwrap()).collect();
        assert!(read.iter().rev().skip(1).all(|piece| piece.len() == MEBIBYTE));
        assert_eq!(read.concat(), bytes);
        for other in
            ["schema", "batch/00000000", "file/0", "file/00000003", "file/0000000/", "file"]
        {
            let key = format!("data/state/{other}");
            assert!(!grant.contains(&key), "{key}");
            assert_eq!(grant.get(&key).unwrap(), None);
        }
    }
}

#[test]
fn a_piece_that_changed_is_an_error_and_never_another_value() {
    let bytes = vec![7; MEBIBYTE + 5];
    for (length, changed) in [(MEBIBYTE + 5, MEBIBYTE + 4), (MEBIBYTE + 4, 0), (MEBIBYTE + 6, 0)] {
        let (folder, grant) = opened(&bytes);
        let mut other = vec![7; length];
        if changed > 0 {
            other[changed] = 8;
        }
        fs::write(folder.path().join("state.safetensors"), other).unwrap();
        let is_there = grant.get("data/state/file/00000000").is_ok();
        assert_eq!(is_there, length == bytes.len());
        let error = grant.get("data/state/file/00000001").unwrap_err();
        assert!(matches!(error, DatasetError::Changed { .. }), "{error}");
    }
}

#[test]
fn columns_cannot_be_chosen_of_it() {
    let (_folder, grant) = opened(b"bytes");
    assert!(grant.dataset().is_file());
    assert_eq!((grant.columns().count(), grant.dataset().rows()), (0, 0));
}
