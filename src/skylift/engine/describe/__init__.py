"""An Api described: its OpenAPI document, and the page made from it. Loaded when asked for."""
