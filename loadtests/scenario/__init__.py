"""What is asked: the model of a rehearsal, read from YAML. The contract every stage reads."""
