"""The board: Streamlit pages over a published store. It reads ``live.duckdb`` and nothing else."""
