"""How a label is learned, and which labels are not."""
