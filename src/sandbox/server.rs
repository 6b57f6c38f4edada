//! The two servers together: ports, keys, the environment that points svs at them, and their end.

use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::gemini::{Gemini, Timing};
use super::http::serve;
use super::tap::{Server, Tap};
use super::telegram::{Setup, Telegram};
use super::witness::{Time, Witness};

/// Largest request body either server reads, in bytes: above Telegram's 50 MB upload and Gemini's 100 MB of inline data.
const BODY_LIMIT: usize = 110 << 20;

/// How the sandbox starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the witness log goes; none keeps it in memory only.
    pub witness: Option<PathBuf>,
    /// Port of the Bot API server; 0 takes a free one.
    pub telegram_port: u16,
    /// Port of the Gemini server; 0 takes a free one.
    pub gemini_port: u16,
    /// Decides keys, token and chance.
    pub seed: u64,
    /// Latency and chunks of Gemini.
    pub timing: Timing,
    /// The bot's username.
    pub bot_username: String,
    /// The bot's id.
    pub bot_id: i64,
    /// The owner named in the environment.
    pub owner_id: i64,
    /// Privacy mode of the bot.
    pub privacy: bool,
    /// Whether `sendMessageDraft` exists.
    pub drafts: bool,
    /// Sends and edits a minute per chat; none is no limit.
    pub flood_per_minute: Option<u32>,
    /// How many calls, and messages per chat, are remembered.
    pub remember: usize,
    /// Whether files over 20 MB can be downloaded, as from a Bot API server of one's own.
    pub large_files: bool,
    /// The first update's id.
    pub first_update: i64,
    /// Who measures the wire.
    pub tap: Option<Tap>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            witness: None,
            telegram_port: 0,
            gemini_port: 0,
            seed: 1,
            timing: Timing::default(),
            bot_username: "svs_sandbox_bot".to_owned(),
            bot_id: 7_000_000_001,
            owner_id: 1_000_001,
            privacy: false,
            drafts: true,
            flood_per_minute: None,
            remember: 100_000,
            large_files: false,
            first_update: 100_000_001,
            tap: None,
        }
    }
}

/// Both servers, running until dropped or stopped.
pub struct Sandbox {
    telegram: Telegram,
    gemini: Gemini,
    telegram_url: String,
    gemini_url: String,
    bot_token: String,
    owner_id: i64,
    witness: Witness,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Group or router label, and how many keys it has.
const KEYS: [(&str, usize); 4] = [("A", 6), ("B", 6), ("C", 6), ("D", 5)];

impl Sandbox {
    /// Bind both servers on 127.0.0.1 and register 25 keys, each with a project of its own.
    pub async fn start(options: Options) -> std::io::Result<Sandbox> {
        let witness = Witness::open(options.witness.as_deref())?;
        let time = Time::start();
        let mut rng = fastrand::Rng::with_seed(options.seed);
        let bot_token = format!("{}:AA{}", options.bot_id, word(&mut rng, 33));
        let setup = Setup {
            token: bot_token.clone(),
            bot_id: options.bot_id,
            username: options.bot_username,
            privacy: options.privacy,
            drafts: options.drafts,
            flood: options.flood_per_minute,
            remember: options.remember,
            large_files: options.large_files,
            first_update: options.first_update,
        };
        let telegram = Telegram::new(setup, time, witness.clone());
        let gemini = Gemini::new(time, witness.clone(), options.remember, options.seed, options.timing);
        for label in labels() {
            let secret = format!("AQ.Ab8RN6{}", word(&mut rng, 44));
            gemini.register_key(&label, &secret, &format!("sandbox-{}", label.to_ascii_lowercase()));
        }
        let telegram_listener = TcpListener::bind(("127.0.0.1", options.telegram_port)).await?;
        let gemini_listener = TcpListener::bind(("127.0.0.1", options.gemini_port)).await?;
        let telegram_url = format!("http://{}", telegram_listener.local_addr()?);
        let gemini_url = format!("http://{}", gemini_listener.local_addr()?);
        let stop = CancellationToken::new();
        let (bot, model) = (telegram.clone(), gemini.clone());
        let tapped = |server| options.tap.clone().map(|tap| (tap, server));
        let (telegram_tap, gemini_tap) = (tapped(Server::Telegram), tapped(Server::Gemini));
        let tasks = vec![
            tokio::spawn(serve(telegram_listener, BODY_LIMIT, telegram_tap, stop.clone(), move |call| {
                bot.clone().handle(call)
            })),
            tokio::spawn(serve(gemini_listener, BODY_LIMIT, gemini_tap, stop.clone(), move |call| {
                model.clone().handle(call)
            })),
        ];
        Ok(Sandbox {
            telegram,
            gemini,
            telegram_url,
            gemini_url,
            bot_token,
            owner_id: options.owner_id,
            witness,
            stop,
            tasks,
        })
    }

