//! The terminal that is borrowed for the screen, and always given back: at the end, on an error and in a panic.

use std::io::{self, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::style::force_color_output;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;

use super::app::App;
use super::draw::draw;
use crate::ui::style::Style;

/// Whether the terminal is ours at the moment. It is one for the whole process, as the terminal is.
static BORROWED: AtomicBool = AtomicBool::new(false);

/// A terminal in raw mode with a screen of its own; dropped, it is as it was.
pub(crate) struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<io::Stdout>>,
    colored: bool,
}

impl Terminal {
    /// Borrows the terminal behind standard output. A panic anywhere gives it back before it says something.
    pub(crate) fn borrow(style: Style) -> io::Result<Terminal> {
        let colored = style.is_enabled();
        // Whether there is color was decided with `style`, by more than what crossterm looks at.
        force_color_output(colored);
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            next(info);
        }));
        take()?;
        // From here on dropping gives it back.
        let inner = ratatui::Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())?;
        Ok(Terminal { inner, colored })
    }

    /// Draws the screen; its size is asked for anew each time.
    pub(crate) fn draw(&mut self, app: &App) -> io::Result<()> {
        let colored = self.colored;
        self.inner
            .draw(|frame| {
                let area = frame.area();
                draw(app, colored, area, frame.buffer_mut());
            })
            .map(|_| ())
    }

    /// Gives the terminal back, stops this process as Ctrl-Z does, and takes it again when it goes on.
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        take()?;
        self.inner.clear()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    BORROWED.store(true, Ordering::SeqCst);
    enable_raw_mode()
        .and_then(|()| execute!(stdout(), EnterAlternateScreen, Hide))
        .inspect_err(|_| give_back())
}

/// Who has no terminal any more cannot be told.
fn give_back() {
    if BORROWED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
