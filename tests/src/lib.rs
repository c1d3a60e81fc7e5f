//! Rigs of the journeys.
