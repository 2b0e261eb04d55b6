"""HTTP/1.1 on one event loop, with the limits and the manners of AWS's HTTP API gateway."""
