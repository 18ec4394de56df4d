//! Times as people read them.

use jiff::{Timestamp, ZonedDateTime};

use super::{Words, fill};

impl Words {
    /// A length of time: `45 min`, `2:14`.
    pub fn span(&self, minutes: u32) -> String {
        if minutes < 60 {
            return fill(self.minutes, &[&minutes.to_string()]);
        }
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }
}

/// When something is, on a clock that stands beside `now`: `11:40`, or on another day `11-29 11:40`.
pub fn clock(at: Timestamp, now: &ZonedDateTime) -> String {
    let at = at.to_zoned_datetime(now.time_zone().clone());
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    if at.date() == now.date() {
        return time;
    }
    format!("{:02}-{:02} {time}", at.month(), at.day())
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn lengths_are_minutes_up_to_an_hour() {
        let words = Lang::En.words();
        let shown: Vec<String> = [0, 59, 60, 134, 1500].map(|m| words.span(m)).into();
        assert_eq!(shown, ["0 min", "59 min", "1:00", "2:14", "25:00"]);
    }

    #[test]
    fn another_day_is_named() {
        let zone = TimeZone::fixed(offset(9));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-28T01:10:00Z").to_zoned_datetime(zone);
        assert_eq!(clock(at("2026-11-28T02:40:00Z"), &now), "11:40");
        assert_eq!(clock(at("2026-11-28T15:05:00Z"), &now), "11-29 00:05");
    }
}
