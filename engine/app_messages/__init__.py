"""What the app does with its messages, who it is, and those who listen for new ones."""
