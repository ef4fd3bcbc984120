"""What an event is: types, decoding, refusals, topics, schemas."""
