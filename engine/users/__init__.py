"""People who sign in: accounts, links, sessions, passwords, and how often one may try."""
