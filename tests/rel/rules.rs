//! Every rule of VERSION-RULES, through the program, on real git. Rules about messages alone also stand in
//! `src/model/message/tests.rs`.

mod bumps;
mod reverts;
mod tags;
