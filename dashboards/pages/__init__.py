"""One module per page; ``dashboards.app`` lists them."""
