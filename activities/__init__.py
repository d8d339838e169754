"""Activities: thin. Call the engine in a transaction; tell errors to retry from final ones."""
