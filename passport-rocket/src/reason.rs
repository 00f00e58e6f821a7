//! Why something was refused, put into words when somebody reads it: in production nobody does
//! unless the log level asks for it.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// A reason, said or yet to be said.
pub(crate) enum Reason {
    Said(Cow<'static, str>),
    Unsaid(Box<dyn Tell>),
}

impl Reason {
    /// A reason whose words are made when they are asked for.
    pub(crate) fn unsaid(cause: impl fmt::Display + Send + Sync + 'static) -> Self {
        Self::Unsaid(Box::new(Unsaid { cause, words: OnceLock::new() }))
    }

    pub(crate) fn words(&self) -> &str {
        match self {
            Self::Said(words) => words,
            Self::Unsaid(unsaid) => unsaid.words(),
        }
    }
}

impl Default for Reason {
    fn default() -> Self {
        Self::Said(Cow::Borrowed(""))
    }
}

pub(crate) trait Tell: Send + Sync {
    fn words(&self) -> &str;
}

struct Unsaid<C> {
    cause: C,
    words: OnceLock<String>,
}

impl<C: fmt::Display + Send + Sync> Tell for Unsaid<C> {
    fn words(&self) -> &str {
        self.words.get_or_init(|| self.cause.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counted(Arc<AtomicUsize>);

    impl fmt::Display for Counted {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fetch_add(1, Ordering::Relaxed);
            f.write_str("expired 3 s ago")
        }
    }

    #[test]
    fn is_put_into_words_once_and_only_when_it_is_read() {
        let times = Arc::new(AtomicUsize::new(0));
        let reason = Reason::unsaid(Counted(Arc::clone(&times)));
        assert_eq!(times.load(Ordering::Relaxed), 0);
        assert_eq!((reason.words(), reason.words()), ("expired 3 s ago", "expired 3 s ago"));
        assert_eq!(times.load(Ordering::Relaxed), 1);
    }
}
