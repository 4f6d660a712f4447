"""The flow designer: canvas, property panel, draft, problems, publishing. See docs/designer.md."""
