"""Support-fund dossiers: assemble, render, verify."""
