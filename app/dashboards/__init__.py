"""Workbench and home pages: counts that equal the lists behind them."""
