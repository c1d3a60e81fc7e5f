//! The library over HTTP: routes, sessions, pages
