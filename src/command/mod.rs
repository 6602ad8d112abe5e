//! One verb per file: its help, its arguments, and what it does. Leans on everything below; only `cli` leans on it.

pub mod current;
mod explain;
pub mod next;
pub mod product;
