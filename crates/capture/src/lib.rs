//! Devices to frames: screen, camera, microphone, synthetic
