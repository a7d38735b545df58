//! How the one that starts an agent says what it is to do: written and read here, for both faces.

use super::ServeOptions;
use crate::{Code, Fault};

const TTL: &str = "--ttl-seconds";
const IDLE: &str = "--idle-seconds";
const NO_IDLE_LOCK: &str = "--no-idle-lock";
const NO_SLEEP_LOCK: &str = "--no-sleep-lock";
const NO_KEYCHAIN: &str = "--no-keychain";

impl ServeOptions {
    /// As arguments after `agent serve`. Nothing in them is secret.
    #[must_use]
    pub fn to_arguments(self) -> Vec<String> {
        let mut arguments = Vec::new();
        for (name, seconds) in [(TTL, self.ttl_seconds), (IDLE, self.idle_seconds)] {
            if let Some(seconds) = seconds {
                arguments.extend([name.to_owned(), seconds.to_string()]);
            }
        }
        for (name, said) in [
            (NO_IDLE_LOCK, !self.locks_when_idle),
            (NO_SLEEP_LOCK, !self.locks_after_sleep),
            (NO_KEYCHAIN, !self.keychain),
        ] {
            if said {
                arguments.push(name.to_owned());
            }
        }
        arguments
    }

    /// Read from arguments.
    ///
    /// # Errors
    /// `usage` where one is unknown or no number: an agent that locks later than it was told is worse
    /// than none.
    pub fn from_arguments(arguments: &[String]) -> Result<Self, Fault> {
        let mut options = Self::default();
        let mut left = arguments.iter();
        while let Some(name) = left.next() {
            let mut seconds = || {
                let number = left.next().and_then(|number| number.parse().ok());
                number.ok_or_else(|| unknown(name)).map(Some)
            };
            match name.as_str() {
                TTL => options.ttl_seconds = seconds()?,
                IDLE => options.idle_seconds = seconds()?,
                NO_IDLE_LOCK => options.locks_when_idle = false,
                NO_SLEEP_LOCK => options.locks_after_sleep = false,
                NO_KEYCHAIN => options.keychain = false,
                _ => return Err(unknown(name)),
            }
        }
        Ok(options)
    }
}

fn unknown(name: &str) -> Fault {
    Fault::new(Code::Usage, "The agent is not started like this.")
        .about(name)
        .next("`sealfold unlock` starts it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for ttl_seconds in [None, Some(60)] {
            for idle_seconds in [None, Some(900)] {
                for bits in 0..8 {
                    let options = ServeOptions {
                        ttl_seconds,
                        idle_seconds,
                        locks_when_idle: bits & 1 == 0,
                        locks_after_sleep: bits & 2 == 0,
                        keychain: bits & 4 == 0,
                    };
                    let arguments = options.to_arguments();
                    assert_eq!(ServeOptions::from_arguments(&arguments).unwrap(), options);
                }
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in [
            vec!["--ttl"],
            vec!["--ttl-seconds"],
            vec!["--ttl-seconds", "soon"],
            vec!["--idle-seconds", "-1"],
            vec!["--no-keychain", "60"],
        ] {
            let wrong: Vec<String> = wrong.into_iter().map(str::to_owned).collect();
            let fault = ServeOptions::from_arguments(&wrong).unwrap_err();
            assert_eq!(fault.code, Code::Usage, "{wrong:?}");
        }
    }
}
