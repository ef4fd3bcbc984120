"""Facts and offsets in DuckDB, published as Parquet and live.duckdb."""
