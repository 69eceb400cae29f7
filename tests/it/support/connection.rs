//! The stack behind the gateway's own connections, in memory: a client's end to write bytes into.
