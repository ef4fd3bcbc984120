"""The tests of callboard."""
