"""What tests share: real brokers as child processes, a browser, and the switch that turns skips into failures."""
