//! A simulated terminal of 80 columns: tests press keys and read the screen.

use super::Sandbox;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROWS: u16 = 60;
const COLUMNS: u16 = 80;
/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Terminal {
    pty: Arc<pty_process::blocking::Pty>,
    child: std::process::Child,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    /// Starts `rel` at a terminal; words are split at spaces.
    pub fn start(shop: &Sandbox, words: &str) -> Self {
        Terminal::start_with(shop, &[], words)
    }

    /// Runs `rel` at a terminal with these variables, without a key; returns the exit code and the last screen.
    #[track_caller]
    pub fn run(shop: &Sandbox, variables: &[(&str, &str)], words: &str) -> (i32, String) {
        let (code, screen) = Terminal::start_with(shop, variables, words).end();
        (code.unwrap_or(-1), screen)
    }

    fn start_with(shop: &Sandbox, variables: &[(&str, &str)], words: &str) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, COLUMNS)).unwrap();
        let context = shop.rel_command(&words.split(' ').collect::<Vec<_>>());
        let mut command = pty_process::blocking::Command::new(context.get_program()).env_clear();
        for (name, value) in context.get_envs() {
            if let Some(value) = value.filter(|_| name != "COLUMNS") {
                command = command.env(name, value);
            }
        }
        for (name, value) in variables {
            command = command.env(name, value);
        }
        let command = command.args(context.get_args()).current_dir(context.get_current_dir().unwrap());
        let child = command.env("TERM", "xterm-256color").spawn(pts).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let pty = Arc::new(pty);
        let (reader, shown) = (Arc::clone(&pty), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            // At the end of the program the terminal answers with an error, and there is nothing more to see.
            while let Ok(count @ 1..) = (&*reader).read(&mut block) {
                shown.lock().unwrap().process(&block[..count]);
            }
        });
        Terminal { pty, child, screen }
    }

    /// Returns the screen.
    pub fn screen(&self) -> String {
        let rows = self.screen.lock().unwrap().screen().contents();
        rows.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// Waits until this text is on the screen, and returns the screen.
    #[track_caller]
    pub fn sees(&self, text: &str) -> String {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{text:?} is never to be seen:\n{}", self.screen());
    }

    /// Presses keys as soon as the question that they answer is on the screen.
    #[track_caller]
    pub fn press(&self, seen: &str, keys: &str) -> &Self {
        self.sees(seen);
        // The question is drawn before its keys are read; a key that comes in between would be echoed.
        std::thread::sleep(Duration::from_millis(30));
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits for the end; returns the exit code (`None` for a signal) and the last screen. Checks that the cursor is visible.
    #[track_caller]
    pub fn end(mut self) -> (Option<i32>, String) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        };
        std::thread::sleep(Duration::from_millis(20));
        assert!(!self.screen.lock().unwrap().screen().hide_cursor(), "the cursor stays hidden");
        (status.code(), self.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; what has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
