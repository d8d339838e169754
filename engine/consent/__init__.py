"""What contacts agreed to: topics, unsubscribing, suppressed addresses, frequency caps."""
