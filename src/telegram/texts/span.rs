//! Times as people in a chat read them: relative, since a chat has no time zone, and never off by a fifth.

use std::time::Duration;

use super::{Key, Texts};
use crate::domain::chat::Language;
use crate::domain::time::Timestamp;

impl Texts {
    /// A length of time, rounded up.
    pub(crate) fn span(&self, language: Language, span: Duration) -> String {
        let seconds = u64::try_from(span.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
        let (key, major, minor) = match seconds {
            ..=100 => (Key::SpanS, seconds, 0),
            101..=300 => {
                let tens = seconds.div_ceil(10);
                (Key::SpanMinS, tens / 6, tens % 6 * 10)
            }
            301..=7200 => (Key::SpanMin, seconds.div_ceil(60), 0),
            7201..=36_000 => {
                let tens = seconds.div_ceil(600);
                (Key::SpanHMin, tens / 6, tens % 6 * 10)
            }
            36_001..=172_800 => (Key::SpanH, seconds.div_ceil(3600), 0),
            _ => {
                let hours = seconds.div_ceil(3600);
                (Key::SpanDH, hours / 24, hours % 24)
            }
        };
        let render = |key, names: [&str; 2]| {
            self.render(language, key, [(names[0], major.into()), (names[1], minor.into())])
        };
        match key {
            Key::SpanS => self.render(language, key, [("s", major.into())]),
            Key::SpanMinS if minor == 0 => self.render(language, Key::SpanMin, [("min", major.into())]),
            Key::SpanMinS => render(key, ["min", "s"]),
            Key::SpanMin => self.render(language, key, [("min", major.into())]),
            Key::SpanHMin if minor == 0 => self.render(language, Key::SpanH, [("h", major.into())]),
            Key::SpanHMin => render(key, ["h", "min"]),
            Key::SpanH => self.render(language, key, [("h", major.into())]),
            _ if minor == 0 => self.render(language, Key::SpanD, [("d", major.into())]),
            _ => render(key, ["d", "h"]),
        }
    }

    /// An instant ahead: "in 12 min".
    pub(crate) fn until(&self, language: Language, at: Timestamp, now: Timestamp) -> String {
        if at <= now {
            return self.get(language, Key::RightNow);
        }
        let span = self.span(language, at.since(now));
        self.render(language, Key::InSpan, [("span", span.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ahead_is_told_as_people_tell_it() {
        let texts = Texts::load();
        let cases = [
            (0, "right now", "马上"),
            (1, "in 1 s", "1 秒后"),
            (45_000, "in 45 s", "45 秒后"),
            (100_000, "in 100 s", "100 秒后"),
            (101_000, "in 1 min 50 s", "1 分 50 秒后"),
            (119_000, "in 2 min", "2 分钟后"),
            (11 * 60_000 + 1, "in 12 min", "12 分钟后"),
            (90 * 60_000, "in 90 min", "90 分钟后"),
            (150 * 60_000, "in 2 h 30 min", "2 小时 30 分后"),
            (180 * 60_000, "in 3 h", "3 小时后"),
            (20 * 3_600_000, "in 20 h", "20 小时后"),
            (72 * 3_600_000, "in 3 d", "3 天后"),
            (75 * 3_600_000, "in 3 d 3 h", "3 天 3 小时后"),
        ];
        for (ms, en, zh) in cases {
            let now = Timestamp::from_millis(1_000_000);
            let at = now + Duration::from_millis(ms);
            assert_eq!(texts.until(Language::EN, at, now), en);
            assert_eq!(texts.until(Language::ZH, at, now), zh);
        }
    }

    #[test]
    fn a_time_told_is_never_short_and_at_most_a_fifth_long() {
        let texts = Texts::load();
        let unit = |unit: &str| match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            other => panic!("no unit {other}"),
        };
        for seconds in (5..400).chain((400..20_000).step_by(37)).chain((20_000..400_000).step_by(997)) {
            let told = texts.span(Language::EN, Duration::from_secs(seconds));
            let words: Vec<&str> = told.split(' ').collect();
            let total: u64 =
                words.chunks(2).map(|pair| pair[0].parse::<u64>().expect("a number") * unit(pair[1])).sum();
            assert!(total >= seconds && total * 5 <= seconds * 6, "{seconds} s told as {told}");
        }
    }
}
