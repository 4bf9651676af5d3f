"""What every room stands on: database, clock, errors, text. It knows no noun of the domain."""
