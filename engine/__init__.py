"""What the product is, on top of storage: ingest, dispatch, advance, send, reconcile."""
