#!/bin/sh
# Creates the namespace that journeys run in, unless it is there. Reads TEMPORAL_ADDRESS,
# TEMPORAL_NAMESPACE and RETENTION (how long the history of an ended journey is kept).
set -eu

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    echo "namespace $TEMPORAL_NAMESPACE is there"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
