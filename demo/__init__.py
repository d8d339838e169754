"""What `sojourn demo` plays: sample workflows, templates and a tenth of a real purchase history."""
