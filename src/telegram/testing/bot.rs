//! A whole bot between a Bot API and a Gemini on loopback.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{FakeBotApi, FakeGemini};
use crate::clock::Clock;
use crate::config::{
    AskConfig, Config, ConfiguredKey, ControlConfig, GeminiConfig, HttpConfig, LiveConfig, LogConfig, Origin,
    Secret, StorageConfig, TelegramConfig,
};
use crate::domain::key::{Group, KeyId, Project};
use crate::domain::rules::{KeyLimits, Rules};
use crate::gateway::Gateway;
use crate::gemini::GeminiClient;
use crate::store::{Access, Store};
use crate::telegram::run::RunEnd;
use crate::telegram::{TelegramDeps, run};
use crate::telemetry::Vitals;

/// What a bot is made of, before it runs.
pub(crate) struct Setup {
    pub(crate) fake: FakeBotApi,
    pub(crate) gemini: FakeGemini,
    pub(crate) telegram: TelegramConfig,
    pub(crate) rules: Rules,
    dir: tempfile::TempDir,
}

/// A bot that runs.
pub(crate) struct Bot {
    pub(crate) store: Store,
    pub(crate) shutdown: CancellationToken,
    pub(crate) task: JoinHandle<Result<(), RunEnd>>,
}

impl Setup {
    pub(crate) async fn new() -> Setup {
        let fake = FakeBotApi::start().await;
        let gemini = FakeGemini::start().await;
        let telegram = fake.config();
        let dir = tempfile::tempdir().expect("a folder");
        // Four keys a group: nothing may be told of keys that rest.
        let mut rules = Rules::default();
        rules.breakers.send_margin = Duration::ZERO;
        Setup { fake, gemini, telegram, rules, dir }
    }

    pub(crate) fn store(&self, clock: &Clock) -> Store {
        Store::open_as(&self.dir.path().join("state"), clock.clone(), Access::Daemon).expect("a store")
    }

    /// Starts the bot over the folder of this setup.
    pub(crate) async fn start(&self) -> Bot {
        let clock = Clock::system();
        let store = self.store(&clock);
        let config = self.config();
        let vitals = Vitals::default();
        let client = GeminiClient::new(&config.gemini).expect("a client");
        let config = LiveConfig::new(Arc::new(config));
        let gateway = Gateway::open(config.clone(), store.clone(), client, clock.clone(), vitals.clone())
            .await
            .expect("a gateway");
        let house = gateway.keep_house();
        let shutdown = CancellationToken::new();
        let deps = TelegramDeps {
            config,
            gateway,
            store: store.clone(),
            clock,
            vitals,
            shutdown: shutdown.clone(),
            ready: Box::new(|| {}),
        };
        let task = tokio::spawn(async move {
            let _house = house;
            run(deps).await
        });
        Bot { store, shutdown, task }
    }

    fn config(&self) -> Config {
        let gemini = GeminiConfig { api_url: self.gemini.url(), ..GeminiConfig::default() };
        Config {
            rules: self.rules.clone(),
            gemini,
            state_dir: self.dir.path().join("state"),
            ..config_of(self.telegram.clone())
        }
    }
}

/// A configuration of a bot with four keys a group.
pub(crate) fn config_of(telegram: TelegramConfig) -> Config {
    Config {
        rules: Rules::default(),
        keys: Group::ALL.into_iter().flat_map(|group| (1..=4).map(move |n| key(group, n))).collect(),
        telegram,
        gemini: GeminiConfig::default(),
        control: ControlConfig {
            socket: PathBuf::from("unused"),
            candidates: Vec::new(),
            group: None,
            uids: Vec::new(),
        },
        http: HttpConfig::default(),
        ask: AskConfig::default(),
        state_dir: PathBuf::from("unused"),
        storage: StorageConfig::default(),
        log: LogConfig::default(),
    }
}

/// A key that is never at its limits.
fn key(group: Group, n: u16) -> ConfiguredKey {
    let id = KeyId::Member(group, n);
    let secret = Secret::new(format!("fake-key-of-the-test-{id}"));
    let mut limits = KeyLimits { cooldown: Duration::ZERO, ..KeyLimits::default() };
    for model in &mut limits.models.0 {
        model.rpm = 1000;
        model.daily_limit = 10_000;
    }
    let project = Project(format!("project-{id}").into());
    ConfiguredKey {
        id,
        fingerprint: secret.fingerprint(),
        secret,
        project,
        limits,
        origin: Origin::Default,
        repeated: 0,
    }
}

impl Bot {
    /// Ends the bot as SIGTERM does, and hands back how it ended.
    pub(crate) async fn stop(self) -> Result<(), RunEnd> {
        self.shutdown.cancel();
        let end = self.task.await.expect("it does not panic");
        self.store.close().await;
        end
    }

    /// How updates have ended so far: each ending with its count.
    pub(crate) async fn endings(&self) -> Vec<(String, u64)> {
        let since = crate::domain::time::Timestamp::ZERO;
        let endings = self.store.read(move |tx| tx.endings_since(since)).await.expect("read");
        let name = |ending: Option<String>| ending.unwrap_or_else(|| "pending".to_owned());
        endings.into_iter().map(|(ending, count)| (name(ending), u64::from(count))).collect()
    }
}

impl FakeBotApi {
    /// A private text of user 42.
    pub(crate) fn write(&self, update_id: i64, text: &str) {
        self.deliver_update(private(update_id, 42, text));
    }
}

/// A private text.
pub(crate) fn private(update_id: i64, user: i64, text: &str) -> Value {
    let date = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    json!({"update_id": update_id, "message": {
        "message_id": update_id, "date": date, "text": text, "chat": {"id": user, "type": "private"},
        "from": {"id": user, "is_bot": false, "first_name": "Li", "language_code": "en"},
    }})
}
