//! A terminal with a person: a pseudo-terminal, on which a process is started, and what is seen and typed there.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
    /// How much of the screen was looked at.
    seen: usize,
}

impl Terminal {
    /// Starts the command with its three streams on a terminal.
    pub(crate) fn start(mut command: Command) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let name = name.to_str().expect("a path");
        let end = || Stdio::from(File::options().read(true).write(true).open(name).expect("the terminal"));
        let child = command
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("the binary starts");
        // Its own ends close with the command, so that the screen has an end.
        drop(command);
        let keyboard = File::from(master);
        let mut reader = keyboard.try_clone().expect("a second handle");
        let screen = Arc::new(Mutex::new(String::new()));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut bytes) {
                shown.lock().expect("not poisoned").push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        });
        Terminal { child, keyboard, screen, seen: 0 }
    }

    /// Everything that was ever on the screen.
    pub(crate) fn screen(&self) -> String {
        self.screen.lock().expect("not poisoned").clone()
    }

    /// Waits until a text appears that was not seen before.
    pub(crate) fn expect(&mut self, text: &str) {
        let until = Instant::now() + super::PATIENCE;
        loop {
            let screen = self.screen();
            if let Some(at) = screen[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(Instant::now() < until, "{text:?} does not appear; the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("somebody reads");
    }

    /// Waits for a text, then types.
    pub(crate) fn answer(&mut self, question: &str, keys: &str) {
        self.expect(question);
        // A list of answers is drawn before its keys are read.
        std::thread::sleep(Duration::from_millis(100));
        self.press(keys);
    }

    /// Presses Ctrl-C. The terminal controls nobody, so the signal is sent as it would be.
    pub(crate) fn interrupt(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    }

    /// Whether the terminal shows what is typed once the process has ended.
    pub(crate) fn echoes_after_end(&mut self) -> bool {
        let _ = self.child.wait();
        let modes = rustix::termios::tcgetattr(&self.keyboard).expect("a terminal").local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let until = Instant::now() + super::PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                std::thread::sleep(Duration::from_millis(50));
                return (status, self.screen());
            }
            assert!(Instant::now() < until, "it does not end; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
