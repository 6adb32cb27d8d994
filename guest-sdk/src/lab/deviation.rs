//! What a party that does not follow the protocol does to a message, whatever the protocol is.

/// What becomes of a message; see [`Lab::deviate`](super::Lab::deviate).
///
/// Of a message that is empty already, only [`Extended`](Self::Extended) and [`Lost`](Self::Lost) make
/// another one.
///
/// Here a number is sent with its complement, so that no other number is taken for it:
///
/// ```
/// use anchorhold_sdk::lab::{Deviation, Failure, Lab};
/// use anchorhold_sdk::{Algorithm, Description, Error, Result, Security, Task};
///
/// fn run(task: &mut Task, number: u8) -> Result<u8> {
///     task.send(task.next(), "number", &(number, !number))?;
///     let (number, complement): (u8, u8) = task.receive(task.previous(), "number")?;
///     match complement == !number {
///         true => Ok(number),
///         false => Err(Error::new("the number is another than was sent")),
///     }
/// }
///
/// fn describe() -> Description {
///     let security = Security::semi_honest("None.", "Everything: this is an example.");
///     Description::new("numbers", "1.0.0", "Passes numbers on.", security)
/// }
///
/// let lab = || {
///     let mut lab = Lab::new(Algorithm::new(describe, run));
///     lab.parties(2).arguments_of(0, 23).arguments_of(1, 42);
///     lab
/// };
/// let honest = lab().run();
/// for sent in honest.trace() {
///     for deviation in Deviation::ALL {
///         let report = lab().deviate(sent.from, sent.to, sent.index, deviation).run();
///         let failure = report.failure(sent.to);
///         assert!(matches!(failure, Failure::Returned(_)), "{} {deviation:?}: {failure}", sent.topic);
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// The lowest bit of one byte is another: of the first for 0, of the last for 4, and of the one after
    /// so many quarters of the body between.
    Changed(usize),
    /// Its body is empty.
    Emptied,
    /// Its last byte is not there.
    Cut,
    /// A zero follows its last byte.
    Extended,
    /// All bits of its body are set.
    Filled,
    /// It does not come, nor does any that follows it: its receiver is told that the sender is lost.
    Lost,
}

impl Deviation {
    /// What can become of any message.
    pub const ALL: [Self; 10] = [
        Self::Changed(0),
        Self::Changed(1),
        Self::Changed(2),
        Self::Changed(3),
        Self::Changed(4),
        Self::Emptied,
        Self::Cut,
        Self::Extended,
        Self::Filled,
        Self::Lost,
    ];

    /// Says whether the message comes with another length.
    pub fn is_of_length(self) -> bool {
        matches!(self, Self::Emptied | Self::Cut | Self::Extended)
    }

    /// Changes the body of a message that is not lost.
    pub(super) fn change(self, body: &mut Vec<u8>) {
        match self {
            Self::Changed(quarters) => {
                let last = body.len().saturating_sub(1);
                let place = (body.len() * quarters / 4).min(last);
                body.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1);
            }
            Self::Emptied => body.clear(),
            Self::Cut => drop(body.pop()),
            Self::Extended => body.push(0),
            Self::Filled => body.fill(0xff),
            Self::Lost => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(deviation: Deviation, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        deviation.change(&mut body);
        body
    }

    #[test]
    fn each_makes_another_message() {
        let body = [10, 11, 12, 13, 14, 15, 16, 17];
        let bodies = Deviation::ALL.map(|deviation| changed(deviation, &body));
        let expected: [&[u8]; 10] = [
            &[11, 11, 12, 13, 14, 15, 16, 17],
            &[10, 11, 13, 13, 14, 15, 16, 17],
            &[10, 11, 12, 13, 15, 15, 16, 17],
            &[10, 11, 12, 13, 14, 15, 17, 17],
            &[10, 11, 12, 13, 14, 15, 16, 16],
            &[],
            &[10, 11, 12, 13, 14, 15, 16],
            &[10, 11, 12, 13, 14, 15, 16, 17, 0],
            &[255; 8],
            &body,
        ];
        assert_eq!(bodies, expected);
        for (deviation, body) in Deviation::ALL.into_iter().zip(bodies) {
            assert_eq!(deviation.is_of_length(), body.len() != 8, "{deviation:?}");
        }
    }

    #[test]
    fn a_body_of_one_byte_or_of_none_is_no_trouble() {
        for deviation in Deviation::ALL {
            let [none, one] = [&[][..], &[7]].map(|body| changed(deviation, body));
            match deviation {
                Deviation::Changed(_) => assert_eq!((none, one), (vec![], vec![6])),
                Deviation::Emptied | Deviation::Cut => assert_eq!((none, one), (vec![], vec![])),
                Deviation::Extended => assert_eq!((none, one), (vec![0], vec![7, 0])),
                Deviation::Filled => assert_eq!((none, one), (vec![], vec![255])),
                Deviation::Lost => assert_eq!((none, one), (vec![], vec![7])),
            }
        }
    }
}
