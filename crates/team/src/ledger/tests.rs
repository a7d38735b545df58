//! Tests that forge ops.
