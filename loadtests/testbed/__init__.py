"""The embedded stack, served by aiohttp: what the tool is proven against."""
