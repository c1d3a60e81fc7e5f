//! Clips, replies, people; stores and media; who may see what
