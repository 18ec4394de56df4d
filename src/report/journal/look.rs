//! Times and durations as the page shows them.

use jiff::Timestamp;

use super::model::Look;

impl Look {
    pub(in crate::report) fn is_ja(&self) -> bool {
        super::super::words::is_ja(&self.lang)
    }

    /// `14:02`.
    pub(in crate::report) fn clock(&self, at: Timestamp) -> String {
        self.zone.to_datetime(at).strftime("%H:%M").to_string()
    }

    /// `12 March 2026`.
    pub(in crate::report) fn day(&self, at: Timestamp) -> String {
        let format = if self.is_ja() { "%Y年%-m月%-d日" } else { "%-d %B %Y" };
        self.zone.to_datetime(at).strftime(format).to_string()
    }

    /// `12 March 2026, 14:02`.
    pub(in crate::report) fn moment(&self, at: Timestamp) -> String {
        let between = if self.is_ja() { " " } else { ", " };
        format!("{}{between}{}", self.day(at), self.clock(at))
    }

    /// `12 March 2026, 14:02–16:40`, or both days where they differ.
    pub(in crate::report) fn period(&self, from: Timestamp, to: Timestamp) -> String {
        if self.moment(from) == self.moment(to) {
            self.moment(from)
        } else if self.day(from) == self.day(to) {
            format!("{}–{}", self.moment(from), self.clock(to))
        } else {
            format!("{} – {}", self.moment(from), self.moment(to))
        }
    }

    /// The zone's name, or its offset at a time.
    pub(in crate::report) fn zone_name(&self, at: Timestamp) -> String {
        let name = self.zone.iana_name().map(str::to_owned);
        name.unwrap_or_else(|| self.zone.to_offset(at).to_string())
    }

    /// `1 h 05 min`.
    pub(in crate::report) fn duration(&self, minutes: u32) -> String {
        let (hours, rest) = (minutes / 60, minutes % 60);
        match (hours, self.is_ja()) {
            (0, false) => format!("{rest} min"),
            (0, true) => format!("{rest} 分"),
            (_, false) => format!("{hours} h {rest:02} min"),
            (_, true) => format!("{hours} 時間 {rest} 分"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::*;

    fn look(lang: &str) -> Look {
        let zone = TimeZone::fixed(offset(9));
        Look { lang: lang.to_owned(), zone, now: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn times_are_local_and_in_the_language() {
        let from: Timestamp = "2026-03-12T05:02:30Z".parse().unwrap();
        let to: Timestamp = "2026-03-12T07:40:00Z".parse().unwrap();
        let later: Timestamp = "2026-03-12T16:00:00Z".parse().unwrap();
        assert_eq!(look("en").period(from, to), "12 March 2026, 14:02–16:40");
        assert_eq!(look("ja").period(from, to), "2026年3月12日 14:02–16:40");
        assert_eq!(look("en").period(from, later), "12 March 2026, 14:02 – 13 March 2026, 01:00");
        assert_eq!(look("en").period(from, from), "12 March 2026, 14:02");
        assert_eq!(look("en").zone_name(from), "+09");
    }

    #[test]
    fn durations() {
        assert_eq!(look("en").duration(0), "0 min");
        assert_eq!(look("en").duration(125), "2 h 05 min");
        assert_eq!(look("ja").duration(125), "2 時間 5 分");
    }
}
