use std::io::Cursor;

use anchorhold_model::layout::Content;
use anchorhold_model::{Seat, TaskId};

use super::*;

fn key() -> Key {
    Zeroizing::new([7; 32])
}

fn header() -> Header {
    Header {
        content: Content::Message,
        task: TaskId::from_bytes([1; 32]),
        sender: Seat(0),
        receiver: Seat(1),
        grant: [2; 32],
        sequence: 3,
        padded_length: 0,
    }
}

fn sealed(topic: &str, body: &[u8]) -> (Sealed, Vec<u8>) {
    let mut out = Vec::new();
    let sealed = seal(&key(), header(), topic, Cursor::new(body), &mut out).unwrap();
    (sealed, out)
}

fn opened(envelope: &[u8]) -> Result<(Opened, Vec<u8>), NotOpened> {
    let mut out = Vec::new();
    open(&key(), &header(), envelope, &mut out).map(|opened| (opened, out))
}

#[test]
fn messages_of_every_length_survive() {
    let frame = 2 + "topic".len() + 8;
    for chunks in 0..3 {
        for around in -2..=2_isize {
            let length = (chunks * CHUNK_BYTES).saturating_add_signed(around);
            for length in [length, length.saturating_sub(frame)] {
                let body = vec![9; length];
                let (sealed, envelope) = sealed("topic", &body);
                let (opened, out) = opened(&envelope).unwrap();
                assert_eq!((opened.topic.as_str(), out == body), ("topic", true), "{length}");
                assert_eq!((opened.hash, opened.length), (sealed.hash, length as u64));
                assert_eq!(sealed.length, envelope.len() as u64);
            }
        }
    }
}

#[test]
fn the_size_tells_only_the_padded_length() {
    let length = |body: usize| sealed("t", &vec![0; body]).1.len();
    assert_eq!(length(0), length(200));
    assert_ne!(length(0), length(300));
    assert_eq!(length(5_000), length(16_000));
}

#[test]
fn other_contents_have_other_keys() {
    let (first, second) = (sealed("t", b"one").1, sealed("t", b"two").1);
    let salts = [&first, &second].map(|envelope| envelope[HEADER_BYTES..][..32].to_vec());
    assert_ne!(salts[0], salts[1]);
    assert_eq!(sealed("t", b"one").1, first);
    let mixed = [&first[..HEADER_BYTES + 64], &second[HEADER_BYTES + 64..]].concat();
    assert_eq!(opened(&mixed), Err(NotOpened));
}

#[test]
fn a_long_topic_is_refused() {
    let topic = "t".repeat(limits::TOPIC_BYTES);
    assert_eq!(opened(&sealed(&topic, b"").1).unwrap().0.topic, topic);
    let refused = seal(&key(), header(), &(topic + "t"), Cursor::new(b""), Vec::new());
    assert!(matches!(refused, Err(SealError::Topic(257))));
}

/// A body that is another each time it is read.
struct Changing(Cursor<Vec<u8>>);

impl Read for Changing {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Seek for Changing {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.get_mut()[0] += 1;
        self.0.seek(to)
    }
}

#[test]
fn a_message_that_changes_while_it_is_read_is_not_sealed() {
    let body = Changing(Cursor::new(vec![0; 100]));
    let refused = seal(&key(), header(), "t", body, Vec::new()).unwrap_err();
    assert!(matches!(refused, SealError::Io(_)), "{refused}");
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let full = Cursor::new([0; 100]);
    let mut room = full.into_inner();
    assert!(seal(&key(), header(), "t", Cursor::new([0; 100]), &mut room[..]).is_err());
    let (_, envelope) = sealed("t", &[0; 200]);
    assert_eq!(open(&key(), &header(), &envelope[..], &mut room[..]), Err(NotOpened));
}

#[test]
fn padding_that_is_not_zero_or_a_frame_that_lies_is_refused() {
    for (plaintext, expected) in [
        (vec![0; 256], true),
        ([vec![0; 255], vec![1]].concat(), false),
        ([vec![1, 0], vec![0; 254]].concat(), false),
        ([vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 250], vec![0; 246]].concat(), false),
        ([vec![0, 1, 0xff], vec![0; 253]].concat(), false),
    ] {
        let header = Header { padded_length: 256, ..header() };
        let bytes = header.encode();
        let keys = MessageKeys::new(&key(), &Sha256::digest(&bytes).into(), &[0; 32]);
        let prefix = [&bytes[..], &[0; 32], &keys.commitment].concat();
        let mut chunk = plaintext;
        stream(&keys.body).encrypt_in_place(0, true, &prefix, &mut chunk).unwrap();
        assert_eq!(opened(&[prefix, chunk].concat()).is_ok(), expected);
    }
}
