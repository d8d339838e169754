"""Activities: thin. Open a transaction, call the engine or a channel, map errors to retryable or final."""
