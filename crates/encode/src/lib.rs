//! Frames to fragmented MP4: compose, encode, mux; poster
