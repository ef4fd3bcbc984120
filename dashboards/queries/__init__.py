"""All SQL of the boards, and nothing else may be SQL there: named queries, each asked within a person's scope."""
