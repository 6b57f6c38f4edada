//! A pseudo-terminal for one command: what it shows, as a terminal would, and what is typed into it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

use super::PATIENCE;

/// What came out of the terminal.
struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

/// A command in a terminal of its own; killed when dropped.
pub(crate) struct Pty {
    child: Child,
    master: File,
    /// Kept open, so that the terminal can still be asked when the command has ended.
    terminal: File,
    before: Termios,
    seen: Arc<Mutex<Seen>>,
}

impl Pty {
    /// Starts a command in a new session on a terminal of so many columns and rows.
    pub(crate) fn start(command: &Command, columns: u16, rows: u16) -> Pty {
        let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name").into_string().expect("UTF-8");
        let noctty = i32::try_from(OpenptFlags::NOCTTY.bits()).expect("a flag");
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(noctty)
            .open(PathBuf::from(name))
            .expect("its other end");
        tcsetwinsize(&terminal, size(columns, rows)).expect("a size");
        let before = tcgetattr(&terminal).expect("modes");
        let end = || Stdio::from(terminal.try_clone().expect("a second handle"));
        // The signal of a new size goes to the session that owns the terminal.
        let mut inside = Command::new("/usr/bin/setsid");
        inside.arg("--ctty").arg(command.get_program()).args(command.get_args()).env_clear();
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        inside.env("TERM", "xterm-256color").stdin(end()).stdout(end()).stderr(end());
        if let Some(folder) = command.get_current_dir() {
            inside.current_dir(folder);
        }
        let child = inside.spawn().expect("the binary starts");
        let seen =
            Arc::new(Mutex::new(Seen { screen: vt100::Parser::new(rows, columns, 0), raw: Vec::new() }));
        let master = File::from(master);
        let (mut output, watched) = (master.try_clone().expect("a second handle"), Arc::clone(&seen));
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut piece) {
                let mut seen = watched.lock().unwrap_or_else(PoisonError::into_inner);
                seen.screen.process(&piece[..length]);
                seen.raw.extend_from_slice(&piece[..length]);
            }
        });
        Pty { child, master, terminal, before, seen }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be read on the screen.
    pub(crate) fn screen(&self) -> String {
        self.seen().screen.screen().contents()
    }

    /// Every byte that was written so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Whether the screen of its own has been given up and the cursor can be seen.
    pub(crate) fn is_given_back(&self) -> bool {
        let seen = self.seen();
        !seen.screen.screen().alternate_screen() && !seen.screen.screen().hide_cursor()
    }

    /// Whether the terminal is set as it was before the command.
    pub(crate) fn has_its_modes_back(&self) -> bool {
        let now = tcgetattr(&self.terminal).expect("modes");
        let modes = |termios: &Termios| {
            (termios.local_modes, termios.input_modes, termios.output_modes, termios.control_modes)
        };
        modes(&now) == modes(&self.before)
    }

    pub(crate) fn type_in(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("the terminal takes it");
    }

    /// Makes the window as large.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.seen().screen.screen_mut().set_size(rows, columns);
        tcsetwinsize(self.terminal.as_fd(), size(columns, rows)).expect("a size");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Waits until the screen is as wished.
    pub(crate) fn wait(&self, what: &str, done: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if done(&screen) {
                return;
            }
            assert!(Instant::now() < until, "{what} did not come:\n{screen}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn wait_for_text(&self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits for the end of the command, and for the last of what it wrote.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break status;
            }
            assert!(Instant::now() < until, "it does not end:\n{}", self.screen());
            thread::sleep(Duration::from_millis(10));
        };
        thread::sleep(Duration::from_millis(50));
        status
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}
