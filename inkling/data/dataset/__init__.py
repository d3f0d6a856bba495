"""The collected drawings as files that others read: a module for each format, and the data card."""
