"""What a process needs to run: settings, the Temporal client, shutdown, the one-machine stack."""
