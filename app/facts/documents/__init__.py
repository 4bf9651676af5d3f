"""The firm's locker of files in the office and in the portal: what lies there, what it supports, how long it holds."""
