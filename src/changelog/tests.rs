//! Sections brought into texts.
