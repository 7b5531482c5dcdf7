"""All that knows Streamlit: pages' panels, components, charts and the routes of the server."""
