"""One module per page, listed in ``dashboards.access.pages``.

The folder must not be called ``pages``: Streamlit would serve what it finds there by itself, without ``app.py`` and so
without its sign-in, to whoever comes first after a start.
"""
