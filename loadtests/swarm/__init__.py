"""How it runs on Locust, on gevent's own loop."""
