use std::sync::LazyLock;

use anchorhold_identity::{OrganizationKey, RootKey};
use anchorhold_model::TaskId;
use anchorhold_model::link::Stream;

use super::*;

const TASK: TaskId = TaskId::from_bytes([1; 32]);
const FULL: usize = limits::FRAME_BYTES;

static CHANNEL: LazyLock<Arc<Channel>> = LazyLock::new(|| {
    let key = OrganizationKey::generate(3072);
    let statement = RootKey::generate().state("north", 1, &key, (0, 1 << 40));
    let place = |seat| Place { seat: Seat(seat), statement: &statement };
    let pair = Pair { task: TASK, sender: place(0), receiver: place(1) };
    Arc::new(Channel::grant(&pair, &key).0)
});

/// Frame `index` of `count` of message 5, with so many bytes.
fn piece(number: u64, (index, count): (u32, u32), bytes: usize) -> Frame {
    let stream = Stream { task: TASK, sender: Seat(0), receiver: Seat(1) };
    let bytes = vec![7; bytes];
    Frame { stream, number, kind: ParcelKind::Message, sequence: 5, index, count, bytes }
}

/// Takes frames after the grant; returns the frames with which parcels were complete, or what is
/// wrong.
fn assembled(frames: Vec<Frame>) -> Result<Vec<(u64, u64)>, Alarm> {
    let mut receiving = Receiving { channel: Some(CHANNEL.clone()), ..Receiving::default() };
    let folder = Arc::new(std::env::temp_dir());
    let mut parcels = Vec::new();
    for frame in frames {
        let whole = receiving.assemble(frame, &Limits::default(), &folder)?;
        parcels.extend(whole.map(|(number, parcel)| (number, parcel.bytes.length())));
    }
    Ok(parcels)
}

#[test]
fn frames_make_parcels_and_those_that_come_again_nothing() {
    let first = piece(0, (0, 2), FULL);
    let frames = vec![first.clone(), first, piece(1, (1, 2), 3), piece(2, (0, 1), 4)];
    let parcels = assembled(frames).unwrap();
    assert_eq!(parcels, [(1, FULL as u64 + 3), (2, 4)]);
}

#[test]
fn frames_that_do_not_belong_together_are_out_of_place() {
    let first = || piece(0, (0, 3), FULL);
    let second = || piece(1, (1, 3), FULL);
    for (second, what) in [
        (Frame { kind: ParcelKind::Arguments, ..second() }, "of another kind"),
        (Frame { sequence: 6, ..second() }, "of another message"),
        (Frame { count: 2, ..second() }, "of another number of frames"),
        (Frame { index: 0, ..second() }, "the first again"),
        (Frame { index: 2, ..second() }, "the last"),
        (Frame { bytes: vec![7; FULL - 1], ..second() }, "not full, in the middle"),
    ] {
        assert_eq!(assembled(vec![first(), second]), Err(Alarm::Misplaced(1)), "{what}");
    }
    assert_eq!(assembled(vec![piece(0, (1, 2), 1)]), Err(Alarm::Misplaced(0)), "no first one");
    for kind in [ParcelKind::Grant, ParcelKind::Result] {
        let frame = Frame { kind, ..piece(0, (0, 1), 1) };
        assert_eq!(assembled(vec![frame]), Err(Alarm::Misplaced(0)), "{kind:?}");
    }
}

#[test]
fn what_is_missing_or_another_is_seen_by_its_number() {
    assert_eq!(assembled(vec![piece(1, (0, 1), 1)]), Err(Alarm::Gap(1)));
    let other = vec![piece(0, (0, 1), 1), piece(0, (0, 1), 2)];
    assert_eq!(assembled(other), Err(Alarm::Two(0)));
}

#[test]
fn a_parcel_larger_than_a_message_may_be_is_refused_at_its_first_frame() {
    let most = u32::try_from(most_frames(ParcelKind::Message, &Limits::default())).unwrap();
    assembled(vec![piece(0, (0, most), FULL)]).unwrap();
    assert_eq!(assembled(vec![piece(0, (0, most + 1), FULL)]), Err(Alarm::TooLarge(0)));
    let closing = Frame { kind: ParcelKind::Closing, ..piece(0, (0, 2), FULL) };
    assert_eq!(assembled(vec![closing]), Err(Alarm::TooLarge(0)));
}

/// Takes one frame that is whole.
fn takes(mut receiving: Receiving, frame: Frame) -> Result<bool, Alarm> {
    let limits = Limits::default();
    let folder = Arc::new(std::env::temp_dir());
    receiving.assemble(frame, &limits, &folder).map(|parcel| parcel.is_some())
}

#[test]
fn each_kind_has_its_time_and_its_sender() {
    let of = |sender, kind| {
        let stream = Stream { task: TASK, sender, receiver: Seat(1) };
        Frame { stream, kind, ..piece(0, (0, 1), 1) }
    };
    let new = Receiving::default;
    let granted = || Receiving { channel: Some(CHANNEL.clone()), ..new() };
    let ended = || Receiving { ended: true, ..granted() };
    let answered = || Receiving { receipt: true, ..ended() };
    let peer = Seat(0);
    let (grant, message, arguments) =
        (ParcelKind::Grant, ParcelKind::Message, ParcelKind::Arguments);
    let (closing, receipt) = (ParcelKind::Closing, ParcelKind::Receipt);
    for (receiving, sender, kind) in [
        (new(), peer, grant),
        (new(), REQUESTER, grant),
        (granted(), peer, message),
        (granted(), peer, closing),
        (granted(), REQUESTER, arguments),
        (new(), peer, receipt),
        (ended(), peer, receipt),
    ] {
        assert_eq!(takes(receiving, of(sender, kind)), Ok(true), "{sender} {kind:?}");
    }
    for (receiving, sender, kind) in [
        (new(), peer, message),
        (new(), peer, closing),
        (new(), REQUESTER, arguments),
        (granted(), peer, grant),
        (granted(), peer, arguments),
        (granted(), REQUESTER, message),
        (granted(), REQUESTER, closing),
        (granted(), REQUESTER, receipt),
        (ended(), peer, message),
        (ended(), peer, closing),
        (ended(), REQUESTER, arguments),
        (answered(), peer, receipt),
    ] {
        let refused = takes(receiving, of(sender, kind));
        assert_eq!(refused, Err(Alarm::Misplaced(0)), "{sender} {kind:?}");
    }
}

#[test]
fn a_stream_has_no_more_frames_than_the_task_allows() {
    let limits = Limits { messages: 2, sent_bytes: 0, ..Limits::default() };
    let most = most_in_stream(&limits);
    let folder = Arc::new(std::env::temp_dir());
    let mut receiving = Receiving { channel: Some(CHANNEL.clone()), ..Receiving::default() };
    for number in 0..=most {
        let frame = piece(number, (0, 1), 1);
        let taken = receiving.assemble(frame, &limits, &folder);
        let expected = if number < most { None } else { Some(Alarm::TooMany(most)) };
        assert_eq!(taken.err(), expected);
    }
}
