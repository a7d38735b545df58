//! Points in time and spans as people write them: `8h`, `90d`, `2027-03-01`.

use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const DAY: u64 = 24 * 60 * 60;

/// A length of time, in seconds: `90` or `90s`, `15m`, `8h`, `7d`, `2w`, `1y` (365 days), or
/// several in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub u64);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "expected a span such as 15m, 8h or 90d";
        if let Ok(seconds) = text.parse() {
            return Ok(Span(seconds));
        }
        let mut rest = text;
        let mut total = 0u64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(WRONG)?;
            let count: u64 = rest[..digits].parse().map_err(|_| WRONG)?;
            let unit = match rest[digits..].chars().next() {
                Some('s') => 1,
                Some('m') => 60,
                Some('h') => 60 * 60,
                Some('d') => DAY,
                Some('w') => 7 * DAY,
                Some('y') => 365 * DAY,
                _ => return Err(WRONG),
            };
            let seconds = count
                .checked_mul(unit)
                .and_then(|span| total.checked_add(span));
            total = seconds.ok_or("that is too long")?;
            rest = &rest[digits + 1..];
        }
        if text.is_empty() {
            Err(WRONG)
        } else {
            Ok(Span(total))
        }
    }
}

/// A point in time: a day, a full RFC 3339 time, or a span from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long from now; the context says in which direction.
    Away(Span),
    /// A whole day, UTC.
    Day(Date),
    /// A second, Unix time.
    At(u64),
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EARLY: &str = "that is before 1970";
        let day = format_description!("[year]-[month]-[day]");
        if let Ok(date) = Date::parse(text, day) {
            start_of(date).ok_or(EARLY)?;
            return Ok(Moment::Day(date));
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return u64::try_from(time.unix_timestamp())
                .map(Moment::At)
                .map_err(|_| EARLY);
        }
        text.parse()
            .map(Moment::Away)
            .map_err(|_| "expected a day such as 2027-03-01, or a span such as 90d")
    }
}

impl Moment {
    /// Where something starts that lies in the past: so long ago, or the day's first second.
    pub fn as_start(self, now: u64) -> u64 {
        match self {
            Moment::Away(Span(seconds)) => now.saturating_sub(seconds),
            Moment::Day(date) => start_of(date).unwrap_or(0),
            Moment::At(second) => second,
        }
    }

    /// Where something ends that lies in the past: so long ago, or when the day is over.
    pub fn as_end(self, now: u64) -> u64 {
        match self {
            Moment::Day(date) => start_of(date).unwrap_or(0) + DAY,
            other => other.as_start(now),
        }
    }

    /// Where something ends that lies ahead: so long from now, or when the day is over.
    pub fn as_deadline(self, now: u64) -> u64 {
        match self {
            Moment::Away(Span(seconds)) => now.saturating_add(seconds),
            other => other.as_end(now),
        }
    }
}

fn start_of(date: Date) -> Option<u64> {
    u64::try_from(date.midnight().assume_utc().unix_timestamp()).ok()
}

/// Now, in Unix seconds; 0 when the clock stands before 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A Unix time as people read it, UTC, to the minute.
pub fn shown(unix_seconds: u64) -> String {
    let minute = format_description!("[year]-[month]-[day] [hour]:[minute]");
    i64::try_from(unix_seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(minute).ok())
        .unwrap_or_else(|| unix_seconds.to_string())
}

/// A length of time as [`Span`] reads it, in its largest whole unit up to hours.
pub fn span(seconds: u64) -> String {
    match seconds {
        0 => "0s".to_owned(),
        hours if hours % (60 * 60) == 0 => format!("{}h", hours / (60 * 60)),
        minutes if minutes % 60 == 0 => format!("{}m", minutes / 60),
        other => format!("{other}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        assert_eq!("90".parse(), Ok(Span(90)));
        assert_eq!("15m".parse(), Ok(Span(900)));
        assert_eq!("1h30m".parse(), Ok(Span(5400)));
        assert_eq!("2w".parse(), Ok(Span(14 * DAY)));
        for wrong in [
            "",
            "h",
            "8 h",
            "8x",
            "-1d",
            "8h5",
            "é",
            "99999999999999999999d",
        ] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
        assert!("99999999999999999d".parse::<Span>().is_err());
    }

    #[test]
    fn a_day_lasts_until_it_is_over() {
        let day: Moment = "2027-03-01".parse().unwrap();
        let start = 1_803_859_200;
        assert_eq!(day.as_start(0), start);
        assert_eq!(day.as_end(0), start + DAY);
        assert_eq!(day.as_deadline(0), start + DAY);
        assert_eq!("2027-03-01T00:00:05Z".parse(), Ok(Moment::At(start + 5)));
        assert!("1969-12-31".parse::<Moment>().is_err());
        assert!("soon".parse::<Moment>().is_err());
    }

    #[test]
    fn a_span_points_back_or_ahead() {
        let week: Moment = "7d".parse().unwrap();
        assert_eq!(week.as_start(10 * DAY), 3 * DAY);
        assert_eq!(week.as_deadline(10 * DAY), 17 * DAY);
        assert_eq!(week.as_start(DAY), 0);
    }

    #[test]
    fn spans_are_shown_as_they_are_read() {
        for (seconds, text) in [(900, "15m"), (7200, "2h"), (90, "90s"), (0, "0s")] {
            assert_eq!(span(seconds), text);
            assert_eq!(text.parse(), Ok(Span(seconds)));
        }
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(shown(1_803_859_200), "2027-03-01 00:00");
        assert_eq!(shown(u64::MAX), u64::MAX.to_string());
    }
}
