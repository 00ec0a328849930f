"""The sample project: its steps as processes, its documents, its seeding."""
