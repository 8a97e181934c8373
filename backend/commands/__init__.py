"""What `clearsend COMMAND` does beyond starting processes; one file per noun."""
