"""The rules: merging events into segments, KPI cells and agent timelines. Pure, no I/O."""
