"""What every API view shares: who comes in, who may, and how an error reads."""