    /// The address of the Bot API server, without a path.
    pub fn telegram_url(&self) -> &str {
        &self.telegram_url
    }

    /// The address of the Gemini server, without a path.
    pub fn gemini_url(&self) -> &str {
        &self.gemini_url
    }

    /// The token the Bot API server accepts.
    pub fn bot_token(&self) -> &str {
        &self.bot_token
    }

    /// The people's side of Telegram.
    pub fn telegram(&self) -> Telegram {
        self.telegram.clone()
    }

    /// The handle of the Gemini server.
    pub fn gemini(&self) -> Gemini {
        self.gemini.clone()
    }

    /// What a real `svs run` needs to talk to these servers: names and values of environment variables.
    pub fn environment(&self) -> Vec<(String, String)> {
        let keys = self.gemini.keys();
        let secret = |label: &str| {
            keys.iter().find(|(known, _, _)| known == label).map(|row| row.1.clone()).unwrap_or_default()
        };
        let mut lines = vec![
            ("SVS_TELEGRAM_API_URL".to_owned(), self.telegram_url.clone()),
            ("SVS_GEMINI_API_URL".to_owned(), self.gemini_url.clone()),
            ("TELEGRAM_BOT_SVSKILO_TOKEN".to_owned(), self.bot_token.clone()),
        ];
        for (group, count) in KEYS {
            let secrets: Vec<String> = (1..=count).map(|n| secret(&format!("{group}{n}"))).collect();
            lines.push((format!("GROUP_{group}_KEYS"), secrets.join(",")));
        }
        lines.push(("ROUTER_KEY_A".to_owned(), secret("RA")));
        lines.push(("ROUTER_KEY_B".to_owned(), secret("RB")));
        lines.push(("BOT_OWNER_ID".to_owned(), self.owner_id.to_string()));
        lines
    }

    /// Wait until the witness file holds every line so far; blocks for as long as the disk takes.
    pub fn flush_witness(&self) {
        self.witness.flush();
    }

    /// Close both ports and every connection.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in std::mem::take(&mut self.tasks) {
            let _ = task.await;
        }
        self.witness.flush();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn labels() -> impl Iterator<Item = String> {
    let groups = KEYS.iter().flat_map(|(group, count)| (1..=*count).map(move |n| format!("{group}{n}")));
    groups.chain(["RA".to_owned(), "RB".to_owned()])
}

fn word(rng: &mut fastrand::Rng, length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..length).map(|_| char::from(LETTERS[rng.usize(..LETTERS.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::{Options, Sandbox};

    #[tokio::test]
    async fn the_environment_names_both_servers_and_all_keys() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let environment = sandbox.environment();
        let value = |name: &str| environment.iter().find(|row| row.0 == name).unwrap().1.clone();
        assert_eq!(value("SVS_TELEGRAM_API_URL"), sandbox.telegram_url());
        let count = |group: &str| {
            value(&format!("GROUP_{group}_KEYS")).split(',').filter(|key| key.len() == 53).count()
        };
        assert_eq!([count("A"), count("B"), count("C"), count("D")], [6, 6, 6, 5]);
        assert!(value("ROUTER_KEY_A").starts_with("AQ.") && value("ROUTER_KEY_A") != value("ROUTER_KEY_B"));
        let url = sandbox.telegram_url().to_owned();
        sandbox.stop().await;
        assert!(reqwest::get(url).await.is_err(), "nothing listens after stop");
    }
}
