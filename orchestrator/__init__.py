"""The engine: templates, pipelines, runs and what executes them. It knows nothing of pages."""
