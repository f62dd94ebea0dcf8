//! The published set-up guide, step by step.
