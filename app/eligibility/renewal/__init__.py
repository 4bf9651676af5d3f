"""Verdicts that figures, rules or days have overtaken are found, judged anew, and what changed is kept."""
