"""The pages, one module a subject: check the right, ask one question, render."""
