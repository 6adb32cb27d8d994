use super::*;

fn engine() -> wasmtime::Engine {
    wasmtime::Engine::default()
}

fn cache(folder: &Path) -> Cache {
    let key = CacheKey::open(&folder.join("secret/key")).expect("the folder is ours");
    Cache::open(&folder.join("cache"), key).expect("the folder is ours")
}

#[test]
fn what_was_stored_is_loaded_by_the_next_process() {
    let folder = tempfile::tempdir().expect("there is room");
    let digest = Digest::of(b"component");
    cache(folder.path()).store(&engine(), digest, b"code").expect("there is room");
    assert_eq!(cache(folder.path()).load(&engine(), digest), Some(b"code".to_vec()));
    assert_eq!(cache(folder.path()).load(&engine(), Digest::of(b"another")), None);
}

#[test]
fn every_changed_bit_is_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let (cache, engine, digest) = (cache(folder.path()), engine(), Digest::of(b"component"));
    cache.store(&engine, digest, b"code").expect("there is room");
    let path = cache.path(digest);
    let stored = fs::read(&path).expect("it was stored");
    for bit in 0..stored.len() * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, changed).expect("there is room");
        assert_eq!(cache.load(&engine, digest), None, "bit {bit}");
    }
    for length in 0..stored.len() {
        fs::write(&path, &stored[..length]).expect("there is room");
        assert_eq!(cache.load(&engine, digest), None, "{length} bytes");
    }
}

#[test]
fn another_component_key_or_engine_is_refused() {
    let folder = tempfile::tempdir().expect("there is room");
    let (cache, engine) = (cache(folder.path()), engine());
    let (digest, another) = (Digest::of(b"component"), Digest::of(b"another"));
    cache.store(&engine, digest, b"code").expect("there is room");
    fs::copy(cache.path(digest), cache.path(another)).expect("there is room");
    assert_eq!(cache.load(&engine, another), None);

    let mut config = wasmtime::Config::new();
    let other_engine = wasmtime::Engine::new(config.consume_fuel(true)).expect("it is valid");
    assert_eq!(cache.load(&other_engine, digest), None);

    cache.store(&engine, digest, b"code").expect("there is room");
    let other_key = CacheKey::open(&folder.path().join("other")).expect("the folder is ours");
    let stranger = Cache::open(&folder.path().join("cache"), other_key).expect("it is there");
    assert_eq!(stranger.load(&engine, digest), None);
}

#[test]
fn a_key_of_another_length_is_named() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("key");
    fs::write(&path, b"short").expect("there is room");
    let error = CacheKey::open(&path).expect_err("it is too short");
    assert!(error.to_string().contains("key"), "{error}");
}

#[test]
fn the_oldest_files_go() {
    let folder = tempfile::tempdir().expect("there is room");
    let (cache, engine) = (cache(folder.path()), engine());
    for number in 0..FILES + 3 {
        let digest = Digest::of(&number.to_le_bytes());
        cache.store(&engine, digest, b"code").expect("there is room");
    }
    let files = fs::read_dir(&cache.folder).expect("it is there").count();
    assert_eq!(files, FILES);
}

#[test]
fn what_an_ended_process_left_goes() {
    let folder = tempfile::tempdir().expect("there is room");
    let (cache, engine) = (cache(folder.path()), engine());
    let (left, written) = (cache.folder.join(".new-left"), cache.folder.join(".new-written"));
    fs::write(&written, b"half").expect("there is room");
    let file = File::create(&left).expect("there is room");
    file.set_modified(SystemTime::now() - 2 * ABANDONED).expect("it is ours");
    cache.store(&engine, Digest::of(b"component"), b"code").expect("there is room");
    assert!(!left.exists(), "it is older than any write");
    assert!(written.exists(), "another process may be at it");
}
