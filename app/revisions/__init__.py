"""Revising a policy: clone an edition, edit it, try its cases, weigh its impact, have a second person seal it."""
