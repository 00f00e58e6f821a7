//! The writes, each a script, so that it happens whole or not at all.

use std::sync::LazyLock;

use redis::Cmd;

use super::name::Name;

/// A script that Redis runs; `lib.lua` stands before each of them.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

/// A script and what it is given, so that it can be sent twice.
pub(super) struct Call<'a> {
    script: &'static Script,
    name: Name<'a>,
    arguments: &'a [&'a [u8]],
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, hash: redis::Script::new(code).get_hash().to_owned() }
    }

    pub(super) fn call<'a>(&'static self, name: Name<'a>, arguments: &'a [&'a [u8]]) -> Call<'a> {
        Call { script: self, name, arguments }
    }
}

impl Call<'_> {
    /// The script by its hash, as Redis knows it after the first time.
    pub(super) fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &self.script.hash)
    }

    /// The script itself, which Redis then knows.
    pub(super) fn by_code(&self) -> Cmd {
        self.command("EVAL", self.script.code)
    }

    fn command(&self, verb: &str, script: &str) -> Cmd {
        let bytes: usize = self.arguments.iter().map(|argument| argument.len()).sum();
        let bytes = verb.len() + script.len() + 1 + self.name.len() + bytes;
        let mut command = Cmd::with_capacity(4 + self.arguments.len(), bytes);
        command.arg(verb).arg(script).arg(1).arg(self.name);
        for argument in self.arguments {
            command.arg(*argument);
        }
        command
    }
}

macro_rules! script {
    ($name:ident, $file:literal) => {
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("lib.lua"), include_str!($file))));
    };
}

script!(PUT, "put.lua");
script!(TAKE, "take.lua");
script!(REMOVE, "remove.lua");
script!(COUNT, "count.lua");
script!(OWNED, "owned.lua");
script!(REMOVE_OWNED, "remove_owned.lua");
script!(CHANGES, "changes.lua");
