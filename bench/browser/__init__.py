"""What a person waits for: a headless Chromium on the run page, fed at a chosen rate."""
