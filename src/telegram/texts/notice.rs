//! The words of each notice.

use std::time::Duration;

use super::catalog::{model_name, word};
use super::{Key, Texts};
use crate::domain::chat::{Language, Notice};
use crate::domain::key::Group;
use crate::domain::router::degradation::{Borrowed, Degradation};
use crate::domain::time::Timestamp;

impl Texts {
    /// What a notice says, with times relative to `now`.
    pub(crate) fn notice(&self, language: Language, notice: &Notice, now: Timestamp) -> String {
        let plain = |key| self.get(language, key);
        let until = |at| word(self.until(language, at, now));
        let span = |duration| word(self.span(language, duration));
        let role = |role| word(self.role(language, role));
        match notice {
            Notice::Queued { position, capacity } => self.render(
                language,
                Key::NoticeQueued,
                [("position", (*position).into()), ("capacity", (*capacity).into())],
            ),
            Notice::TooManyQueued { capacity } => {
                self.render(language, Key::NoticeTooManyQueued, [("capacity", (*capacity).into())])
            }
            Notice::Waiting { wait } => self.render(language, Key::NoticeWaiting, [("span", span(*wait))]),
            Notice::DayCapReached { limit, resets_at } => self.render(
                language,
                Key::NoticeDayCap,
                [("limit", (*limit).into()), ("in", until(*resets_at))],
            ),
            Notice::HourCapReached { limit, resets_at } => self.render(
                language,
                Key::NoticeHourCap,
                [("limit", (*limit).into()), ("in", until(*resets_at))],
            ),
            Notice::PoolSpent { resets_at } => {
                self.render(language, Key::NoticePoolSpent, [("in", until(*resets_at))])
            }
            Notice::PoolBusy { retry_at, reference } => self.render(
                language,
                Key::NoticePoolBusy,
                [("in", until(*retry_at)), ("ref", word(&*reference.0))],
            ),
            // What is wrong with the keys is the operator's to know.
            Notice::Outage { reference } | Notice::KeysOut { reference } => {
                self.render(language, Key::NoticeOutage, [("ref", word(&*reference.0))])
            }
            Notice::Blocked { reference } => {
                self.render(language, Key::NoticeBlocked, [("ref", word(&*reference.0))])
            }
            Notice::Failed { attempts, reference } => self.render(
                language,
                Key::NoticeFailed,
                [("attempts", (*attempts).into()), ("ref", word(&*reference.0))],
            ),
            Notice::Internal { reference } => {
                self.render(language, Key::NoticeInternal, [("ref", word(&*reference.0))])
            }
            Notice::EmptyAnswer { reference } => {
                self.render(language, Key::NoticeEmpty, [("ref", word(&*reference.0))])
            }
            Notice::TooLong { limit } => {
                self.render(language, Key::NoticeTooLong, [("limit", (*limit).into())])
            }
            Notice::TooLate => plain(Key::NoticeTooLate),
            Notice::Degraded(degradation) => self.degraded(language, *degradation),
            Notice::Restarted => plain(Key::NoticeRestarted),
            Notice::Silenced { wait } => self.render(language, Key::NoticeSilenced, [("span", span(*wait))]),
            Notice::Unsupported => plain(Key::NoticeUnsupported),
            Notice::FileTooBig { limit } => {
                self.render(language, Key::NoticeFileTooBig, [("limit", (*limit).into())])
            }
            Notice::FilesTooBig { limit } => {
                self.render(language, Key::NoticeFilesTooBig, [("limit", (*limit).into())])
            }
            Notice::FileUnsupported { ext } => {
                self.render(language, Key::NoticeFileUnsupported, [("ext", word(&**ext))])
            }
            Notice::FileEmpty => plain(Key::NoticeFileEmpty),
            Notice::FileLost => plain(Key::NoticeFileLost),
            Notice::PicturesOff => plain(Key::NoticePicturesOff),
            Notice::PicturesDenied { role: served_as } => {
                self.render(language, Key::NoticePicturesDenied, [("role", role(*served_as))])
            }
            Notice::PicturesUnpaid => plain(Key::NoticePicturesUnpaid),
            Notice::VipFull { role: served_as, seats, next_free: None } => self.render(
                language,
                Key::NoticeVipFull,
                [("seats", (*seats).into()), ("role", role(*served_as))],
            ),
            Notice::VipFull { role: served_as, seats, next_free: Some(at) } => self.render(
                language,
                Key::NoticeVipFullUntil,
                [("seats", (*seats).into()), ("role", role(*served_as)), ("in", until(*at))],
            ),
            Notice::VipEntered { taken, seats, rounds, idle, until: None } => self.render(
                language,
                Key::NoticeVipEntered,
                [
                    ("taken", (*taken).into()),
                    ("seats", (*seats).into()),
                    ("rounds", (*rounds).into()),
                    ("idle", span(*idle)),
                ],
            ),
            Notice::VipEntered { taken, seats, rounds, idle, until: Some(at) } => self.render(
                language,
                Key::NoticeVipEnteredUntil,
                [
                    ("taken", (*taken).into()),
                    ("seats", (*seats).into()),
                    ("rounds", (*rounds).into()),
                    ("idle", span(*idle)),
                    ("in", until(*at)),
                ],
            ),
            Notice::VipKicked { role: served_as, reason: None } => {
                self.render(language, Key::NoticeVipKicked, [("role", role(*served_as))])
            }
            Notice::VipKicked { role: served_as, reason: Some(reason) } => self.render(
                language,
                Key::NoticeVipKickedReason,
                [("role", role(*served_as)), ("reason", word(&**reason))],
            ),
            Notice::NotOpen { user } => {
                self.render(language, Key::NotAllowed, [("id", word(user.to_string()))])
            }
            Notice::RoleChanged { role: now_as, until: None } => {
                self.render(language, Key::NoticeRoleChanged, [("role", role(*now_as))])
            }
            Notice::RoleChanged { role: now_as, until: Some(at) } => self.render(
                language,
                Key::NoticeRoleChangedUntil,
                [("role", role(*now_as)), ("span", span(at.since(now)))],
            ),
            Notice::VipUnqueued { reason: None } => plain(Key::NoticeVipUnqueued),
            Notice::VipUnqueued { reason: Some(reason) } => {
                self.render(language, Key::NoticeVipUnqueuedReason, [("reason", word(&**reason))])
            }
            Notice::VipEnding { until: end, .. } => {
                self.render(language, Key::NoticeVipEnding, [("span", span(end.since(now)))])
            }
            Notice::VipRenewed { until: end } => {
                self.render(language, Key::NoticeVipRenewed, [("in", until(*end))])
            }
            Notice::VipInLine { position, next_free: None } => {
                self.render(language, Key::NoticeVipInLine, [("position", (*position).into())])
            }
            Notice::VipInLine { position, next_free: Some(at) } => self.render(
                language,
                Key::NoticeVipInLineUntil,
                [("position", (*position).into()), ("in", until(*at))],
            ),
            Notice::VipHoldLapsed => plain(Key::NoticeVipHoldLapsed),
            Notice::VipSeatFree => plain(Key::NoticeVipSeatFree),
            Notice::VipExpired { role: served_as } => {
                self.render(language, Key::NoticeVipExpired, [("role", role(*served_as))])
            }
            Notice::VipSeatHeld { hold } => {
                self.render(language, Key::NoticeVipSeatHeld, [("hold", span(*hold))])
            }
            Notice::KeyRejected { key, reason } => self.render(
                language,
                Key::NoticeKeyRejected,
                [("key", word(&**key)), ("reason", word(&**reason))],
            ),
        }
    }

