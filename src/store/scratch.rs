//! Scratch stores: a store beside another, for runs that must not see what the other knows.

use super::{Store, StoreError, Trouble};

impl Store {
    /// A store of this name beside this one. What a run that was killed has left in it is still there; beside one in
    /// memory it is in memory, and empty.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn scratch(&self, name: &str) -> Result<Self, StoreError> {
        let Some(file) = &self.file else { return Self::in_memory() };
        let mut beside = file.clone().into_os_string();
        beside.push(format!(".{name}"));
        Self::open(beside)
    }

    /// Closes a store and removes its file.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(self) -> Result<(), StoreError> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        // SQLite removes its own files beside it as it closes.
        drop(self);
        std::fs::remove_file(&file).map_err(|error| Trouble::NoAccess(error.to_string()).at(&file))
    }
}
