//! The one handle through which the program speaks: data to standard output, the rest to standard error.
//!
//! A reader that closes the pipe early (`plimsoll ... | head`) ends the writing quietly and changes no verdict: the exit
//! status tells of the work, not of its reader. Any other failure to write data is remembered, and told by
//! [`Terminal::write_failure`], since a report that did not arrive must not look like a clean one.

use std::io::{self, IsTerminal, Write};

/// When to colour text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// Where the stream is a terminal and the environment does not forbid it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Back to the start of the line, and clear it.
const CLEAR_LINE: &[u8] = b"\r\x1b[2K";

/// Standard output and standard error, with what is known about who reads them.
pub struct Terminal {
    out: Stream,
    err: Stream,
    verbosity: u8,
    shows_progress: bool,
    failure: Option<io::Error>,
}

struct Stream {
    writer: Box<dyn Write + Send>,
    is_terminal: bool,
    color: bool,
    is_closed: bool,
}

impl Terminal {
    /// The streams of this process, coloured as `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` allow.
    #[must_use]
    pub fn of_process() -> Terminal {
        let out_is_terminal = io::stdout().is_terminal();
        let err_is_terminal = io::stderr().is_terminal();
        let stream = |writer: Box<dyn Write + Send>, is_terminal| Stream {
            writer,
            is_terminal,
            color: automatic_color(is_terminal, |name| std::env::var_os(name).map(|_| env_text(name))),
            is_closed: false,
        };
        Terminal {
            out: stream(Box::new(io::BufWriter::with_capacity(64 * 1024, io::stdout())), out_is_terminal),
            err: stream(Box::new(io::stderr()), err_is_terminal),
            verbosity: 0,
            shows_progress: false,
            failure: None,
        }
    }

    /// Streams that are no terminals, for tests and for embedding.
    #[must_use]
    pub fn of_writers(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Terminal {
        let stream = |writer| Stream { writer, is_terminal: false, color: false, is_closed: false };
        Terminal { out: stream(out), err: stream(err), verbosity: 0, shows_progress: false, failure: None }
    }

    /// Overrides what was found out about colour.
    pub fn set_color(&mut self, choice: ColorChoice) {
        let color = match choice {
            ColorChoice::Auto => return,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        self.out.color = color;
        self.err.color = color;
    }

    /// How many `-v` the user gave.
    #[must_use]
    pub fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// Says how many `-v` the user gave.
    pub fn set_verbosity(&mut self, verbosity: u8) {
        self.verbosity = verbosity;
    }

    /// Whether text on standard output is to be coloured.
    #[must_use]
    pub fn colors_data(&self) -> bool {
        self.out.color
    }

    /// Whether text on standard error is to be coloured.
    #[must_use]
    pub fn colors_messages(&self) -> bool {
        self.err.color
    }

    /// Whether a person watches standard error.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.err.is_terminal
    }

    /// Whether a person reads standard output.
    #[must_use]
    pub fn shows_data(&self) -> bool {
        self.out.is_terminal
    }

    /// Writes data.
    pub fn data(&mut self, text: &str) {
        self.data_bytes(text.as_bytes());
    }

    /// Writes data that need not be UTF-8.
    pub fn data_bytes(&mut self, bytes: &[u8]) {
        self.clear_progress();
        if let Err(error) = self.out.write(bytes) {
            self.failure.get_or_insert(error);
        }
    }

    /// Writes a line for people: progress, a summary, a hint.
    pub fn message(&mut self, line: &str) {
        self.message_text(&format!("{line}\n"));
    }

    /// Says what is going on in a line of its own that the next message replaces, where a person watches.
    pub fn progress(&mut self, line: &str) {
        if self.err.is_terminal {
            self.clear_progress();
            self.shows_progress = true;
            let _ = self.err.write(line.as_bytes());
        }
    }

    fn clear_progress(&mut self) {
        if std::mem::take(&mut self.shows_progress) {
            let _ = self.err.write(CLEAR_LINE);
        }
    }

    /// Writes text for people as it is.
    pub fn message_text(&mut self, text: &str) {
        self.clear_progress();
        // Standard error is the last resort: where even that is gone, nobody is left to be told.
        let _ = self.err.write(text.as_bytes());
    }

    /// Hands everything written so far to the system, and tells why data could not be written, if it could not.
    pub fn write_failure(&mut self) -> Option<io::Error> {
        if let Err(error) = self.out.flush() {
            self.failure.get_or_insert(error);
        }
        self.failure.take()
    }
}

impl Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let result = self.writer.write_all(bytes);
        self.quiet_broken_pipe(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let result = self.writer.flush();
        self.quiet_broken_pipe(result)
    }

    fn quiet_broken_pipe(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            result => result,
        }
    }
}

fn env_text(name: &str) -> String {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The conventions of no-color.org and bixense.com/clicolors: `NO_COLOR` with any value wins, then `CLICOLOR_FORCE`,
/// then whether a terminal reads the stream that is not `dumb`.
fn automatic_color(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    is_terminal && variable("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::automatic_color;

    #[test]
    fn color_obeys_the_environment_before_the_terminal() {
        let with = |is_terminal, variables: &[(&str, &str)]| {
            automatic_color(is_terminal, |name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(with(true, &[]));
        assert!(!with(false, &[]));
        assert!(!with(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(with(true, &[("NO_COLOR", "")]));
        assert!(with(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!with(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!with(true, &[("TERM", "dumb")]));
    }
}
