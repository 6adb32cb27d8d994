//! How far an execution is: what an algorithm tells, and how that travels to the requester.

use std::fmt;

use crate::layout::{Decoder, Encoder, Malformed};
use crate::{Seat, limits};

/// How far an execution is, as its algorithm says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// How much there is to do: at least as much.
    pub total: u64,
    /// What is being done, in at most [`limits::PROGRESS_TEXT_BYTES`].
    pub text: String,
}

/// A [`Progress`] sealed for the requester. The newest one of an execution stands for all.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// The number of its envelope, from 0.
    pub number: u64,
    /// The grant under which it is sealed.
    pub grant: Vec<u8>,
    /// The envelope.
    pub envelope: Vec<u8>,
}

impl Progress {
    /// Makes progress of which no more is done than there is to do, or none. A text that is longer
    /// than it may be is cut.
    pub fn new(done: u64, total: u64, text: &str) -> Option<Self> {
        let end = text.floor_char_boundary(limits::PROGRESS_TEXT_BYTES);
        (done <= total).then(|| Self { done, total, text: text[..end].to_owned() })
    }

    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.u64(self.done).u64(self.total).text(&self.text);
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not what [`Progress::encode`] returns, or more is done than there is to do.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("progress", bytes);
        let (done, total) = (decoder.u64()?, decoder.u64()?);
        if done > total {
            return Err(decoder.malformed("more is done than there is to do"));
        }
        let text = decoder.text(limits::PROGRESS_TEXT_BYTES)?;
        decoder.finish()?;
        Ok(Self { done, total, text })
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, total, text } = self;
        write!(f, "{done}/{total}{}{text}", if text.is_empty() { "" } else { " " })
    }
}

impl Report {
    /// Returns the bytes of the reports of a task's seats.
    pub fn encode_all<'a>(reports: impl IntoIterator<Item = (Seat, &'a Self)>) -> Vec<u8> {
        let reports: Vec<_> = reports.into_iter().collect();
        let mut encoder = Encoder::default();
        encoder.list(&reports, |encoder, (seat, report)| {
            report.write(encoder.u32(seat.0));
        });
        encoder.finish()
    }

    /// Reads the bytes of the reports of a task's seats.
    ///
    /// # Errors
    ///
    /// Where they are not what [`Report::encode_all`] returns, or a part is too large.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<(Seat, Self)>, Malformed> {
        let mut decoder = Decoder::new("reports of progress", bytes);
        let reports = decoder
            .list(limits::PARTIES, |decoder| Ok((Seat(decoder.u32()?), Self::read(decoder)?)))?;
        decoder.finish()?;
        Ok(reports)
    }

    pub(crate) fn write<'a>(&self, encoder: &'a mut Encoder) -> &'a mut Encoder {
        encoder.u64(self.number).bytes(&self.grant).bytes(&self.envelope)
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            number: decoder.u64()?,
            grant: decoder.bytes(limits::REPORT_BYTES)?.to_vec(),
            envelope: decoder.bytes(limits::REPORT_BYTES)?.to_vec(),
        })
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Report({}, {} bytes)", self.number, self.envelope.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_survives_its_bytes_and_a_long_text_is_cut() {
        assert_eq!(Progress::new(2, 1, ""), None);
        let progress = Progress { done: 2, total: 3, text: "adding up".into() };
        let bytes = progress.encode();
        assert_eq!(Progress::decode(&bytes), Ok(progress.clone()));
        for length in 0..bytes.len() {
            Progress::decode(&bytes[..length]).expect_err("it is cut");
        }
        Progress::decode(&[&bytes[..], &[0]].concat()).expect_err("it is longer");
        let long = "é".repeat(limits::PROGRESS_TEXT_BYTES);
        let cut = Progress::new(0, 0, &long).unwrap();
        assert_eq!(cut.text, &long[..limits::PROGRESS_TEXT_BYTES]);
        assert_eq!(Progress::decode(&cut.encode()), Ok(cut));
        Progress::decode(&Progress { text: long, ..progress.clone() }.encode()).expect_err("long");
        let more = Progress { done: 4, ..progress }.encode();
        let error = Progress::decode(&more).unwrap_err().to_string();
        assert!(error.contains("more is done than there is to do"), "{error}");
    }

    #[test]
    fn reports_survive_their_bytes_and_are_bounded() {
        let report = |number, bytes| Report { number, grant: vec![1; 3], envelope: vec![2; bytes] };
        let (first, second) = (report(0, 5), report(u64::MAX, limits::REPORT_BYTES));
        let bytes = Report::encode_all([(Seat(1), &first), (Seat(7), &second)]);
        assert_eq!(Report::decode_all(&bytes), Ok(vec![(Seat(1), first), (Seat(7), second)]));
        Report::decode_all(&bytes[..bytes.len() - 1]).expect_err("it is cut");
        Report::decode_all(&[&bytes[..], &[0]].concat()).expect_err("it is longer");
        let large = report(0, limits::REPORT_BYTES + 1);
        Report::decode_all(&Report::encode_all([(Seat(0), &large)])).expect_err("it is too large");
        let many = vec![(Seat(0), &large); limits::PARTIES + 1];
        Report::decode_all(&Report::encode_all(many)).expect_err("there are too many");
    }
}
