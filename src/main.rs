//! Hands the arguments of the process to the library and its exit code back.

fn main() {}
