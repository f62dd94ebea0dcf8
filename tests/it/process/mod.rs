//! The process: options, start errors, commands, listeners, its end, and what a kill leaves.

mod api_keys;
mod backup;
mod connections;
mod durability;
mod first_start;
mod kills;
mod listeners;
mod network;
mod operations;
mod rotate_key;
mod settings_commands;
mod settings_set;
mod start_errors;
mod store_faults;
