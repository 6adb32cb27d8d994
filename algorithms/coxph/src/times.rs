//! At which times there are events, and whether sums there are of enough rows.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Ties;

/// A time with events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTime {
    /// Where it is on the grid.
    pub cell: u32,
    /// Whether sums over the rows with events there are needed.
    pub tied: bool,
}

/// How many rows end at each time of the grid, over all parties.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    pub by_event: Vec<u64>,
    pub without: Vec<u64>,
}

impl Ending {
    /// Returns the times with events, in order.
    pub fn event_times(&self, ties: Ties) -> Vec<EventTime> {
        let with = (0..).zip(&self.by_event).filter(|(_, events)| **events > 0);
        let tied = |events: u64| ties == Ties::Efron && events > 1;
        with.map(|(cell, events)| EventTime { cell, tied: tied(*events) }).collect()
    }

    /// Returns the size of the smallest group of rows whose sums the sums over rows at risk and over tied
    /// events tell: of those that end from one time with events until before the next, and of those of them
    /// with and without a tied event.
    pub fn smallest_group(&self, times: &[EventTime]) -> u64 {
        let sum = |of: &[u64], range: Range<usize>| {
            of[range].iter().fold(0, |a: u64, b| a.saturating_add(*b))
        };
        let groups = times.iter().enumerate().flat_map(|(place, time)| {
            let begin = time.cell as usize;
            let end = times.get(place + 1).map_or(self.without.len(), |next| next.cell as usize);
            let (events, others) = (self.by_event[begin], sum(&self.without, begin..end));
            match time.tied {
                true => vec![events, others],
                false => vec![events.saturating_add(others)],
            }
        });
        groups.filter(|rows| *rows > 0).min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_end_before_the_next_time_with_events() {
        let ending = Ending { by_event: vec![0, 1, 0, 4, 1], without: vec![9, 2, 3, 6, 7] };
        let efron = ending.event_times(Ties::Efron);
        let cells: Vec<_> = efron.iter().map(|time| (time.cell, time.tied)).collect();
        assert_eq!(cells, [(1, false), (3, true), (4, false)]);
        // 1 + 2 + 3 rows, 4 with and 6 without, 1 + 7.
        assert_eq!(ending.smallest_group(&efron), 4);
        assert_eq!(ending.smallest_group(&ending.event_times(Ties::Breslow)), 6);
        let none = Ending { by_event: vec![0, 2], without: vec![5, 0] };
        assert_eq!(none.smallest_group(&none.event_times(Ties::Efron)), 2);
        assert_eq!(none.smallest_group(&[]), 0);
    }
}
