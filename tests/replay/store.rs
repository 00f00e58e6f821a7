//! A store with a switch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use passport_rocket::store::{
    Adapter, Changes, Cursor, Entry, Found, Key, Memory, Owner, Space, Stored, Version,
};
use passport_rocket::{Answer, Error};

/// The memory store, until somebody takes it down.
#[derive(Clone, Default)]
pub(super) struct Switched(Arc<(Memory, AtomicBool)>);

impl Switched {
    pub(super) fn take_down(&self) {
        self.0.1.store(true, Ordering::SeqCst);
    }

    pub(super) fn bring_up(&self) {
        self.0.1.store(false, Ordering::SeqCst);
    }
}

macro_rules! switched {
    ($($operation:ident($($name:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl Adapter for Switched {
            $(fn $operation<'a>(&'a self, $($name: $type),*) -> Stored<'a, $answer> {
                let (memory, is_down) = &*self.0;
                match is_down.load(Ordering::SeqCst) {
                    true => Answer::now(Err(Error::unavailable("ask the store", "no answer"))),
                    false => memory.$operation($($name),*),
                }
            })*
        }
    };
}

switched! {
    get(key: &'a Key, now: SystemTime) -> Option<Found>;
    put(key: &'a Key, entry: Entry, now: SystemTime) -> Version;
    put_if_absent(key: &'a Key, entry: Entry, now: SystemTime) -> Option<Version>;
    compare_and_swap(key: &'a Key, read: Version, entry: Entry, now: SystemTime) -> Option<Version>;
    take(key: &'a Key, now: SystemTime) -> Option<Found>;
    remove(key: &'a Key, now: SystemTime) -> bool;
    count(key: &'a Key, by: u32, expires_at: SystemTime, now: SystemTime) -> u64;
    owned(owner: &'a Owner, now: SystemTime) -> Vec<(Key, Found)>;
    remove_owned(owner: &'a Owner, except: Option<&'a Key>, now: SystemTime) -> u64;
    changes(space: &'a Space, since: Option<Cursor>, now: SystemTime) -> Changes;
}
