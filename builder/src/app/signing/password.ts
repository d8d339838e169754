/** What the server asks of a password, too. */
export const SHORTEST_PASSWORD = 10;
