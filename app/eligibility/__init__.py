"""The judge: verdicts, findings and eligibility lists."""
