//! The keys of the texts. A test holds the Fluent files to this list, both ways.

macro_rules! keys {
    ($($name:ident = $id:literal,)*) => {
        /// One text, in every language.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(clippy::enum_variant_names, reason = "the names follow the ids, and one notice is about a key")]
        pub(crate) enum Key {
            $(#[doc = concat!("`", $id, "` in the Fluent files.")] $name,)*
        }

        impl Key {
            /// All keys.
            #[cfg(test)]
            pub(crate) const ALL: &[Key] = &[$(Key::$name,)*];

            /// The message id in the Fluent files.
            pub(crate) const fn id(self) -> &'static str {
                match self {
                    $(Key::$name => $id,)*
                }
            }
        }
    };
}

keys! {
    RoleOwner = "role-owner",
    RoleVip = "role-vip",
    RolePremium = "role-premium",
    RoleNormal = "role-normal",
    RoleGuest = "role-guest",
    SpanS = "span-s",
    SpanMin = "span-min",
    SpanMinS = "span-min-s",
    SpanH = "span-h",
    SpanHMin = "span-h-min",
    SpanD = "span-d",
    SpanDH = "span-d-h",
    InSpan = "in-span",
    RightNow = "right-now",
    Start = "start",
    StartUnlimited = "start-unlimited",
    StartGuest = "start-guest",
    NotAllowed = "not-allowed",
    AFriend = "a-friend",
    Help = "help",
    HelpGroup = "help-group",
    UnknownCommand = "unknown-command",
    AskUsage = "ask-usage",
    StillWorking = "still-working",
    ButtonStop = "button-stop",
    Stopped = "stopped",
    StoppedEarly = "stopped-early",
    StopNothing = "stop-nothing",
    StopDone = "stop-done",
    NewDone = "new-done",
    NewEmpty = "new-empty",
    NewUndone = "new-undone",
    ButtonUndo = "button-undo",
    ButtonRetry = "button-retry",
    ButtonNew = "button-new",
    RetryNothing = "retry-nothing",
    NotYours = "not-yours",
    ButtonGone = "button-gone",
    CutLength = "cut-length",
    CutPolicy = "cut-policy",
    CutConnection = "cut-connection",
    Status = "status",
    StatusKey = "status-key",
    VipSeated = "vip-seated",
    VipSeatedUntil = "vip-seated-until",
    VipAlready = "vip-already",
    VipFree = "vip-free",
    VipCoolingOff = "vip-cooling-off",
    VipClosed = "vip-closed",
    VipLeftSeat = "vip-left-seat",
    VipLeftLine = "vip-left-line",
    VipLeftNothing = "vip-left-nothing",
    VipLineTooLong = "vip-line-too-long",
    VipOver = "vip-over",
    VipEndless = "vip-endless",
    VipOwner = "vip-owner",
    VipOwnerSeat = "vip-owner-seat",
    VipOwnerWaiting = "vip-owner-waiting",
    VipNone = "vip-none",
    VipUsage = "vip-usage",
    ButtonTellMe = "button-tell-me",
    ButtonEnterVip = "button-enter-vip",
    ButtonRejoinVip = "button-rejoin-vip",
    ButtonLeaveLine = "button-leave-line",
    ButtonRenew = "button-renew",
    CutKicked = "cut-kicked",
    LangSet = "lang-set",
    LangWhich = "lang-which",
    CommandNew = "command-new",
    CommandStop = "command-stop",
    CommandRetry = "command-retry",
    CommandStatus = "command-status",
    CommandVip = "command-vip",
    CommandLang = "command-lang",
    CommandHelp = "command-help",
    CommandStart = "command-start",
    CommandAsk = "command-ask",
    NoticeQueued = "notice-queued",
    NoticeTooManyQueued = "notice-too-many-queued",
    NoticeWaiting = "notice-waiting",
    NoticeDayCap = "notice-day-cap",
    NoticeHourCap = "notice-hour-cap",
    NoticePoolSpent = "notice-pool-spent",
    NoticePoolBusy = "notice-pool-busy",
    NoticeOutage = "notice-outage",
    NoticeBlocked = "notice-blocked",
    NoticeFailed = "notice-failed",
    NoticeInternal = "notice-internal",
    NoticeEmpty = "notice-empty",
    NoticeTooLong = "notice-too-long",
    NoticeTooLate = "notice-too-late",
    WhyDegraded = "why-degraded",
    NoticeDowngraded = "notice-downgraded",
    NoticeBorrowed = "notice-borrowed",
    NoticeRestarted = "notice-restarted",
    NoticeUnsupported = "notice-unsupported",
    NoticeRoleChanged = "notice-role-changed",
    NoticeRoleChangedUntil = "notice-role-changed-until",
    NoticeVipFull = "notice-vip-full",
    NoticeVipFullUntil = "notice-vip-full-until",
    NoticeVipEntered = "notice-vip-entered",
    NoticeVipEnteredUntil = "notice-vip-entered-until",
    NoticeVipKicked = "notice-vip-kicked",
    NoticeVipKickedReason = "notice-vip-kicked-reason",
    NoticeVipUnqueued = "notice-vip-unqueued",
    NoticeVipUnqueuedReason = "notice-vip-unqueued-reason",
    NoticeVipEnding = "notice-vip-ending",
    NoticeVipRenewed = "notice-vip-renewed",
    NoticeVipExpired = "notice-vip-expired",
    NoticeVipInLine = "notice-vip-in-line",
    NoticeVipInLineUntil = "notice-vip-in-line-until",
    NoticeVipHoldLapsed = "notice-vip-hold-lapsed",
    NoticeVipSeatFree = "notice-vip-seat-free",
    NoticeVipSeatHeld = "notice-vip-seat-held",
    NoticeKeyRejected = "notice-key-rejected",
}
