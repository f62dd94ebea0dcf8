//! Forms that edit a part of the settings document.
//!
//! A form is a table of [`Spec`]s. What was typed ([`Typed`]) becomes a part of the document, which
//! the settings' own reader judges; its faults come back to the fields by their JSON pointers. So
//! there is one validator, and what it says stands beside the field that it is about.

mod faults;
mod spec;
mod typed;

pub use faults::FieldFaults;
pub use spec::{Kind, Spec};
pub use typed::Typed;
