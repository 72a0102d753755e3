"""Who is told: pages, files, metrics and text. Nothing here needs Locust."""
