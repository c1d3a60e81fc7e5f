//! Whole fragments to disk, and recovery
