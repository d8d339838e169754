"""Ready workflows to start from: what there is, and making a draft of one."""
