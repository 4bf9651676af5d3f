"""Figures of speed, each as a ratio measured in the same run, so that a slow machine does not decide them."""
