//! Signals that ask the command to end. The first one cancels what runs, which removes unfinished
//! files, and ends the command even if it waits for input; a second one ends it at once.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use transmog::CancelToken;

/// What the command does when it is asked to end.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    token: CancelToken,
    /// The exit status then; 0 before.
    status: Arc<AtomicU8>,
}

impl Stop {
    /// What runs must be given.
    pub(crate) fn token(&self) -> &CancelToken {
        &self.token
    }

    /// The exit status, if the command was asked to end.
    pub(crate) fn status(&self) -> Option<u8> {
        Some(self.status.load(Ordering::SeqCst)).filter(|status| *status != 0)
    }
}

/// Waits for signals from now on. Without signals (or on a system that has others), the command
/// ends at once when it is asked to, and the next run removes what it left.
pub(crate) fn listen() -> Stop {
    let stop = Stop::default();
    #[cfg(unix)]
    unix::listen(&stop);
    stop
}

#[cfg(unix)]
mod unix {
    use std::{
        io, process,
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicU8, Ordering},
        },
        thread,
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ},
        flag,
        iterator::Signals,
        low_level,
    };
    use transmog::CancelToken;

    use super::Stop;
    use crate::say;

    /// What shells add to a signal's number to make a status of it.
    const SIGNALLED: i32 = 128;

    pub(super) fn listen(stop: &Stop) {
        // Where files may not get as large as this one, the write fails and says so.
        flag::register(SIGXFSZ, Arc::default()).ok();
        let Ok(signals) = Asked::new() else { return };
        let (token, status) = (stop.token.clone(), Arc::clone(&stop.status));
        let listen = move || signals.wait(&token, &status);
        let thread = thread::Builder::new().name("transmog-stop".into());
        thread.spawn(listen).ok(); // Without it, a second signal ends the command.
    }

    /// The signals that are listened to.
    struct Asked(Signals);

    impl Asked {
        fn new() -> io::Result<Self> {
            let mut signals = vec![SIGINT, SIGTERM];
            if cfg!(target_os = "linux") {
                signals.push(SIGHUP); // Elsewhere nobody says whether nohup has switched it off.
            }
            let ignored = ignored();
            signals.retain(|signal| ignored & (1 << (signal - 1)) == 0);
            let asked = Arc::new(AtomicBool::new(false));
            for signal in &signals {
                // In this order: the first signal finds nothing and leaves word, a second finds it
                // and ends the command.
                let again = Arc::clone(&asked);
                flag::register_conditional_shutdown(*signal, SIGNALLED + signal, again)?;
                flag::register(*signal, Arc::clone(&asked))?;
            }
            Ok(Self(Signals::new(signals)?))
        }

        /// Waits for a signal and ends the command.
        fn wait(mut self, token: &CancelToken, status: &AtomicU8) {
            let Some(signal) = self.0.forever().next() else {
                return;
            };
            let code = SIGNALLED + signal;
            status.store(
                u8::try_from(code).unwrap_or(crate::FAILED),
                Ordering::SeqCst,
            );
            let name = low_level::signal_name(signal).unwrap_or("a signal");
            say(format_args!(
                "ended by {name}; unfinished files are removed, and those that are just getting their names get them first"
            ));
            token.cancel();
            exit(code)
        }
    }

    #[expect(
        clippy::exit,
        reason = "the main thread may wait for input that never comes"
    )]
    fn exit(code: i32) -> ! {
        process::exit(code)
    }

    /// The signals that the parent process wants to be ignored, as bits, as far as the system says.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let bits = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
        bits.unwrap_or(0)
    }
}