    /// That somebody is in line, how far behind, and for how long.
    pub(crate) fn still_working(&self, language: Language, position: u32, wait: Duration) -> String {
        let variables = [("position", position.into()), ("span", word(self.span(language, wait)))];
        self.render(language, Key::StillWorking, variables)
    }

    /// One line, even where both a lower model and another group served.
    fn degraded(&self, language: Language, degradation: Degradation) -> String {
        let Degradation { wished, served, borrowed, why } = degradation;
        let why = || word(self.render(language, Key::WhyDegraded, [("why", word(why.name()))]));
        let lender =
            |lender: Option<Group>| word(lender.map_or("reserve".to_owned(), |group| group.to_string()));
        match borrowed {
            Some(Borrowed { home, lender: from }) if served >= wished => self.render(
                language,
                Key::NoticeBorrowed,
                [("home", word(home.to_string())), ("why", why()), ("lender", lender(from))],
            ),
            _ => self.render(
                language,
                Key::NoticeDowngraded,
                [
                    ("wished", word(model_name(wished))),
                    ("why", why()),
                    ("served", word(model_name(served))),
                    ("lender", borrowed.map_or_else(|| word("none"), |borrowed| lender(borrowed.lender))),
                ],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::{RequestRef, UserId};
    use crate::domain::model::ModelSlot;
    use crate::domain::role::Role;
    use crate::domain::router::degradation::Cause;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    /// The reserve in place of B, and C.
    const RESERVE: Option<Borrowed> = Some(Borrowed { home: Group::B, lender: None });
    const GROUP_C: Option<Borrowed> = Some(Borrowed { home: Group::B, lender: Some(Group::C) });

    fn degraded(served: ModelSlot, borrowed: Option<Borrowed>, why: Cause) -> Notice {
        Notice::Degraded(Degradation { wished: ModelSlot::Pro, served, borrowed, why })
    }

    fn degradations() -> impl Iterator<Item = Notice> {
        Cause::ALL.into_iter().flat_map(|why| {
            let (lowered, wished) = (ModelSlot::Flash, ModelSlot::Pro);
            [(lowered, None), (lowered, RESERVE), (lowered, GROUP_C), (wished, RESERVE), (wished, GROUP_C)]
                .map(|(served, borrowed)| degraded(served, borrowed, why))
        })
    }

    fn notices() -> Vec<Notice> {
        let reference = || RequestRef("K7QF".to_owned());
        let later = NOW + Duration::from_mins(12);
        let idle = Duration::from_mins(10);
        let (role, seats) = (Role::Premium, 3);
        vec![
            Notice::Queued { position: 2, capacity: 3 },
            Notice::TooManyQueued { capacity: 3 },
            Notice::Waiting { wait: Duration::from_secs(8) },
            Notice::DayCapReached { limit: 40, resets_at: later },
            Notice::HourCapReached { limit: 20, resets_at: later },
            Notice::PoolSpent { resets_at: later },
            Notice::PoolBusy { retry_at: later, reference: reference() },
            Notice::Outage { reference: reference() },
            Notice::Blocked { reference: reference() },
            Notice::Failed { attempts: 1, reference: reference() },
            Notice::Failed { attempts: 2, reference: reference() },
            Notice::Internal { reference: reference() },
            Notice::EmptyAnswer { reference: reference() },
            Notice::TooLong { limit: 20_000 },
            Notice::TooLate,
            Notice::Restarted,
            Notice::Silenced { wait: Duration::from_mins(10) },
            Notice::Unsupported,
            Notice::FileTooBig { limit: 20 },
            Notice::FileTooBig { limit: 1 },
            Notice::FilesTooBig { limit: 20 },
            Notice::FileUnsupported { ext: "zip".to_owned() },
            Notice::FileEmpty,
            Notice::FileLost,
            Notice::PicturesOff,
            Notice::PicturesDenied { role },
            Notice::PicturesUnpaid,
            Notice::VipFull { role, seats, next_free: None },
            Notice::VipFull { role, seats, next_free: Some(later) },
            Notice::VipEntered { taken: 1, seats, rounds: 7, idle, until: None },
            Notice::VipEntered { taken: 1, seats, rounds: 7, idle, until: Some(later) },
            Notice::VipKicked { role, reason: None },
            Notice::VipKicked { role, reason: Some("noise".to_owned()) },
            Notice::NotOpen { user: UserId(42) },
            Notice::RoleChanged { role, until: None },
            Notice::RoleChanged { role, until: Some(later) },
            Notice::VipUnqueued { reason: None },
            Notice::VipUnqueued { reason: Some("noise".to_owned()) },
            Notice::VipEnding { until: later, is_renewable: true },
            Notice::VipRenewed { until: later },
            Notice::VipInLine { position: 2, next_free: None },
            Notice::VipInLine { position: 2, next_free: Some(later) },
            Notice::VipHoldLapsed,
            Notice::VipSeatFree,
            Notice::VipExpired { role },
            Notice::VipSeatHeld { hold: Duration::from_mins(2) },
            Notice::KeyRejected { key: "A3".to_owned(), reason: "expired".to_owned() },
        ]
    }

    #[test]
    fn every_notice_has_words_and_all_its_variables_in_both_languages() {
        let texts = Texts::load();
        let mut seen = std::collections::BTreeSet::new();
        for language in Language::ALL {
            for notice in notices().into_iter().chain(degradations()) {
                let text = texts.notice(language, &notice, NOW);
                assert!(!text.contains(['{', '$']) && text.chars().count() > 8, "{text}");
                assert!(seen.insert((language.code(), text.clone())), "two notices say {text}");
            }
        }
    }

    #[test]
    fn notices_tell_relative_times_and_plain_names() {
        let texts = Texts::load();
        let cases = [
            (
                Notice::DayCapReached { limit: 40, resets_at: NOW + Duration::from_mins(12) },
                "今天的 40 次已用完，12 分钟后重置。",
                "You've used today's 40. Resets in 12 min.",
            ),
            (
                Notice::Outage { reference: RequestRef("K7QF".to_owned()) },
                "Gemini 暂时没有响应，恢复时间未知。稍后点“重答”。#K7QF",
                "Gemini isn't responding, and nobody knows for how long. Tap Retry later. #K7QF",
            ),
            (
                Notice::FileTooBig { limit: 20 },
                "文件超过 20 MB，Telegram 不让机器人下载。",
                "Over 20 MB; Telegram won't let bots download it.",
            ),
            (Notice::FileUnsupported { ext: "zip".to_owned() }, "暂不支持 zip。", "zip isn't supported yet."),
            (
                degraded(ModelSlot::FlashLite, None, Cause::Spent),
                "Pro 今日额度已用完，这次用 Flash-Lite 回答。",
                "Pro is used up today; answered with Flash-Lite.",
            ),
            (
                degraded(ModelSlot::Flash, GROUP_C, Cause::Down),
                "Pro 暂时没有响应，这次由 C 组用 Flash 回答。",
                "Pro isn't responding; answered with Flash by group C.",
            ),
            (
                degraded(ModelSlot::Pro, GROUP_C, Cause::Busy),
                "B 组正忙，这次由 C 组回答。",
                "Group B is busy; answered by group C.",
            ),
            (
                degraded(ModelSlot::Pro, RESERVE, Cause::KeysOut),
                "B 组暂无可用密钥，这次由备用密钥回答。",
                "Group B has no working key; answered by a reserve key.",
            ),
            (
                Notice::VipKicked { role: Role::Premium, reason: Some("{ $role }".to_owned()) },
                "你的 VIP 会话已被管理员结束（原因：{ $role }）。对话没丢，现在按高级用户继续。",
                "The owner ended your VIP session ({ $role }). Your chat is kept; you continue as premium.",
            ),
            (
                Notice::VipEnding { until: NOW + Duration::from_mins(5), is_renewable: true },
                "VIP 还有 5 分钟。",
                "VIP ends in 5 min.",
            ),
            (
                Notice::VipSeatHeld { hold: Duration::from_mins(2) },
                "轮到你了：为你保留 2 分钟。",
                "Your turn: seat held for 2 min.",
            ),
        ];
        for (notice, zh, en) in cases {
            assert_eq!(texts.notice(Language::ZH, &notice, NOW), zh);
            assert_eq!(texts.notice(Language::EN, &notice, NOW), en);
        }
    }
}
