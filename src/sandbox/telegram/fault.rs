//! What can go wrong between a bot and the Bot API server.

use std::time::Duration;

use super::known;

/// What the download of a file is called in rules: it is no method.
pub(super) const DOWNLOAD: &str = "download";

/// A fault of one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TelegramFault {
    /// An error of the API with this code: 400, 401, 403, 404, 409, 500 …
    Status(u16),
    /// An error of the API with this code and these words.
    Says(u16, &'static str),
    /// 429 with this `retry_after`.
    RetryAfter(u64),
    /// The proxy's HTML page with this code, as 502.
    Html(u16),
    /// No answer ever; nothing is done.
    Hang,
    /// The connection is closed before anything is done.
    Close,
    /// The connection is reset before anything is done.
    Reset,
    /// It is done, then the connection is closed without an answer.
    DropAfterAccept,
    /// It is done, then no answer comes.
    HangAfterAccept,
    /// It is done, and the answer comes so late.
    Late(Duration),
    /// It is done, and the answer is no JSON.
    Garbage,
}

impl TelegramFault {
    /// Read `name=fault` rules such as `sendMessage=429`, `editMessageText=html502x3`, `*=hang`: method, fault, how
    /// often (for ever without `x`). Faults: an error code (429 says 5 seconds), `retryN`, `htmlN`, `hang`, `close`, `rst`, `drop`
    /// (after it was done), `mute` (done, no answer), `lateNs`, `garbage`.
    pub fn parse_all(text: &str) -> Result<Vec<(String, TelegramFault, u64)>, BadTelegramFault> {
        text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(parse).collect()
    }

    /// Whether the call is carried out before the fault shows.
    pub(super) fn accepts(self) -> bool {
        use TelegramFault as F;
        matches!(self, F::DropAfterAccept | F::HangAfterAccept | F::Late(_) | F::Garbage)
    }
}

fn parse(rule: &str) -> Result<(String, TelegramFault, u64), BadTelegramFault> {
    let bad = || BadTelegramFault {
        rule: rule.to_owned(),
        why: "expected method=fault[xTIMES]; known are: 400…599 retryN htmlN hang close rst drop mute lateN garbage",
    };
    let (method, effect) = rule.split_once('=').ok_or_else(bad)?;
    let method = method.trim();
    if !["*", DOWNLOAD].contains(&method) && known::method(method).is_none() {
        return Err(BadTelegramFault { why: "no method of the Bot API is called so", ..bad() });
    }
    let (name, times) = match effect.rsplit_once('x') {
        Some((name, times)) => (name, times.parse().map_err(|_| bad())?),
        None => (effect, u64::MAX),
    };
    let after =
        |lead: &str| name.strip_prefix(lead).and_then(|n| n.trim_end_matches('s').parse::<u16>().ok());
    let fault = match name {
        "hang" => TelegramFault::Hang,
        "close" => TelegramFault::Close,
        "rst" => TelegramFault::Reset,
        "drop" => TelegramFault::DropAfterAccept,
        "mute" => TelegramFault::HangAfterAccept,
        "garbage" => TelegramFault::Garbage,
        "429" => TelegramFault::RetryAfter(5),
        _ => {
            let code = name.parse::<u16>().ok().filter(|code| (400..600).contains(code));
            let html = || after("html").map(TelegramFault::Html);
            let retry = || after("retry").map(|n| TelegramFault::RetryAfter(n.into()));
            let late = || after("late").map(|n| TelegramFault::Late(Duration::from_secs(n.into())));
            code.map(TelegramFault::Status).or_else(html).or_else(retry).or_else(late).ok_or_else(bad)?
        }
    };
    Ok((method.to_owned(), fault, times))
}

/// A rule that cannot be read, with the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadTelegramFault {
    rule: String,
    why: &'static str,
}

impl std::fmt::Display for BadTelegramFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bad fault rule {:?}: {}", self.rule, self.why)
    }
}

impl std::error::Error for BadTelegramFault {}

struct Armed {
    method: String,
    fault: TelegramFault,
    left: u64,
}

/// The faults in force.
#[derive(Default)]
pub(super) struct Faults(Vec<Armed>);

impl Faults {
    pub(super) fn add(&mut self, method: &str, fault: TelegramFault, times: u64) {
        self.0.push(Armed { method: method.to_owned(), fault, left: times });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn pick(&mut self, method: &str) -> Option<TelegramFault> {
        let fits = |armed: &Armed| armed.method == "*" || armed.method.eq_ignore_ascii_case(method);
        let at = self.0.iter().position(|armed| armed.left > 0 && fits(armed))?;
        self.0[at].left -= 1;
        let fault = self.0[at].fault;
        if self.0[at].left == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Faults, TelegramFault as F};

    #[test]
    fn a_rule_names_method_fault_and_times() {
        let table = [
            ("sendMessage=429", F::RetryAfter(5), u64::MAX),
            ("sendMessage=retry30x2", F::RetryAfter(30), 2),
            ("*=html502", F::Html(502), u64::MAX),
            ("getUpdates=409x1", F::Status(409), 1),
            ("editMessageText=late3s", F::Late(Duration::from_secs(3)), u64::MAX),
            ("sendMessage=drop", F::DropAfterAccept, u64::MAX),
        ];
        for (text, fault, times) in table {
            let rules = F::parse_all(text).unwrap();
            assert_eq!((rules[0].1, rules[0].2), (fault, times), "{text}");
        }
        for bad in ["sendMessage", "sendMessage=", "*=nope", "*=200", "*=hangxx", "sendMesage=429"] {
            assert!(F::parse_all(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_with_a_number_ends_after_it() {
        let mut faults = Faults::default();
        faults.add("sendMessage", F::Hang, 1);
        faults.add("*", F::Close, 2);
        let picks: Vec<_> = (0..4).map(|_| faults.pick("sendmessage")).collect();
        assert_eq!(picks, [Some(F::Hang), Some(F::Close), Some(F::Close), None]);
    }
}
